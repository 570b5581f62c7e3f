"""The weights that come with the project, by the commands of the demo."""

import hashlib
import json

import pytest
from in_process import run_here

from yolox.formats.mot import read_detections

NAME = "yolox_nano_reid_synthetic"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"


@pytest.fixture(scope="module")
def call(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")

    def run(tool, *words):
        done = run_here(folder, root / "tools" / f"{tool}.py", *words)
        assert done.returncode == 0, done.stderr
        return done

    run.folder = folder
    run("make_synthetic", "--output", "scene", "--preset", "low_fps", "--frames", 24, "--seed", 950)
    run("convert_dataset", "synthetic", "--data-dir", "scene")
    return run


def test_the_file_is_small_and_the_one_of_the_checksum(root):
    content = (root / "pretrained" / f"{NAME}.pth").read_bytes()
    assert len(content) < 8e6
    expected, name = (root / "pretrained" / f"{NAME}.sha256").read_text().split()
    assert hashlib.sha256(content).hexdigest() == expected
    assert name == f"{NAME}.pth"


@pytest.mark.slow
def test_finds_people_of_unseen_scenes_and_knows_them_again(call, root):
    words = ["-f", root / EXP, "-c", root / "pretrained" / f"{NAME}.pth"]
    call("evaluate_model", *words, "--json", "scores.json", "data_root", "scene", "workers", "0",
         "val", "annotations/train.json")  # fmt: skip
    scores = json.loads((call.folder / "scores.json").read_text())
    assert scores["ap50"] > 0.8
    assert scores["rank_1"] > 0.8


@pytest.mark.slow
def test_from_images_to_a_comparison_of_two_trackers(call, root):
    words = ["-f", root / EXP, "-c", root / "pretrained" / f"{NAME}.pth"]
    # Long enough: in the first half nobody is lost whom looks would bring back.
    call("make_synthetic", "--output", "long", "--preset", "street", "--frames", 90, "--seed", 950)
    words += ["--gt", "long/train", "--save-detections", "found"]
    for tracker in ("byte", "byte_reid"):
        done = call("track", *words, "--tracker", tracker, "--output", tracker)
        assert "detection: ap " in done.stdout
        assert ("already" in done.stderr) == (tracker == "byte_reid")
    found = read_detections(call.folder / "found" / "street-950.txt")
    assert found.embeddings.shape == (len(found), 64)
    table = call("compare_results", "--gt", "long/train", "--results", "byte", "byte_reid").stdout
    rows = [line.split() for line in table.splitlines()[2:4]]
    assert [row[0] for row in rows] == ["byte", "byte_reid"]
    idf1 = [float(row[3]) for row in rows]
    assert idf1[1] > idf1[0]
