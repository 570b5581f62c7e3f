"""tools/interpolate.py and the commands of docs/offline.md."""

import json

import numpy as np
import pytest

from yolox.formats.mot import read_tracks, write_ground_truth
from yolox.results.finishing import Finishing, finish_tracks
from yolox.results.interpolation import fill_gaps
from yolox.results.smoothing import smooth_tracks
from yolox.structures import TruthTable


@pytest.fixture
def walk(tmp_path):
    """One person over 30 frames; the result misses frames 11 to 14 and 20 to 27."""
    frames = np.arange(1, 31)
    boxes = np.c_[3.0 * frames, 0 * frames + 50, 3.0 * frames + 40, 0 * frames + 150]
    ones = np.ones(30, dtype=np.int64)
    truth = tmp_path / "gt" / "walk"
    truth.mkdir(parents=True)
    (truth / "seqinfo.ini").write_text(
        "[Sequence]\nname=walk\nseqLength=30\nimWidth=200\nimHeight=200\nframeRate=10\n"
    )
    write_ground_truth(
        truth / "gt" / "gt.txt",
        TruthTable(frames=frames, boxes=boxes, ids=ones, considered=ones == 1, class_ids=ones,
                   visibility=ones),
    )  # fmt: skip
    results = tmp_path / "byte"
    results.mkdir()
    seen = [frame for frame in frames if not (11 <= frame <= 14 or 20 <= frame <= 27)]
    rows = [f"{frame},1,{3 * frame},50,40,100,0.{frame:02},-1,-1,-1\n" for frame in seen]
    (results / "walk.txt").write_text("".join(rows))
    return results


def test_linear_before_and_after(call, walk, tmp_path):
    was = {path.name: path.read_bytes() for path in walk.iterdir()}
    done = call("interpolate", "byte", "--output", "linear", "--gt", "gt")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "1 sequences, 18 boxes of 1 tracks, now 30 boxes of 1 tracks; linear\n\nonline\n"
    )
    assert "\noffline (linear, longer_than 5, gap_below 20)\n" in done.stdout
    # MOTA by each protocol: 18 of 30 before, all after.
    mota = [line.split() for line in done.stdout.splitlines() if line.startswith("COMBINED")]
    assert [mota[0][5], mota[1][1], mota[2][5], mota[3][1]] == [
        "60.00",
        "60.00",
        "100.00",
        "100.00",
    ]
    assert {path.name: path.read_bytes() for path in walk.iterdir()} == was
    assert json.loads((tmp_path / "linear" / "offline.json").read_text()) == [
        {"method": "linear", "longer_than": 5, "gap_below": 20}
    ]
    filled = read_tracks(tmp_path / "linear" / "walk.txt")
    assert filled.frames.tolist() == list(range(1, 31))
    np.testing.assert_allclose(filled.boxes[:, 0], 3 * filled.frames, atol=0.005)
    np.testing.assert_allclose(filled.scores, filled.frames / 100, atol=5e-5)


@pytest.mark.parametrize(
    ("words", "added"),
    [
        (["--gap-below", 9], 4),
        (["--n-dti", 9], 4),
        (["--n_dti=5"], 0),
        (["--n-min", 18], 0),
        (["--longer-than", 17], 12),
    ],
)
def test_which_gaps(call, walk, tmp_path, words, added):
    done = call("interpolate", "byte", "--output", "linear", *words)
    assert done.returncode == 0, done.stderr
    assert f"18 boxes of 1 tracks, now {18 + added} boxes of 1 tracks;" in done.stdout


def test_gaussian_and_a_second_step(call, walk, tmp_path):
    words = ["--method", "gaussian", "--tau", 8, "--noise", 0.01]
    done = call("interpolate", "byte", "--output", "smooth", *words, "--gt", "gt", "--half", "all",
                "--benchmark", "MOT17", "--metrics-backend", "trackeval")  # fmt: skip
    assert done.returncode == 0, done.stderr
    title = "offline (gaussian, longer_than 5, gap_below 20, tau 8.0, noise 0.01)"
    assert title in done.stdout
    expected = smooth_tracks(fill_gaps(read_tracks(walk / "walk.txt")), tau=8, noise=0.01)
    got = read_tracks(tmp_path / "smooth" / "walk.txt")
    np.testing.assert_allclose(got.boxes, expected.boxes, atol=0.011)

    again = call("interpolate", "smooth", "--output", "twice", "--method", "gaussian",
                 "--gt", "gt")  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert f"\n{title}\n" in again.stdout  # what was given is not called online
    steps = json.loads((tmp_path / "twice" / "offline.json").read_text())
    assert [step["method"] for step in steps] == ["gaussian", "gaussian"]
    assert steps[1]["noise"] == 1e-4


def test_lines_at_the_rate_of_the_sequence(call, walk, tmp_path):
    words = ["--method", "lines", "--gap-below", 30, "--min-length", 15, "--gt", "gt"]
    done = call("interpolate", "byte", "--output", "lines", *words, "--use-sequence-frame-rate")
    assert done.returncode == 0, done.stderr
    title = (
        "offline (lines, longer_than 5, gap_below 30, min_length 15, frame_rate of the sequence)"
    )
    assert f"\n{title}\n" in done.stdout
    plan = Finishing(method="lines", gap_below=30, min_length=15)
    expected = finish_tracks(read_tracks(walk / "walk.txt"), plan, frame_rate=10)
    got = read_tracks(tmp_path / "lines" / "walk.txt")
    np.testing.assert_allclose(got.boxes, expected.boxes, atol=0.011)
    assert len(got) == 30

    none = call("interpolate", "byte", "--output", "none", "--min-length", 19)
    assert "18 boxes of 1 tracks, now 0 boxes of 0 tracks; none" in none.stdout
    assert (tmp_path / "none" / "walk.txt").read_text() == ""


@pytest.fixture
def in_two(walk, tmp_path):
    """The walk's second part as a track of its own, and detections of the whole in `found`."""
    rows = (walk / "walk.txt").read_text().splitlines()
    rows = [row.replace(",1,", ",2,", 1) if int(row.split(",")[0]) > 14 else row for row in rows]
    (walk / "walk.txt").write_text("\n".join(rows) + "\n")
    (tmp_path / "found").mkdir()
    detections = "".join(f"{frame},-1,{3 * frame},50,40,100,0.9\n" for frame in range(1, 31))
    (tmp_path / "found" / "walk.txt").write_text(detections)
    return tmp_path / "found" / "walk.npy"


def test_fragments_are_linked_by_motion_and_by_looks(call, in_two):
    done = call("interpolate", "byte", "--output", "motion", "--link", 1, "--gt", "gt")
    assert done.returncode == 0, done.stderr
    assert "18 boxes of 2 tracks, now 30 boxes of 1 tracks" in done.stdout
    assert "gap_below 20, link 1.0, by motion)" in done.stdout

    words = ["--link", 1, "--detections", "found", "--output"]
    np.save(in_two, np.repeat(np.eye(2, dtype=np.float32), [14, 16], axis=0))
    other = call("interpolate", "byte", *words, "looks")
    assert other.returncode == 0, other.stderr
    assert "now 26 boxes of 2 tracks" in other.stdout
    np.save(in_two, np.ones((30, 1), dtype=np.float32))
    assert "now 30 boxes of 1 tracks" in call("interpolate", "byte", *words, "alike").stdout


def test_detections_are_those_of_the_half(call, in_two, walk, tmp_path):
    np.save(in_two, np.ones((30, 1), dtype=np.float32))
    (walk / "walk.txt").write_text(
        "".join(
            f"{frame},{1 + (frame > 7)},{3 * (frame + 16)},50,40,100,0.9,-1,-1,-1\n"
            for frame in (*range(1, 6), *range(10, 15))
        )
    )
    words = ["--link", 1, "--detections", "found", "--gt", "gt", "--output", "o"]
    done = call("interpolate", "byte", *words, "--half", "val")
    assert done.returncode == 0, done.stderr
    assert "now 14 boxes of 1 tracks" in done.stdout
    wrong = call("interpolate", "byte", *words, "--half", "all")
    assert wrong.returncode == 2
    assert "walk.txt: only 0 of 10 boxes lie on a detection" in wrong.stderr


def test_an_empty_sequence_stays_empty(call, walk, tmp_path):
    (walk / "nobody.txt").touch()
    done = call("interpolate", "byte", "--output", "linear")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "linear" / "nobody.txt").read_text() == ""


def test_tracking_does_not_go_where_offline_results_are(call, walk, tmp_path):
    assert call("interpolate", "byte", "--output", "linear").returncode == 0
    (tmp_path / "det").mkdir()
    (tmp_path / "det" / "walk.txt").write_text("1,-1,0,0,5,5,0.9\n")
    done = call("track", "--detections", "det", "--output", "linear")
    assert done.returncode == 2
    assert "linear: holds offline results, as its offline.json says" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone", "--output", "o"], "gone: no such folder"),
        (["byte", "--output", "byte"], "byte: holds the results, which would be replaced"),
        (["byte", "--output", "gt/o", "--gt", "gt"], "lies in the ground truth folder"),
        (["byte", "--output", "o", "--tau", 5], "tau: of method gaussian only; add --method gauss"),
        (["byte", "--output", "o", "--method", "gaussian", "--noise", 0], "noise is 0.0; give a"),
        (["byte", "--output", "o", "--n-min", -1], "must be at least 0, got -1"),
        (["byte", "--output", "o", "--method", "cubic"], "invalid choice: 'cubic'"),
        (["byte", "--output", "o", "--method", "lines", "--tau", 5], "tau: of method gaussian"),
        (["byte", "--output", "o", "--link", -1], "must be at least 0, got -1"),
        (["byte", "--output", "o", "--link", 9999], "walk.txt: seconds is 9999.0; give a"),
        (["byte", "--output", "o", "--min-length", -1], "must be at least 0, got -1"),
        (["byte", "--output", "o", "--detections", "byte"], "--detections serve --link only"),
        (["byte", "--output", "o", "--link", 1, "--detections", "byte"], "have no embeddings"),
        (["byte", "--output", "o", "--link", 1, "--detections", "gone"], "walk.txt: no such file"),
        (["byte", "--output", "o", "--half", "val"], "give the ground truth (--gt)"),
        (["byte", "--output", "o", "--use-sequence-frame-rate"], "give the ground truth (--gt)"),
        (["byte", "--output", "o", "--gt", "gone"], "there is no ground truth"),
    ],
)
def test_bad_input_is_one_line(call, walk, tmp_path, words, message):
    done = call("interpolate", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "o").exists()


def test_help(call):
    assert "python tools/interpolate.py" in call("interpolate", "--help").stdout
