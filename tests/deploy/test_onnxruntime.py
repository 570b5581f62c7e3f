"""deploy/ONNXRuntime, by the commands of its README."""

import shlex
import subprocess
import sys

import numpy as np
import onnx
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.formats.mot import read_tracks
from yolox.visualize.video import write_video

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
# As if torch were not there.
WITHOUT_TORCH = """
import runpy, sys
sys.modules["torch"] = None
sys.path.insert(0, sys.argv[1].rpartition("/")[0])
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A video, and the README's first command run."""
    folder = tmp_path_factory.mktemp("deployed")
    with write_video(folder / "walk.mp4", 448, 252, 20.0) as write:
        for image in render(make_scene(8, 10, seed=5, width=448, height=252)):
            write(image)
    for name in ("exps", "pretrained"):
        (folder / name).symlink_to(root / name)
    python, tool, *words = commands(root)[0]
    assert python == "python"
    call(folder, root / tool, *words)
    return folder


def commands(root):
    blocks = (root / "deploy/ONNXRuntime/README.md").read_text().split("```sh\n")[1:]
    return [shlex.split(block.split("```")[0].replace("\\\n", "")) for block in blocks]


def call(folder, *words, code=0, torch=True):
    before = [] if torch else ["-c", WITHOUT_TORCH]
    command = [sys.executable, *before, *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


def test_the_tracks_are_those_of_the_project(root, folder):
    _, (python, tool, *words) = commands(root)
    assert python == "python"
    done = call(folder, root / tool, *words, torch=False)
    assert "boxes" in done.stdout
    assert (folder / "runs/onnx/walk.mp4").stat().st_size > 1000
    call(
        folder, root / "tools/demo_track.py", "video", "--path", "walk.mp4", "-f", root / EXP,
        "-c", root / WEIGHTS, "--conf", 0.1, "--nms", 0.7, "--tracker", "byte_reid",
        "--output", "torch",
    )  # fmt: skip
    mine, theirs = (read_tracks(folder / name / "walk.txt") for name in ("runs/onnx", "torch"))
    assert len(mine) > 20
    assert np.array_equal(mine.frames, theirs.frames)
    assert np.array_equal(mine.ids, theirs.ids)
    np.testing.assert_allclose(mine.boxes, theirs.boxes, atol=0.02)  # written to 0.01


def test_every_option(root, folder):
    words = ["--conf", 0.3, "--nms", 0.5, "--tsize", 288, 512, "--min-box-area", 0]
    words += ["--max-aspect-ratio", 0, "--output", "few"]
    script = root / "deploy/ONNXRuntime/demo_track.py"
    call(folder, script, "nano.onnx", "walk.mp4", *words, torch=False)
    assert len(read_tracks(folder / "few/walk.txt"))


def change(folder, key, value):
    """Write nano.onnx with another text in its metadata."""
    file = onnx.load(str(folder / "nano.onnx"))
    kept = [one for one in file.metadata_props if one.key != key]
    texts = {one.key: one.value for one in kept}
    del file.metadata_props[:]
    onnx.helper.set_model_props(file, texts | ({key: value} if value else {}))
    onnx.save(file, str(folder / "changed.onnx"))
    return folder / "changed.onnx"


@pytest.mark.parametrize(
    ("key", "value", "words", "message"),
    [
        ("boxes", "raw", [], "has raw boxes; export it without --no-decode, --nms"),
        ("bytetrack_reid", "", [], "does not say what it is; write it with tools/export_onnx.py"),
        ("bytetrack_reid", "1", ["--tsize", 64, 64], "takes 288 512, not (64, 64); leave --tsize"),
        ("bytetrack_reid", "1", ["--conf", 2], "score_thresh is 2.0; give a number from 0 to 1"),
    ],
)
def test_what_does_not_go(root, folder, key, value, words, message):
    script = root / "deploy/ONNXRuntime/demo_track.py"
    file = change(folder, key, value)
    done = call(folder, script, file, "walk.mp4", "--output", "bad", *words, code=2)
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
