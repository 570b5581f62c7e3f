"""tools/export_ncnn.py, by the commands of docs/deployment.md."""

import json
import shlex

import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.formats.mot import read_tracks
from yolox.visualize.video import write_video

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"


@pytest.fixture(autouse=True)
def installed():
    for name in ("ncnn", "pnnx"):
        pytest.importorskip(name, reason=f"{name} is not installed")


def test_the_documented_commands(call, root, tmp_path):
    with write_video(tmp_path / "walk.mp4", 448, 252, 20.0) as write:
        for image in render(make_scene(8, 3, seed=5, width=448, height=252)):
            write(image)
    for folder in ("exps", "pretrained"):
        (tmp_path / folder).symlink_to(root / folder)
    page = (root / "docs" / "deployment.md").read_text().split("## ncnn\n")[1]
    example = page.split("```sh\n")[1].split("```")[0].replace("\\\n", "")
    export, track = map(shlex.split, example.strip().splitlines())
    assert (export[:2], track[:2]) == (
        ["python", "tools/export_ncnn.py"],
        ["python", "tools/demo_track.py"],
    )
    done = call("export_ncnn", *export[2:])
    assert done.returncode == 0, done.stderr
    assert "(0.001 is allowed)" in done.stdout
    assert (tmp_path / "nano_ncnn" / "network.param").exists()
    done = call("demo_track", *track[2:])
    assert done.returncode == 0, done.stderr
    assert len(read_tracks(tmp_path / "runs" / "ncnn" / "walk.txt"))


def test_every_option(call, root, tmp_path):
    words = ["-f", root / EXP, "-c", root / WEIGHTS, "--output", "small"]
    done = call("export_ncnn", *words, "--tsize", 64, 96, "--no-reid", "emb_dim", "64")
    assert done.returncode == 0, done.stderr
    texts = json.loads((tmp_path / "small" / "network.json").read_text())
    assert (texts["input_size"], texts["embedding_dim"]) == ("[64, 96]", "0")


def test_what_does_not_go(fail, root, tmp_path):
    error = fail("export_ncnn", "-f", root / EXP, "-c", tmp_path / "a.pth", "--output", tmp_path)
    assert "a.pth: no such file" in error
