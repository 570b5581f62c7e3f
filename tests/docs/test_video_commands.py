"""The commands from images and videos of the README and docs/demo.md, as they stand there."""

import re
import shlex

import pytest
import torch
from engine.exported import YoloxOutput, export
from in_process import run_here

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import write_sequence
from yolox.formats.images import read_image
from yolox.models.blocks import fuse
from yolox.models.build import yolox_nano
from yolox.results.benchmarks import known_sequences
from yolox.visualize.video import write_video

EXPS = {"EXP", "exps/example/mot/yolox_x_mix_det_reid.py"}
WEIGHTS = {"CHECKPOINT", "pretrained/yolox_x_mix_det_reid.pth"}
ROW = "1,1,10,20,30,40,0.9,-1,-1,-1\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with everything that the commands name."""
    folder = tmp_path_factory.mktemp("place")
    for name, half in (("MOT17-02-FRCNN", "train"), ("MOT17-01-FRCNN", "test")):
        scene = make_scene(4, 10, seed=1, width=320, height=192)
        write_sequence(scene, name, folder / "made")
        (folder / "datasets/mot" / half).mkdir(parents=True)
        (folder / "made/train" / name).rename(folder / "datasets/mot" / half / name)
    images = sorted((folder / "datasets/mot/train/MOT17-02-FRCNN/img1").iterdir())
    for video in ("street.mp4", "vtest.avi"):
        with write_video(folder / f"{video}.mp4", 320, 192, 10) as write:
            for image in images:
                write(read_image(image))
        (folder / f"{video}.mp4").rename(folder / video)
    (folder / "frames").symlink_to(folder / "datasets/mot/train")
    network = YoloxOutput(fuse(yolox_nano(80).eval()), decoded=False)
    for numbers in network.parameters():  # the exporter would keep only one of equal tensors
        torch.nn.init.normal_(numbers, std=0.05)
    export(network, folder / "yolox_nano.onnx", (96, 160))
    (folder / "runs/test").mkdir(parents=True)
    for name in known_sequences("MOT17", "test"):
        (folder / "runs/test" / f"{name}.txt").write_text(ROW)
    return folder


def _commands(text):
    """Take the commands of the blocks, continued lines joined."""
    for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL):
        yield from block.replace("\\\n", " ").strip().splitlines()


def _run(root, place, command):
    python, tool, *words = shlex.split(command)
    assert python == "python"
    if "--tsize" in words:
        at = words.index("--tsize")
        words[at + 1 : at + 3] = ["96", "160"]
    elif "-f" in words:  # the networks named are not here: the shipped one stands for them
        exp = root / "exps/example/synthetic/yolox_nano_reid_long.py"
        weights = root / "pretrained/yolox_nano_reid_synthetic.pth"
        words = [exp if word in EXPS else weights if word in WEIGHTS else word for word in words]
        words += ["--tsize", "96", "160"]
    words = [root / word if word.startswith("exps/") else word for word in map(str, words)]
    done = run_here(place, root / tool, *words)
    assert done.returncode == 0, f"{command}\n{done.stderr}"


@pytest.mark.slow
def test_the_readme(root, place):
    text = (root / "README.md").read_text()
    start, end = text.index("## Your video"), text.index("## Use it with your detector")
    commands = list(_commands(text[start:end]))
    assert len(commands) == 6
    for command in commands:
        _run(root, place, command)
    assert (place / "runs/demo_track/street.mp4").is_file()
    assert (place / "runs/mine.html").is_file()
    assert (place / "mine.zip").is_file()


@pytest.mark.slow
def test_the_page_of_the_demo(root, place):
    commands = [c for c in _commands((root / "docs/demo.md").read_text()) if "benchmarks/" not in c]
    assert len(commands) == 6
    for command in commands:
        _run(root, place, command)
