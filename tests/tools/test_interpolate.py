"""tools/interpolate.py and the commands of docs/offline.md."""

import json

import numpy as np
import pytest

from yolox.formats.mot import read_tracks, write_ground_truth
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
    assert done.stdout.startswith("1 sequences, 18 boxes, 12 filled in; linear\n\nonline\n")
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
    assert f"18 boxes, {added} filled in" in done.stdout


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
