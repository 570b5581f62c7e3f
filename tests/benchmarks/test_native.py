"""The benchmark of the C++ tracker runs; its numbers are not looked at."""

import json
import subprocess
import sys

import pytest

from yolox.data.synthetic import make_scene
from yolox.formats.mot import write_detections, write_ground_truth
from yolox.tracker.native import is_built

INFO = "[Sequence]\nseqLength=10\nimWidth=640\nimHeight=480\nframeRate=30\n"


@pytest.mark.skipif(not is_built(), reason="the C++ tracker is not built")
def test_every_option(root, tmp_path):
    scene = make_scene(4, 10, width=640, height=480, seed=0)
    (tmp_path / "det").mkdir()
    write_detections(tmp_path / "det" / "one.txt", scene.detections)
    (tmp_path / "truth" / "one" / "gt").mkdir(parents=True)
    write_ground_truth(tmp_path / "truth" / "one" / "gt" / "gt.txt", scene.truth)
    (tmp_path / "truth" / "one" / "seqinfo.ini").write_text(INFO)
    words = ["--people", "3", "12", "--frames", "6", "--seed", "1", "--passes", "2",
             "--slow-passes", "1", "--detections", "det", "--gt", "truth", "--half", "val",
             "--json", "times.json"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "native.py"), *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head = "| × byte-native"
    (columns,) = (line for line in done.stdout.splitlines() if line.startswith(head))
    assert [cell.strip() for cell in columns.split("|")[2:-1]] == ["3", "12", "det, val"]
    seconds = json.loads((tmp_path / "times.json").read_text())["seconds"]
    assert len(seconds["12"]["byte-native"]) == len(seconds["12"]["covertrack-native"]) == 2
    assert len(seconds["12"]["covertrack-native, the sequence at once"]) == 2
