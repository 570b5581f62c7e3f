"""The benchmark of all trackers runs; its times are not looked at."""

import json
import subprocess
import sys

import pytest

from yolox.data.synthetic import make_scene
from yolox.formats.mot import write_detections, write_ground_truth

INFO = "[Sequence]\nseqLength=10\nimWidth=640\nimHeight=480\nframeRate=30\n"


@pytest.fixture
def compare(root, tmp_path):
    def run(*words):
        return subprocess.run(
            [sys.executable, str(root / "benchmarks" / "compare.py"), *words],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_every_option(compare, tmp_path):
    scene = make_scene(4, 10, width=640, height=480, seed=0)
    (tmp_path / "det").mkdir()
    write_detections(tmp_path / "det" / "one.txt", scene.detections)
    (tmp_path / "truth" / "one" / "gt").mkdir(parents=True)
    write_ground_truth(tmp_path / "truth" / "one" / "gt" / "gt.txt", scene.truth)
    (tmp_path / "truth" / "one" / "seqinfo.ini").write_text(INFO)
    done = compare(
        "--people", "3", "--frames", "6", "--seed", "1", "--passes", "2", "--budget", "9",
        "--embeddings", "16", "--trackers", "byte", "deep_ocsort", "--detections", "det",
        "--gt", "truth", "--half", "val", "--json", "times.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "### det, half val" in done.stdout
    assert "failed" not in done.stdout
    made, read = json.loads((tmp_path / "times.json").read_text())["scenes"]
    for outcome, frames in ((made, {"generated": 6}), (read, {"one": 4})):
        assert outcome["frames"] == frames
        assert len(outcome["trackers"]["deep_ocsort"]["wall_seconds"]) == 2
        assert outcome["trackers"]["byte"]["ratio"] == 1


@pytest.mark.parametrize(("words", "there"), [((), False), (("--embeddings", "8"), True)])
def test_who_needs_embeddings_is_measured_where_they_are(compare, words, there):
    done = compare("--people", "2", "--frames", "3", "--passes", "1", *words)
    assert done.returncode == 0, done.stderr
    assert "| byte " in done.stdout
    assert ("| strongsort " in done.stdout, "| sort " in done.stdout) == (there, not there)
    assert " failed: " not in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trackers", "motpy", "--embeddings", "8"], "motpy takes no embeddings; leave it or"),
        (["--trackers", "covertrack_reid"], "covertrack_reid needs embeddings; give --embeddings"),
        (["--trackers", "nobody"], "no tracker is called 'nobody'"),
        (["--embeddings", "0"], "--embeddings"),
        (["--people"], "there is nothing to measure; give --people N or"),
        (["--people", "0"], "--people has 0; give at least 1"),
        (["--passes", "0"], "--passes is 0; give at least 1"),
        (["--gt", "truth"], "--detections and --gt belong together; give both"),
    ],
)
def test_faults(compare, words, message):
    done = compare(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
