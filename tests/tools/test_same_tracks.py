"""Whatever runs the network, the tools give the same tracks."""

import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from in_process import run_here

from yolox.formats.images import read_image
from yolox.formats.mot import read_detections, read_tracks
from yolox.visualize.video import write_video

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
NEEDS = {"onnxruntime": [], "openvino": ["openvino"], "ncnn": ["ncnn", "pnnx"]}
DETECTORS = {
    "onnxruntime": ["--detector", "nano.onnx", "--runtime", "onnxruntime"],
    "openvino": ["--detector", "nano.onnx", "--runtime", "openvino"],
    "ncnn": ["--detector", "nano_ncnn"],
}
FRAMES = 15


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("same")


@pytest.fixture(scope="module")
def call(root, folder):
    def run(tool, *words, code=0):
        done = run_here(folder, root / "tools" / f"{tool}.py", *words)
        assert done.returncode == code, done.stderr
        return done.stderr

    return run


@pytest.fixture(scope="module")
def network(root):
    return ["-f", root / EXP, "-c", root / WEIGHTS]


@pytest.fixture(scope="module")
def scene(call, folder):
    """A sequence of images, and the same as a video."""
    call("make_synthetic", "--output", "scene", "--frames", FRAMES, "--width", 448, "--height", 252)
    images = sorted((folder / "scene/train/street-000/img1").iterdir())
    with write_video(folder / "walk.mp4", 448, 252, 30.0) as write:
        for image in images:
            write(read_image(image))
    return "street-000"


@pytest.fixture(scope="module")
def export(call, network, folder):
    """Write the network in the form that a backend reads, once."""

    def write(backend):
        for name in NEEDS[backend]:
            if find_spec(name) is None:
                pytest.skip(f"{name} is not installed")
        tool, output = (
            ("export_ncnn", "nano_ncnn") if backend == "ncnn" else ("export_onnx", "nano.onnx")
        )
        if not (folder / output).exists():
            call(tool, *network, "--output", output)

    return write


VIDEO = ["video", "--path", "walk.mp4", "--conf", 0.1, "--tracker", "byte_reid"]


@pytest.fixture(scope="module")
def by_torch(call, network, scene, folder):
    call("demo_track", *VIDEO, *network, "--output", "torch")
    tracks = read_tracks(folder / "torch" / "walk.txt")
    assert len(set(tracks.ids.tolist())) > 5
    assert tracks.last_frame == FRAMES
    return tracks


def assert_same(tracks, expected):
    assert np.array_equal(tracks.frames, expected.frames)
    assert np.array_equal(tracks.ids, expected.ids)
    np.testing.assert_allclose(tracks.boxes, expected.boxes, atol=0.02)  # written to 0.01


@pytest.mark.parametrize("backend", DETECTORS)
def test_of_a_video(call, export, by_torch, folder, backend):
    export(backend)
    call("demo_track", *VIDEO, *DETECTORS[backend], "--nms", 0.7, "--output", backend)
    assert_same(read_tracks(folder / backend / "walk.txt"), by_torch)


def test_of_a_video_without_torch(root, export, by_torch, folder):
    export("onnxruntime")
    words = ["nano.onnx", "walk.mp4", "--tracker", "byte_reid", "--output", "deployed"]
    done = subprocess.run(
        [sys.executable, str(root / "deploy/ONNXRuntime/demo_track.py"), *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_same(read_tracks(folder / "deployed" / "walk.txt"), by_torch)


@pytest.mark.parametrize("backend", ["onnxruntime", "ncnn"])
def test_of_sequences(call, export, scene, network, folder, backend):
    """And the same stored detections, which are not taken for those of another detector."""
    export(backend)
    words = ["--gt", "scene/train", "--conf", 0.1, "--save-detections"]
    if not (folder / "of-torch").exists():
        call("track", *network, *words, "found", "--output", "of-torch")
    detector = DETECTORS[backend]
    call("track", *detector, *words, f"by-{backend}", "--output", f"of-{backend}")
    found, expected = (
        read_detections(folder / place / f"{scene}.txt") for place in (f"by-{backend}", "found")
    )
    assert np.array_equal(found.frames, expected.frames)
    np.testing.assert_allclose(found.boxes, expected.boxes, atol=0.02)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-3)
    np.testing.assert_allclose(found.embeddings, expected.embeddings, atol=1e-3)
    tracks, others = (
        read_tracks(folder / place / f"{scene}.txt") for place in (f"of-{backend}", "of-torch")
    )
    assert_same(tracks, others)
    said = call("track", *detector, *words, f"by-{backend}", "--output", f"again-{backend}")
    assert f"{scene}: its detections are there already" in said
    note = json.loads((folder / f"by-{backend}" / "made_by.json").read_text())
    assert len(note["weights"]) == (3 if backend == "ncnn" else 1)
    said = call("track", *detector, *words, "found", "--output", f"other-{backend}", code=2)
    assert "was not made by these weights and settings" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--detector", "scene"], "network.json: no such file"),
        (["--detector", "gone.onnx", "--gt", "scene/train"], "gone.onnx: no such file"),
        (["--detector", "gone.onnx"], "without an exp to say what to run on; give a tree (--gt)"),
        (["--detections", "d", "--detector", "a", "--runtime", "openvino", "--preprocessing",
          "legacy"], "leave --detector, --preprocessing, --runtime out"),
        (["--detector", "a", "--runtime", "tensorflow"], "argument --runtime: invalid choice"),
    ],
)  # fmt: skip
def test_what_does_not_go(fail, scene, folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    tree = (
        [] if "--gt" in words or "gone.onnx" in words or "d" in words else ["--gt", "scene/train"]
    )
    assert message in fail("track", *words, *tree, "--output", "bad")
