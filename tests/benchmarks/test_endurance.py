"""The benchmark of very long videos runs; its times are not looked at."""

import json
import subprocess
import sys

import pytest

from yolox.tracker.native import is_built


@pytest.mark.skipif(not is_built(), reason="the C++ tracker is not built")
def test_every_option(root, tmp_path):
    words = ["--frames", "40", "--people", "3", "--trackers", "byte-native", "--json", "long.json"]
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "endurance.py"), *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "40 frames, 3 people" in done.stdout
    (numbers,) = json.loads((tmp_path / "long.json").read_text())["trackers"].values()
    assert numbers["last_mib"] >= numbers["first_mib"] > 10
    assert numbers["tracks"] >= 1
