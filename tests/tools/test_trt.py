"""tools/trt.py and benchmarks/precision.py, on a small network and by the documented commands."""

import json
import shlex
import shutil
import subprocess
import sys

import onnx
import pytest
import torch
from export.graphs import like_exported, types
from onnx import TensorProto

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.visualize.video import write_video


@pytest.fixture(autouse=True)
def installed():
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu13 is not installed")


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "walk.mp4"
    with write_video(path, 448, 252, 20.0) as write:
        for image in render(make_scene(8, 6, seed=5, width=448, height=252)):
            write(image)
    return path


def test_every_option(call, video, tmp_path):
    like_exported(tmp_path / "small.onnx")
    done = call(
        "trt", "small.onnx", "--output", "new/small.engine", "--precision", "int8",
        "--calibrate", video, video, "--images", 5, "--min", 1, 32, 64, "--opt", 2, 64, 96,
        "--max", 4, 96, 96, "--workspace", 256, "--save-onnx", "int8.onnx",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report, built = done.stdout.strip().splitlines()
    assert report.startswith("int8, on a drawn scene: scores differ by 0.")
    assert "new/small.engine: " in built
    assert "built by tensorrt_rtx" in built
    assert json.loads((tmp_path / "new/small.engine.json").read_text())["precision"] == "int8"
    model = onnx.load(str(tmp_path / "int8.onnx"))
    assert types(model)["images_half"] == TensorProto.FLOAT16
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in model.graph.node}


def test_single_precision_is_the_file(call, tmp_path):
    like_exported(tmp_path / "small.onnx")
    done = call("trt", "small.onnx", "--output", "a.engine", "--precision", "fp32")
    assert done.returncode == 0, done.stderr
    assert "scores differ by 0 at most" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--precision", "int8"], "int8 and --calibrate go together; give both, or leave both out"),
        (["--calibrate", "a"], "int8 and --calibrate go together"),
        (["--precision", "int8", "--calibrate", "nowhere"], "nowhere"),
        (["--max", 1, 33, 96], "give multiples of 32"),
        (["--max", 1, 32, 96], "give them in rising order"),
        (["--workspace", 0], "must be at least 1"),
        (["--output", "a.trt"], "a.trt: would not be known as an engine; end its name .engine"),
    ],
)
def test_what_does_not_go(fail, tmp_path, words, message):
    path = like_exported(tmp_path / "small.onnx")
    assert message in fail("trt", path, "--output", tmp_path / "a.engine", *words)
    assert list(tmp_path.iterdir()) == [path]


def test_without_tensorrt(fail, tmp_path, monkeypatch):
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, None)
    error = fail("trt", tmp_path / "a.onnx", "--output", tmp_path / "a.engine")
    assert "install TensorRT: pip install tensorrt-cu13, or tensorrt-rtx-cu13" in error


def commands(page):
    """Give the commands in a page's text as words; installations are the reader's."""
    blocks = page.split("```sh\n")[1:]
    text = "\n".join(block.split("```")[0] for block in blocks).replace("\\\n", "")
    found = [shlex.split(line) for line in text.strip().splitlines() if line]
    return [words[1:] for words in found if words[0] == "python"]


def follow(root, folder, words, *, needs_gpu):
    """Run a command; where it needs a GPU that is not there, it says so in one line."""
    done = subprocess.run(
        [sys.executable, str(root / words[0]), *words[1:]],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if needs_gpu and not torch.cuda.is_available():
        assert done.returncode == 2
        assert "an engine runs on a GPU, not on cpu; take the ONNX file" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    else:
        assert done.returncode == 0, done.stderr


@pytest.fixture
def place(root, video, tmp_path):
    for folder in ("exps", "pretrained"):
        (tmp_path / folder).symlink_to(root / folder)
    shutil.copy(video, tmp_path)
    return tmp_path


def test_the_commands_of_deploy(root, place):
    listed = commands((root / "deploy/TensorRT/python/README.md").read_text())
    assert [words[0] for words in listed] == [
        "tools/export_onnx.py", "tools/trt.py", "tools/demo_track.py", "tools/trt.py",
    ]  # fmt: skip
    for words in listed:
        follow(root, place, words, needs_gpu="demo_track" in words[0])
    assert (place / "nano_int8.engine").stat().st_size > 10**6


@pytest.mark.slow
def test_the_commands_of_the_page(root, place, call):
    page = (root / "docs" / "deployment.md").read_text()
    listed = commands(page.split("\n## TensorRT\n")[1].split("\n## ")[0])
    assert [words[0] for words in listed] == [
        "tools/export_onnx.py", "tools/trt.py", "tools/demo_track.py", "benchmarks/precision.py",
    ]  # fmt: skip
    export, build, run, score = listed
    follow(root, place, export, needs_gpu=False)
    follow(root, place, [*build, "--save-onnx", "nano_int8.onnx"], needs_gpu=False)
    follow(root, place, run, needs_gpu=True)
    follow(
        root, place, ["tools/trt.py", "nano.onnx", "--output", "a.engine", "--save-onnx",
        "nano_fp16.onnx"], needs_gpu=False,
    )  # fmt: skip
    done = call("make_synthetic", "--output", "datasets/synthetic_val", "--frames", 2)
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [sys.executable, str(root / score[0]), *score[1:], "--classes", "pedestrian",
        "--device", "cpu"], cwd=place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = [line.split("|")[1:-1] for line in done.stdout.strip().splitlines()]
    assert [row[0].strip() for row in table[2:]] == [
        "nano.onnx", "nano_fp16.onnx", "nano_int8.onnx",
    ]  # fmt: skip
    scores = [float(row[2]) for row in table[2:]]
    assert min(scores) > 30
    assert max(scores) - min(scores) < 5
