"""The benchmark of engines, as far as it goes without a GPU; its numbers are not looked at."""

import json
import subprocess
import sys

import pytest


def call(root, folder, *words):
    return subprocess.run(
        [sys.executable, str(root / "benchmarks" / "engines.py"), *map(str, words)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_without_a_gpu(root, tmp_path):
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu13 is not installed")
    words = ["--device", "cpu", "--networks", "nano:64x96", "--batches", 1, "--json", "a.json"]
    done = call(root, tmp_path, *words, "--minutes", 30)
    assert done.returncode == 0, done.stderr
    for precision in ("fp32", "fp16", "int8"):
        assert f"- TensorRT {precision}: was built" in done.stdout
        assert f"TensorRT {precision}: " in done.stderr
    assert "an engine runs on a GPU, not on cpu" in done.stderr
    (row,) = json.loads((tmp_path / "a.json").read_text())["rows"]
    times = row["milliseconds"]
    assert [name for name, found in times.items() if found is None] == [
        "TensorRT fp32", "TensorRT fp16", "TensorRT int8",
    ]  # fmt: skip
    assert times["torch fp32"] > 0


def test_what_does_not_go(root, tmp_path):
    assert "there is no GPU; look at what works without" in call(root, tmp_path).stderr
    done = call(root, tmp_path, "--networks", "nano:60x96")
    assert "'nano:60x96' is no network; give nano" in done.stderr
    assert done.returncode == 2
