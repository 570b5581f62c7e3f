"""tools/track.py from images, as a user types it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from in_process import run_here

from yolox.formats.mot import read_detections

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("track")


@pytest.fixture(scope="module")
def call(root, folder):
    def run(tool, *words):
        return run_here(folder, root / "tools" / f"{tool}.py", *words)

    return run


@pytest.fixture(scope="module")
def scene(call):
    """Two sequences of 8 frames, converted and small."""
    words = ["--frames", 8, "--width", 448, "--height", 252, "--people", 8, "--sequences", 2]
    for done in (
        call("make_synthetic", "--output", "scene", *words),
        call("convert_dataset", "synthetic", "--data-dir", "scene"),
    ):
        assert done.returncode == 0, done.stderr
    return ["street-000", "street-001"]


@pytest.fixture(scope="module")
def network(root):
    return ["-f", root / EXP, "-c", root / WEIGHTS]


@pytest.fixture(scope="module")
def tracked(call, scene, network, folder):
    """All sequences from images by BYTE, with the report."""
    done = call("track", *network, "--gt", "scene/train", "--output", "byte", "--save-detections",
                "found", "--json", "byte.json", "--conf", 0.01)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done, json.loads((folder / "byte.json").read_text())


def test_what_is_printed_and_reported(tracked, scene, folder):
    done, report = tracked
    stages = [line.split()[0] for line in done.stdout.splitlines()[2:6]]
    assert stages == ["read", "prepare", "network", "suppress"]
    assert "of 16 frames; the stages overlap" in done.stdout
    assert "detection: ap " in done.stdout
    assert "byte: 2 sequences, 16 frames, " in done.stdout
    for name in scene:
        assert f"{name}: {len(read_detections(folder / 'found' / f'{name}.txt'))} detections" in (
            done.stderr
        )
        assert (folder / "byte" / f"{name}.txt").stat().st_size
    assert set(report["ms"]) == set(stages)
    assert 0.5 < report["detection"]["ap50"] <= 1
    assert (report["tracker"], report["half"]) == ("byte", "all")
    assert set(report["scores"]) == {"trackeval", "motmetrics"}


@pytest.mark.parametrize("tracker", ["byte", "byte_reid", "sort"])
def test_stored_detections_give_the_same_tracks(call, tracked, network, scene, folder, tracker):
    images = call("track", *network, "--gt", "scene/train", "--output", f"i-{tracker}",
                  "--save-detections", "found", "--conf", 0.01, "--tracker", tracker)  # fmt: skip
    assert images.returncode == 0, images.stderr
    assert all(f"{name}: its detections are there already" in images.stderr for name in scene)
    stored = call("track", "--detections", "found", "--gt", "scene/train", "--output",
                  f"s-{tracker}", "--tracker", tracker)  # fmt: skip
    assert stored.returncode == 0, stored.stderr
    for name in scene:
        rows = (folder / f"s-{tracker}" / f"{name}.txt").read_text()
        assert rows == (folder / f"i-{tracker}" / f"{name}.txt").read_text()
        assert rows
        if tracker == "byte":  # detected and tracked in one go
            assert rows == (folder / "byte" / f"{name}.txt").read_text()


def test_every_way_to_run_the_network(call, tracked, network, scene, folder):
    words = ["--gt", "scene/train", "--sequences", "*-001", "--conf", 0.01, "--min-box-area", 0]
    done = call("track", *network, *words, "--output", "other", "-b", 3, "--no-fuse",
                "--no-channels-last", "--device", "cpu", "--nms", 0.7, "--tsize", 288, 512,
                "--classes", 0, "--overwrite", "-d", 1,
                "--use-sequence-frame-rate", "--max-aspect-ratio", 0, "--benchmark", "MOT17",
                "--workers", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (folder / "other").glob("*.txt")] == ["street-001.txt"]
    one = read_detections(folder / "other" / "detections" / "street-001.txt")
    other = read_detections(folder / "found" / "street-001.txt")
    sure, theirs = one.boxes[one.scores > 0.3], other.boxes[other.scores > 0.3]
    assert len(sure) == len(theirs) > 10
    away = np.abs(sure[:, None] - theirs[None]).max(axis=2).min(axis=1)
    assert away.max() < 0.05


@pytest.mark.slow
def test_two_processes(root, tracked, network, scene, folder):
    words = ["--gt", "scene/train", "--output", "two", "-d", 2, "--device", "cpu", "--conf", 0.01]
    command = [sys.executable, root / "tools" / "track.py", *network, *words]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in scene:
        assert (folder / "two" / f"{name}.txt").read_text() == (
            folder / "byte" / f"{name}.txt"
        ).read_text()


def test_a_half_is_tracked_as_the_cut_of_stored_detections(call, tracked, network, scene, folder):
    """The half is named by --half, or by the exp's validation set."""
    options = ["--conf", 0.01]
    by_name = call("track", *network, *options, "--gt", "scene/train", "--half", "val", "--output",
                   "half")  # fmt: skip
    assert by_name.returncode == 0, by_name.stderr
    by_exp = call("track", *network, *options, "--output", "exp-half", "--save-detections",
                  "half/detections", "data_root", "scene", "val",
                  "annotations/val_half.json")  # fmt: skip
    assert by_exp.returncode == 0, by_exp.stderr
    assert by_exp.stderr.count("are there already") == 2
    cut = call("track", "--detections", "found", "--gt", "scene/train", "--half", "val", "--output",
               "cut")  # fmt: skip
    assert cut.returncode == 0, cut.stderr
    for name in scene:
        rows = (folder / "cut" / f"{name}.txt").read_text()
        assert rows == (folder / "half" / f"{name}.txt").read_text()
        assert rows == (folder / "exp-half" / f"{name}.txt").read_text()
        assert {int(row.split(",")[0]) for row in rows.splitlines()} <= {1, 2, 3}


def test_ap_is_that_of_evaluate_model(call, tracked, network, folder):
    done = call("evaluate_model", *network, "--json", "scores.json", "data_root", "scene",
                "workers", 0, "val", "annotations/train.json", "test_conf", 0.01)  # fmt: skip
    assert done.returncode == 0, done.stderr
    scores = json.loads((folder / "scores.json").read_text())
    _, report = tracked
    for name, value in report["detection"].items():
        # Stored boxes have two decimals, stored scores four.
        assert abs(scores[name] - value) < 2e-3, name


def test_a_test_set_is_tracked_and_not_scored(call, scene, network, folder):
    moved = folder / "unlabelled" / "street-000"
    moved.mkdir(parents=True)
    source = folder / "scene" / "train" / "street-000"
    (moved / "seqinfo.ini").write_text((source / "seqinfo.ini").read_text())
    (moved / "img1").symlink_to(source / "img1")
    done = call("track", *network, "--gt", "unlabelled", "--output", "test", "--json", "test.json")
    assert done.returncode == 0, done.stderr
    assert "the result is not scored" in done.stderr
    assert "detection:" not in done.stdout
    report = json.loads((folder / "test.json").read_text())
    assert "scores" not in report
    assert "detection" not in report
    assert (folder / "test" / "street-000.txt").stat().st_size


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--track-thresh", "60"], "track_thresh is 60.0; give a number from 0 to 1"),
        (["--save-detections", "o"], "which the results would replace; give another folder"),
        (["--output", "scene/train/o"], "lies in the ground truth folder"),
        (["--sequences", "MOT*"], "fits 'MOT*'"),
        (["--fp16", "--bf16"], "--fp16 and --bf16 are both given; choose one"),
        (["--fp16", "--device", "cpu"], "fp16 is for a GPU"),
        (["--tsize", "1", "2", "3"], "argument --tsize: must be at least 32"),
        (["--tsize", "32", "64", "96"], "--tsize has 3 numbers; give height and width"),
        (["--conf", "7"], "score_thresh is 7.0"),
        (["--classes", "cow"], "the detector knows no class 'cow'"),
        (["--device", "toaster"], "there is no device 'toaster'"),
        (["-d", "0"], "argument -d/--devices: must be at least 1"),
        (["--per-sequence", "gone.ini"], "gone.ini"),
        (["--detections", "found"], "--detections are there already; leave -f, -c out, or --det"),
        (["modle", "s"], "there is no setting 'modle'; did you mean model?"),
    ],
)
def test_what_is_wrong_is_one_line(fail, scene, network, folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    assert message in fail("track", *network, "--gt", "scene/train", "--output", "o", *words)
    assert not list(folder.glob("o/**/*.txt"))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--conf", "0", "--nms", "0.6"], "--conf, --nms"),
        (["--classes", "0", "--tsize", "32"], "--classes, --tsize"),
        (["--fp16", "--overwrite", "--save-detections", "d"], "--fp16, --save-detections, --over"),
        (["test_conf", "0.3"], "KEY VALUE"),
    ],
)
def test_what_makes_detections_is_not_ignored_where_they_are(fail, tmp_path, words, named):
    (tmp_path / "a.txt").write_text("")
    error = fail("track", "--detections", tmp_path, "--output", tmp_path / "o", *words)
    assert f"--detections are there already; leave {named}" in error


@pytest.mark.parametrize("words", [["--half", "val"], ["--sequences", "a*"]])
def test_a_part_is_chosen_from_a_tree(fail, network, folder, monkeypatch, words):
    monkeypatch.chdir(folder)
    error = fail("track", *network, "--output", "o", *words)
    assert error == "error: --half and --sequences choose from a tree; give it (--gt)\n"
