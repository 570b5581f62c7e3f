"""The benchmark of the backends runs; its times are not looked at."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def call(root, tmp_path):
    def run(*words):
        command = [sys.executable, str(root / "benchmarks" / "backends.py"), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_every_option(call, tmp_path):
    done = call("--networks", "nano:64x96", "--backends", "ONNX Runtime", "OpenCV DNN",
                "--threads", "1", "--rounds", "1", "--json", "times.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "### nano at 64 × 96, weights drawn, 1 thread\n" in done.stdout
    (table,) = json.loads((tmp_path / "times.json").read_text())["tables"]
    assert list(table["backends"]) == ["torch", "ONNX Runtime", "OpenCV DNN"]
    assert all(0 <= one["score"] < 1e-3 for one in table["backends"].values())
    assert all(len(one["wall"]) == 1 for one in table["backends"].values())


def test_what_is_no_network(call):
    done = call("--networks", "nano:65x96")
    assert done.returncode == 2
    assert "is no network; give nano, tiny, s, m, l, x and multiples of 32: nano:416x416" in (
        done.stderr
    )
