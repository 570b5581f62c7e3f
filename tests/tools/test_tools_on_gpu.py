"""The tools with a network, as a user types them where there is a GPU."""

import json
import subprocess
import sys

import pytest
import torch

pytestmark = pytest.mark.gpu
WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
SETTINGS = (
    "train made/annotations/train.json val made/annotations/train.json data_root . workers 2 "
    "input_size (128,224) test_size (256,448) random_size (3,5) print_interval 1 max_epoch 2 "
    "warmup_epochs 0 no_aug_epochs 1 eval_interval 1 cache none images_per_identity 0"
)
WORDS = SETTINGS.split()


@pytest.fixture(scope="module")
def call(root, tmp_path_factory):
    """Run a tool in a folder with a scene of eight small images."""
    folder = tmp_path_factory.mktemp("tools")

    def run(tool, *words, launcher=()):
        command = [sys.executable, *launcher, root / "tools" / f"{tool}.py", *words]
        done = subprocess.run(
            list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=200,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("make_synthetic", "--output", "made", "--frames", 8, "--width", 448, "--height", 252)
    run("convert_dataset", "synthetic", "--data-dir", "made")
    run.folder = folder
    return run


@pytest.fixture(scope="module")
def network(root):
    return ["-f", root / EXP, "-c", root / WEIGHTS]


@pytest.mark.parametrize("words", [["--fp16", "-o"], ["--precision", "bf16", "--repeatable"], []])
def test_train(gpu, call, network, words):
    output = "-".join(["run", *words])
    out = call("train", *network, "--device", "cuda", "-b", 4, *words, "--output", output, *WORDS)
    assert "on 1 × cuda" in out.splitlines()[0]
    assert out.splitlines()[-1] == f"checkpoints in {output}"
    assert {path.name for path in (call.folder / output).glob("*.pth")} == {
        "best.pth", "epoch_001.pth", "epoch_002.pth", "latest.pth",
    }  # fmt: skip
    out = call("train", *network, "--device", "cuda", "-b", 4, *words, "--output", output,
               "--resume", *WORDS, "max_epoch", 3)  # fmt: skip
    assert "batch 5 of 6" in out


def test_a_repeatable_run_repeats(gpu, call, network):
    for output in ("once", "twice"):
        call("train", *network, "--device", "cuda", "-b", 4, "--repeatable", "--output", output,
             *WORDS)  # fmt: skip
    once, twice = (
        torch.load(call.folder / output / "best.pth", weights_only=True, map_location="cpu")
        for output in ("once", "twice")
    )
    for name, tensor in once["model"].items():
        assert torch.equal(tensor, twice["model"][name]), name


def test_train_by_torchrun(gpu, call, network):
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=1"]
    out = call("train", *network, "--device", "cuda", "-b", 4, "--fp16", "--output", "torchrun",
               *WORDS, "sync_bn", True, launcher=launcher)  # fmt: skip
    assert out.splitlines()[-1] == "checkpoints in torchrun"


def test_evaluate(gpu, call, network):
    scores = {}
    for device in ("cuda", "cpu"):
        call("evaluate_model", *network, "--device", device, "-b", 4, "--json", f"{device}.json",
             *WORDS)  # fmt: skip
        scores[device] = json.loads((call.folder / f"{device}.json").read_text())
    assert scores["cuda"]["ap50"] > 0.5
    assert scores["cuda"] == pytest.approx(scores["cpu"], abs=0.02)


@pytest.mark.parametrize("words", [[], ["--fp16"], ["--bf16"]])
def test_track(gpu, call, network, words):
    output = "-".join(["tracks", *words])
    out = call("track", *network, "--device", "cuda", "-b", 2, *words, "--tsize", 256, 448,
               "--gt", "made/train", "--output", output, "--json", f"{output}.json")  # fmt: skip
    assert "of 8 frames; the stages overlap" in out
    assert json.loads((call.folder / f"{output}.json").read_text())["detection"]["ap50"] > 0.5


def test_demo_of_images(gpu, call, network):
    rows = {}
    for device in ("gpu", "cpu"):
        call("demo_track", "image", "--path", "made/train/street-000/img1", *network, "--device",
             device, "--tsize", 256, 448, "--output", device)  # fmt: skip
        rows[device] = (call.folder / device / "img1.txt").read_text().splitlines()
    assert len(rows["gpu"]) > 8
    assert abs(len(rows["gpu"]) - len(rows["cpu"])) <= 1
