"""tools/embed.py as a user types it."""

import re
import shlex

import numpy as np
import pytest
from engine.test_crop_embedder import write_network

from yolox.formats.mot import read_detections

NAMES = ["street-000", "street-001"]
FOUND = "s/detections/train"


@pytest.fixture
def scenes(call, tmp_path):
    """Two sequences of 6 frames that `tools/make_synthetic.py` drew, and a network."""
    done = call("make_synthetic", "--output", "s", "--frames", 6, "--people", 5,
                "--width", 320, "--height", 180, "--sequences", 2)  # fmt: skip
    assert done.returncode == 0, done.stderr
    write_network(tmp_path / "network.onnx")
    return ["--model", "network.onnx", "--detections", FOUND, "--images", "s/train"]


def test_embeddings_are_aligned_with_the_rows(call, scenes, tmp_path):
    done = call("embed", *scenes, "--output", "looks", "-b", 2)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "embeddings in looks"
    for name, line in zip(NAMES, lines, strict=False):
        file = tmp_path / FOUND / f"{name}.txt"
        expected = read_detections(file, tmp_path / f"looks/{name}.npy").embeddings
        assert line == f"{name}: {len(expected)} embeddings"
        # The same rows in another order: each keeps its own embedding.
        rows = file.read_text().splitlines(keepends=True)
        shuffled = np.random.default_rng(0).permutation(len(rows))
        (tmp_path / "mixed").mkdir(exist_ok=True)
        (tmp_path / f"mixed/{name}.txt").write_text("".join(rows[row] for row in shuffled))
    words = ["--model", "network.onnx", "--detections", "mixed", "--images", "s/train"]
    mixed = call("embed", *words, "--output", "mixed")  # beside the detections
    assert mixed.returncode == 0, mixed.stderr
    for name in NAMES:
        rows = (tmp_path / FOUND / f"{name}.txt").read_text().splitlines()
        mixed_rows = (tmp_path / f"mixed/{name}.txt").read_text().splitlines()
        looks = np.load(tmp_path / f"looks/{name}.npy")
        mixed_looks = np.load(tmp_path / f"mixed/{name}.npy")
        assert looks.dtype == np.float32
        for row, look in zip(mixed_rows, mixed_looks, strict=True):
            np.testing.assert_allclose(look, looks[rows.index(row)], atol=1e-6)
    tracked = call("track", "--detections", "mixed", "--tracker", "botsort_reid", "--output", "out")
    assert tracked.returncode == 0, tracked.stderr


def test_a_stopped_run_goes_on(call, scenes, tmp_path):
    assert call("embed", *scenes, "--output", "looks", "--sequences", "*-000").returncode == 0
    assert not list((tmp_path / "looks").glob("*-001*"))
    done = call("embed", *scenes, "--output", "looks")
    assert "street-000: already there" in done.stdout
    assert "street-001: " in done.stdout
    other = call("embed", *scenes, "--output", "looks", "--mean", 0, 0, 0)
    assert other.returncode == 2
    assert "looks/street-000.npy: was not made from these files with these" in other.stderr


def test_what_the_network_expects(call, scenes, tmp_path):
    for output, words in {
        "rgb": ["--channels", "rgb", "--scale", 1, "--mean", 0, 0, 0, "--std", 1, 1, 1],
        "bgr": ["--channels", "bgr", "--scale", 0.5, "--mean", 0, 0, 0, "--std", 2, 2, 2,
                "--size", 4, 2],
    }.items():  # fmt: skip
        done = call("embed", *scenes, "--output", output, *words)
        assert done.returncode == 0, done.stderr
    one, other = (np.load(tmp_path / output / "street-000.npy") for output in ("rgb", "bgr"))
    np.testing.assert_allclose(one, other[:, ::-1], atol=1e-5)


def test_faults_in_one_line(fail, call, scenes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = tmp_path / "short"
    short.mkdir()
    (short / "street-000.txt").write_text("9,-1,1,1,5,5,0.9\n")
    words = ["--model", "network.onnx", "--images", "s/train", "--output", "out"]
    assert "reach frame 9, but seqinfo.ini gives the sequence 6 frames" in fail(
        "embed", *words, "--detections", "short"
    )
    (short / "street-000.txt").write_text("2,-1,900,1,5,5,0.9\n")
    done = call("embed", *words, "--detections", "short", "--output", "far")
    assert "note: street-000: 1 boxes have no pixel in the image; they got" in done.stderr
    (short / "street-000.txt").write_text("")
    empty = call("embed", *words, "--detections", "short", "--output", "empty")
    assert "street-000: 0 embeddings" in empty.stdout
    assert len(read_detections(short / "street-000.txt", tmp_path / "empty/street-000.npy")) == 0
    assert "network.txt: no such file" in fail("embed", *scenes, "--model", "network.txt",
                                               "--output", "out")  # fmt: skip
    (short / "elsewhere.txt").write_text("1,-1,1,1,5,5,0.9\n")
    assert "s/train/elsewhere/seqinfo.ini" in fail(
        "embed", *words, "--detections", "short", "--sequences", "elsewhere"
    )


def test_the_commands_of_the_page(root, call, scenes):
    """Those of docs/trackers/embeddings.md, with the folders of this scene."""
    text = (root / "docs/trackers/embeddings.md").read_text()
    commands = re.findall(r"^python tools/(\S+)\.py (.*)$", text.replace("\\\n", " "), re.MULTILINE)
    assert {tool for tool, _ in commands} == {"embed", "track"}
    for tool, line in commands:
        line = line.replace("datasets/mot/train", "s/train").replace("osnet.onnx", "network.onnx")
        done = call(tool, *shlex.split(line.replace("DETECTIONS", FOUND)))
        assert done.returncode == 0, done.stderr
