"""tools/export_onnx.py, and what demo_track.py makes of its files."""

import hashlib
import re

import numpy as np
import onnx
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.onnx_detector import OnnxDetector
from yolox.formats.mot import read_tracks
from yolox.visualize.video import write_video

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"


@pytest.fixture
def network(root):
    return ["-f", root / EXP, "-c", root / WEIGHTS]


def test_a_file_tracks_as_its_checkpoint_does(call, network, root, tmp_path):
    done = call("export_onnx", *network, "--output", "nano.onnx")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"nano\.onnx: differs from torch by at most \S+ \(0\.001 is allowed\)\n", done.stdout
    )
    texts = {one.key: one.value for one in onnx.load(str(tmp_path / "nano.onnx")).metadata_props}
    assert texts["weights_sha256"] == hashlib.sha256((root / WEIGHTS).read_bytes()).hexdigest()
    assert (texts["preprocessing"], texts["input_size"]) == ("legacy", "[288, 512]")

    with write_video(tmp_path / "walk.mp4", 448, 252, 20.0) as write:
        for image in render(make_scene(8, 10, seed=5, width=448, height=252)):
            write(image)
    words = ["video", "--path", "walk.mp4", "--tracker", "byte_reid", "--conf", "0.1"]
    for name, detector in (("torch", network), ("onnx", ["--detector", "nano.onnx"])):
        done = call("demo_track", *words, *detector, "--output", name)
        assert done.returncode == 0, done.stderr
    mine, theirs = (read_tracks(tmp_path / name / "walk.txt") for name in ("onnx", "torch"))
    assert len(mine) > 20
    assert np.array_equal(mine.frames, theirs.frames)
    assert np.array_equal(mine.ids, theirs.ids)
    np.testing.assert_allclose(mine.boxes, theirs.boxes, atol=0.02)  # written to 0.01


def test_every_option(call, network, tmp_path):
    done = call(
        "export_onnx", *network, "--output", "out/any.onnx", "--tsize", 96, 160,
        "--batch", "dynamic", "--dynamic-size", "--nms", "--conf", 0.2, "--nms-thresh", 0.6,
        "--opset", 20, "--no-reid",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    detector = OnnxDetector(tmp_path / "out" / "any.onnx")
    assert (detector.boxes, detector.size, detector.batch_size) == ("suppressed", (96, 160), None)
    assert (detector.score_thresh, detector.nms_thresh) == (0.2, 0.6)
    assert detector.metadata.embedding_dim == 0
    done = call(
        "export_onnx", *network, "--output", "raw.onnx", "--tsize", 64, "--batch", 3, "--no-decode",
        "emb_dim", "64",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    detector = OnnxDetector(tmp_path / "raw.onnx")
    assert (detector.boxes, detector.size, detector.batch_size) == ("raw", (64, 64), 3)
    assert detector.metadata.embedding_dim == 64


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--batch", "some"], "argument --batch: invalid batch_size value: 'some'"),
        (["--batch", "0"], "argument --batch: must be at least 1, got 0"),
        (["--opset", "9"], "opset is 9; give 18 to 23"),
        (["--nms", "--no-decode"], "suppression needs boxes, not offsets; leave --no-decode or"),
        (["--tsize", "100"], r"input is \[100, 100\]; give multiples of 32"),
        (["--tsize", "64", "64", "64"], "--tsize has 3 numbers; give height and width"),
        (["-c", "gone.pth"], "gone.pth: no such file"),
    ],
)
def test_what_does_not_go(fail, network, tmp_path, words, message):
    error = fail("export_onnx", *network, "--output", tmp_path / "a.onnx", *words)
    assert re.search(message, error)
    assert not (tmp_path / "a.onnx").exists()
