"""deploy/ncnn/cpp, built against a double of ncnn (doubles/ncnn), whose numbers are known."""

import json
import shutil

import numpy as np
import pytest
from cpp_programs import (
    LEAKS_ALLOWED,
    SANITIZED,
    WALK,
    commands,
    copy_sources,
    fault,
    run,
    run_line,
    write_walk,
)

from yolox.formats.network_metadata import NetworkMetadata
from yolox.structures.preprocessing import CURRENT

pytestmark = pytest.mark.slow

HEIGHT, WIDTH, PLACES = 64, 96, 8 * 12 + 4 * 6 + 2 * 3


@pytest.fixture(scope="module")
def place(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ncnn")
    copy_sources(root, folder, "ncnn")
    package = folder / "ncnn" / "install" / "lib" / "cmake"
    doubles = root / "tests" / "deploy" / "doubles"
    package.mkdir(parents=True)
    shutil.copytree(doubles / "ncnn", package / "ncnn")
    shutil.copy(doubles / "echo.hpp", package)
    for line in commands((root / "deploy/ncnn/cpp/README.md").read_text(), 1):
        run_line(folder, line, **SANITIZED)
    rng = np.random.default_rng(0)
    rng.random((3, HEIGHT, WIDTH), np.float32).tofile(folder / "input")
    return folder


@pytest.fixture
def program(place):
    return place / "deploy/ncnn/cpp/build/run_ncnn"


def write_network(
    folder, param, *, size=(HEIGHT, WIDTH), embedding_dim=8, names=("person",), weights="weights"
):
    folder.mkdir(exist_ok=True)
    (folder / "network.param").write_text(param)
    (folder / "network.bin").write_text(weights)
    metadata = NetworkMetadata(CURRENT, list(names), size, "decoded", embedding_dim, "")
    (folder / "network.json").write_text(json.dumps(metadata.to_texts()))
    return folder


def words(folder, output="out"):
    return (folder, "input", str(HEIGHT), str(WIDTH), output)


def test_rows_and_embeddings(place, program, tmp_path):
    network = write_network(tmp_path / "a", "in in0\nout out0 7\nout out1 8", names=("a", "b"))
    said = run(place, program, *words(network, tmp_path / "out"), "2")
    assert f"{PLACES} rows of 7 numbers, embeddings of 8\n" in said
    assert "ms a run\n" in said
    assert "threads 8, fp16 0 0 0, bf16 0, vulkan 0\n" in said  # 8: the double's own number
    rows = np.fromfile(tmp_path / "out", np.float32).reshape(PLACES, 7)
    image = np.fromfile(place / "input", np.float32).reshape(3, HEIGHT, WIDTH)
    box = [image[0, 0, 0], image[1, 0, 0], image[2, 0, 0], image[2, -1, -1]]
    assert np.array_equal(rows[0], np.array([*box, 0.9, 1, 0], np.float32))
    assert not rows[1:].any()
    embeddings = np.fromfile(tmp_path / "out.embeddings", np.float32).reshape(PLACES, 8)
    assert embeddings[0].tolist() == [3, 4, 0, 0, 0, 0, 0, 0]
    assert embeddings[7].tolist() == [4, 0, 0, 0, 0, 0, 0, 3]
    assert embeddings.sum() == 7 * PLACES


def test_a_network_without_embeddings(place, program, tmp_path):
    network = write_network(tmp_path / "a", "in in0\nout out0 6", embedding_dim=0)
    said = run(place, program, *words(network, tmp_path / "out"))
    assert f"{PLACES} rows of 6 numbers, embeddings of 0\n" in said
    assert not (tmp_path / "out.embeddings").exists()


GOOD = "in in0\nout out0 6\nout out1 8"
ANEW = "export it anew with tools/export_ncnn.py"


@pytest.mark.parametrize(
    ("param", "changes", "message"),
    [
        (GOOD, {"weights": "x"}, f"ncnn cannot read network.param and network.bin; {ANEW}"),
        ("nonsense", {}, f"ncnn cannot read network.param and network.bin; {ANEW}"),
        ("in x\nout out0 6\nout out1 8", {}, "network.param lacks an input or output that"),
        ("in in0\nout x 6\nout out1 8", {}, "network.param lacks an input or output that"),
        ("in in0\nout out0 6", {}, "network.param lacks an input or output that"),
        (GOOD + "\nfail", {}, f"ncnn cannot run it; there is too little memory, or {ANEW}"),
        (GOOD + "\nflat", {}, f"out0 is no array of rows; {ANEW}"),
        (GOOD, {"embedding_dim": 4}, f"puts out {PLACES} × 6 and embeddings of 8 numbers; by its"),
        (GOOD, {"names": "abc"}, f"puts out {PLACES} × 6 and embeddings of 8 numbers; by its"),
        (GOOD, {"size": (64, 64)}, "was exported for 64 × 64, not 64 × 96; leave --tsize out"),
    ],
)
def test_faults_of_a_network(place, program, tmp_path, param, changes, message):
    network = write_network(tmp_path / "a", param, **changes)
    assert fault(place, program, *words(network)).startswith(f"{network}: {message}")


@pytest.mark.parametrize("name", ["network.json", "network.param", "network.bin"])
def test_a_file_is_missing(place, program, tmp_path, name):
    network = write_network(tmp_path / "a", GOOD)
    (network / name).unlink()
    message = f"{network}/{name}: cannot be read; give a folder that tools/export_ncnn.py wrote"
    assert fault(place, program, *words(network)) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "give NETWORK INPUT HEIGHT WIDTH OUTPUT [RUNS]"),
        ({1: "gone"}, "gone: cannot be read"),
        ({1: "short"}, "short: has 4 bytes, not the 73728 of 3 × height × width float32"),
        ({2: "6x"}, "HEIGHT is '6x'; give a whole number from 1"),
        ({3: "0"}, "WIDTH is '0'; give a whole number from 1"),
        ({4: "no/out"}, "no/out: cannot be written"),
        ({5: "-1"}, "RUNS is '-1'; give a whole number from 1"),
    ],
)
def test_faults_of_the_command_line(place, program, tmp_path, change, message):
    (place / "short").write_bytes(bytes(4))
    given = [*words(write_network(tmp_path / "a", GOOD)), "1"]
    for index, word in change.items():
        given[index] = word
    assert fault(place, program, *given, *([] if change else ["more"])) == message


def test_a_video(root, place):
    if not (place / "deploy/ncnn/cpp/build/track_ncnn").exists():
        pytest.skip("it is not built without OpenCV")
    tracks = write_walk(place)
    write_network(place / "nano_ncnn", GOOD, size=WALK)
    # The network's own export is tested with tools/export_ncnn.py.
    _, line = commands((root / "deploy/ncnn/cpp/README.md").read_text(), 2)
    run_line(place, line, **LEAKS_ALLOWED)
    assert (place / "runs/ncnn/walk.mp4").stat().st_size > 1000
    assert (place / "runs/ncnn/walk.txt").read_text().count("\n") == 8
    line = line.replace("walk.mp4", "walk") + " --threads 3 --fp16"
    said = run_line(place, line, **LEAKS_ALLOWED)
    assert "threads 3, fp16 1 1 1, bf16 0, vulkan 0\n" in said
    assert (place / "runs/ncnn/walk.txt").read_text() == tracks["byte"]
    run_line(place, f"{line} --no-video --tracker covertrack", **LEAKS_ALLOWED)
    assert (place / "runs/ncnn/walk.txt").read_text() == tracks["covertrack"]
    program = place / "deploy/ncnn/cpp/build/track_ncnn"
    message = "--threads is '0'; give a whole number of at least 1"
    words = [program, "nano_ncnn", "walk", "--threads", "0"]
    assert fault(place, *words, **LEAKS_ALLOWED) == message
    said = run(place, program, "--help", **LEAKS_ALLOWED)
    assert "a folder of tools/export_ncnn.py" in said
    assert "--threads N " in said


def test_nothing_is_built_without_ncnn(place):
    words = ["cmake", "-S", "deploy/ncnn/cpp", "-B", "none", "-DCMAKE_DISABLE_FIND_PACKAGE_ncnn=1"]
    assert "nothing to build: ncnn was not found; give -Dncnn_ROOT=" in run(place, *words)
    run(place, "cmake", "--build", "none")


def test_the_video_program_needs_opencv(place):
    words = ["-Dncnn_ROOT=ncnn/install", "-DCMAKE_DISABLE_FIND_PACKAGE_OpenCV=1"]
    said = run(place, "cmake", "-S", "deploy/ncnn/cpp", "-B", "no_video", *words)
    assert "OpenCV was not found: track_ncnn is not built" in said
