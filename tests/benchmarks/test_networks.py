"""The benchmarks of networks run; their numbers are not looked at."""

import subprocess
import sys

import pytest


@pytest.fixture
def call(root, tmp_path):
    def run(script, *words):
        command = [sys.executable, root / script, *words]
        return subprocess.run(
            list(map(str, command)), cwd=tmp_path, capture_output=True, text=True, timeout=200,
            check=False,
        )  # fmt: skip

    return run


def test_every_option_of_inference(call):
    done = call("benchmarks/inference.py", "--model", "nano", "tiny", "--size", 64, 96, "--batch",
                1, 2, "--device", "cpu", "--precision", "fp32", "bf16", "--search", "--rounds",
                1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line.split("|")[1:4] for line in done.stdout.splitlines()[5:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        [name, precision, batch]
        for name in ("nano", "tiny")
        for precision in ("fp32", "bf16")
        for batch in ("1", "2")
    ]


def test_every_option_of_training(call, root, tmp_path):
    made = ["--output", "made", "--frames", 4, "--width", 160, "--height", 90]
    assert call("tools/make_synthetic.py", *made).returncode == 0
    assert call("tools/convert_dataset.py", "synthetic", "--data-dir", "made").returncode == 0
    words = ["-f", root / "exps/example/synthetic/yolox_nano_reid.py", "-b", 2, "--device", "cpu",
             "--precision", "tf32", "--search", "--batches", 2, "--threads", 1]  # fmt: skip
    settings = {
        "data_root": ".", "train": "made/annotations/train.json", "workers": 0, "cache": "none",
        "val": "made/annotations/train.json", "input_size": (64, 96), "test_size": (64, 96),
        "random_size": (2, 2), "no_aug_epochs": 0, "eval_interval": 99, "max_epoch": 7,
    }  # fmt: skip
    words += [word for pair in settings.items() for word in pair]
    done = call("benchmarks/training.py", *words)
    assert done.returncode == 0, done.stderr
    parts = [line.split("|")[1].strip() for line in done.stdout.splitlines() if "%  " in line]
    assert {"forward", "loss", "backward", "optimiser", "waiting for data", "rest"} <= set(parts)
    assert "images a second" in done.stdout.splitlines()[-1]
    short = call("benchmarks/training.py", *words, "max_epoch", 3)
    assert short.returncode == 2
    assert "the run ended after 6 batches; raise max_epoch, or give fewer" in short.stderr
