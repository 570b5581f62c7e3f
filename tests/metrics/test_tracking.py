"""Scores of sequences so small that they can be worked out by hand."""

import numpy as np
import pytest

from yolox.metrics.hota import THRESHOLDS
from yolox.metrics.scores import doubts, format_scores
from yolox.metrics.tracking import (
    BACKENDS,
    COMBINED,
    PROTOCOLS,
    ScoredSequence,
    annotated_sequences,
    benchmark_of,
    check_annotated,
    evaluate,
    evaluate_with_curves,
    load_sequences,
)
from yolox.structures import InputError, TrackTable, TruthTable

HERE, THERE = [0.0, 0.0, 10.0, 20.0], [500.0, 0.0, 510.0, 20.0]


def _truth(rows):
    """Rows: frame, id, box[, considered[, class]]."""
    rows = [(*row, True, 1)[:5] if len(row) == 3 else (*row, 1)[:5] for row in rows]
    frames, ids, boxes, considered, classes = zip(*rows, strict=True)
    return TruthTable(
        frames=np.array(frames),
        boxes=np.array(boxes, float),
        ids=np.array(ids),
        considered=np.array(considered),
        class_ids=np.array(classes),
        visibility=np.ones(len(rows)),
    )


def _tracks(rows):
    frames = np.array([row[0] for row in rows], dtype=int)
    return TrackTable(
        frames=frames,
        boxes=np.array([row[2] for row in rows], dtype=float).reshape(-1, 4),
        ids=np.array([row[1] for row in rows], dtype=int),
        scores=np.ones(len(rows)),
        class_ids=np.zeros(len(rows), int),
    )


ONE_WALK = [(frame, 1, HERE) for frame in range(1, 5)]

CASES = {
    # name: (truth, tracks, length, expected)
    "perfect": (ONE_WALK, ONE_WALK, 4, {"MOTA": 100, "IDF1": 100, "IDSW": 0, "MT": 1, "ML": 0}),
    "nothing found": (ONE_WALK, [], 4, {"MOTA": 0, "IDF1": 0, "FN": 4, "ML": 1}),
    # One switch in the middle: 4 boxes, 1 error; each identity covers half.
    "switch": (
        ONE_WALK,
        [(1, 1, HERE), (2, 1, HERE), (3, 2, HERE), (4, 2, HERE)],
        4,
        {"MOTA": 75, "IDF1": 50, "IDSW": 1, "FP": 0, "FN": 0},
    ),
    "gap": (
        ONE_WALK,
        [(1, 1, HERE), (4, 1, HERE)],
        4,
        {"MOTA": 50, "FN": 2, "PT": 1, "IDR": 50, "IDP": 100},
    ),
    # TrackEval counts no fragmentation across frames in which the tracker put out nothing at all.
    "fragmentation": (
        ONE_WALK,
        [(1, 1, HERE), (2, 2, THERE), (3, 1, HERE), (4, 1, HERE)],
        4,
        {"MOTA": 50, "FN": 1, "FP": 1, "Frag": 1, "IDSW": 0},
    ),
    "elsewhere": (ONE_WALK, [(f, 1, THERE) for f in range(1, 5)], 4, {"MOTA": -100, "FP": 4}),
    # IoU exactly 0.5 is a match.
    "half the overlap": (ONE_WALK, [(f, 1, [0, 0, 10, 10]) for f in range(1, 5)], 4, {"MOTA": 100}),
    "an unmarked person is no target": (
        [*ONE_WALK, (1, 2, THERE, False)],
        ONE_WALK,
        4,
        {"MOTA": 100, "FN": 0},
    ),
    "frames with neither": ([(2, 1, HERE)], [(2, 7, HERE)], 5, {"MOTA": 100, "IDF1": 100}),
}


@pytest.mark.parametrize(
    ("protocol", "backend"),
    [*(("trackeval", backend) for backend in BACKENDS), ("motmetrics", "fast")],
)
@pytest.mark.parametrize("case", CASES)
def test_by_hand(protocol, backend, case):
    truth, tracks, length, expected = CASES[case]
    truth_rows = sorted(truth, key=lambda row: row[0])
    sequence = ScoredSequence(_truth(truth_rows), _tracks(tracks), length)
    scores = evaluate({"walk": sequence}, protocol, backend=backend)
    for metric, value in expected.items():
        assert scores["walk"][metric] == pytest.approx(value), metric
        assert scores[COMBINED][metric] == pytest.approx(value), metric


def test_motp_is_an_overlap():
    half = [(f, 1, [0, 0, 10, 10]) for f in range(1, 5)]
    for protocol in PROTOCOLS:
        scores = evaluate({"a": ScoredSequence(_truth(ONE_WALK), _tracks(half), 4)}, protocol)
        assert scores["a"]["MOTP"] == pytest.approx(50)
    near = [(f, 1, [0, 0, 10, 16]) for f in range(1, 5)]
    for protocol in PROTOCOLS:
        scores = evaluate({"a": ScoredSequence(_truth(ONE_WALK), _tracks(near), 4)}, protocol)
        assert scores["a"]["MOTP"] == pytest.approx(80)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hota_by_hand(backend):
    """Switch in the middle: DetA 1, every match shares 2 of its 4 frames, so AssA 1/2."""
    truth, tracks, length, _ = CASES["switch"]
    sequence = ScoredSequence(_truth(truth), _tracks(tracks), length)
    scores = evaluate({"walk": sequence}, "trackeval", backend=backend)["walk"]
    assert scores["DetA"] == pytest.approx(100)
    assert scores["AssA"] == pytest.approx(50)
    assert scores["HOTA"] == pytest.approx(100 * 0.5**0.5)
    assert scores["LocA"] == pytest.approx(100)


def test_combined_weighs_by_boxes():
    good = ScoredSequence(_truth(ONE_WALK), _tracks(ONE_WALK), 4)
    bad = ScoredSequence(_truth([(1, 1, HERE)]), _tracks([]), 1)
    for protocol in PROTOCOLS:
        scores = evaluate({"good": good, "bad": bad}, protocol)
        assert list(scores) == ["good", "bad", COMBINED]
        assert scores[COMBINED]["MOTA"] == pytest.approx(80)


@pytest.mark.parametrize(
    ("benchmark", "gt_class", "forgiven"),
    [
        ("MOT17", 7, True),  # a sitting person is a distractor
        ("MOT17", 6, False),  # a vehicle is not ...
        ("MOT20", 6, True),  # ... but on MOT20 it is
        ("MOT16", 8, True),
        ("DanceTrack", 7, True),
        ("MOT15", 7, False),  # knows no classes
    ],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_distractors(backend, benchmark, gt_class, forgiven):
    truth = _truth([(1, 1, HERE, True, 1), (1, 2, THERE, False, gt_class)])
    tracks = _tracks([(1, 1, HERE), (1, 2, THERE)])
    sequence = ScoredSequence(truth, tracks, 1)
    scores = evaluate({"a": sequence}, "trackeval", benchmark, backend=backend)["a"]
    assert scores["FP"] == (0 if forgiven else 1)
    assert evaluate({"a": sequence}, "motmetrics")["a"]["FP"] == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MOT17-02-FRCNN", "MOT17"),
        ("MOT16-02", "MOT16"),
        ("MOT20-01", "MOT20"),
        ("dancetrack0004", "DanceTrack"),
        ("ADL-Rundle-6", "MOT15"),
        ("my street", "MOT15"),
    ],
)
def test_benchmark_by_name(name, expected):
    assert benchmark_of(name) == expected


def test_bad_input_is_named():
    sequence = ScoredSequence(_truth(ONE_WALK), _tracks([(9, 1, HERE)]), 4)
    with pytest.raises(InputError, match="walk: the tracks reach frame 9, the sequence has 4"):
        evaluate({"walk": sequence})
    odd = ScoredSequence(_truth([(1, 1, HERE, True, 99)]), _tracks([(1, 1, HERE)]), 1)
    twice = ScoredSequence(_truth(ONE_WALK), _tracks([(1, 1, HERE), (1, 1, THERE)]), 4)
    for backend in BACKENDS:
        with pytest.raises(
            InputError, match=r"MOT17-x: ground truth has class 99; MOT17 knows 1 to 13"
        ):
            evaluate({"MOT17-x": odd}, backend=backend)
        with pytest.raises(InputError, match="walk: id 1 stands twice in frame 1 of tracks"):
            evaluate({"walk": twice}, backend=backend)
    nobody = ScoredSequence(_truth([(1, 1, HERE, False)]), _tracks([]), 1)
    for protocol in PROTOCOLS:
        with pytest.raises(InputError, match="walk: no row of its ground truth is considered"):
            evaluate({"walk": nobody}, protocol)
    with pytest.raises(InputError, match="no sequence"):
        evaluate({})
    with pytest.raises(InputError, match="protocol is 'mot'"):
        evaluate({"walk": sequence}, "mot")
    with pytest.raises(InputError, match="backend is 'slow'; give fast or trackeval"):
        evaluate({"walk": sequence}, backend="slow")


def test_load_sequences(tmp_path):
    truth, results = tmp_path / "gt", tmp_path / "results"
    for name in ("a", "b"):
        (truth / name / "gt").mkdir(parents=True)
        (truth / name / "seqinfo.ini").write_text(
            "[Sequence]\nseqLength=4\nimWidth=640\nimHeight=480\nframeRate=30\n"
        )
        rows = "".join(f"{frame},1,0,0,10,20,1,1,1\n" for frame in range(1, 5))
        (truth / name / "gt" / "gt.txt").write_text(rows)
    results.mkdir()
    (results / "a.txt").write_text("1,1,0,0,10,20,1,-1,-1,-1\n")
    loaded = load_sequences(truth, results, ["a"], "val")
    assert loaded["a"].length == 1
    assert loaded["a"].truth.frames.tolist() == [1]
    assert evaluate(loaded)[COMBINED]["MOTA"] == 100
    assert annotated_sequences(truth) == {"a", "b"}
    with pytest.raises(InputError, match=r"c\.txt: there is no ground truth"):
        load_sequences(truth, results, ["c"])
    assert check_annotated(truth, ["a", "b"])
    assert not check_annotated(truth, ["c", "d"])
    with pytest.raises(InputError, match=r"no gt/gt\.txt for c; name the sequences"):
        check_annotated(truth, ["a", "c"])


def test_misfits_are_doubted():
    good = evaluate({"walk": ScoredSequence(_truth(ONE_WALK), _tracks(ONE_WALK), 4)})
    assert doubts(good) is None
    elsewhere = _tracks([(frame, 1, THERE) for frame in range(1, 5)])
    bad = evaluate({"walk": ScoredSequence(_truth(ONE_WALK), elsewhere, 4)})
    assert doubts(bad).startswith("note: MOTA -100.0 on walk: are these results of another")


def test_nothing_found_leaves_no_undefined_number():
    for protocol in PROTOCOLS:
        scores = evaluate({"walk": ScoredSequence(_truth(ONE_WALK), _tracks([]), 4)}, protocol)
        assert all(np.isfinite(value) for value in scores[COMBINED].values())


def test_table_has_a_row_for_each_sequence():
    scores = evaluate({"walk": ScoredSequence(_truth(ONE_WALK), _tracks(ONE_WALK), 4)})
    header, _, row, combined = format_scores(scores).splitlines()
    assert header.split()[:2] == ["sequence", "HOTA"]
    assert row.split()[:2] == ["walk", "100.00"]
    assert combined.split()[0] == COMBINED


@pytest.mark.parametrize("backend", BACKENDS)
def test_hota_is_the_mean_of_its_curve(backend):
    """Boxes of 80 % overlap: all is right up to 0.80, and nothing above."""
    near = [(frame, 1, [0, 0, 10, 16]) for frame in range(1, 5)]
    sequences = {
        "near": ScoredSequence(_truth(ONE_WALK), _tracks(near), 4),
        "nothing": ScoredSequence(_truth(ONE_WALK), _tracks([]), 4),
    }
    scores, curves = evaluate_with_curves(sequences, backend=backend)
    assert scores == evaluate(sequences, backend=backend)
    assert list(curves) == ["near", "nothing", COMBINED]
    for metric in ("HOTA", "DetA", "AssA"):
        assert curves["near"][metric] == pytest.approx([100] * 16 + [0] * 3)
        assert curves["nothing"][metric] == pytest.approx([0] * 19)
        for name, row in scores.items():
            assert np.mean(curves[name][metric]) == pytest.approx(row[metric])
    assert curves[COMBINED]["DetA"][0] == pytest.approx(50)
    assert [round(0.05 * step, 2) for step in range(1, 20)] == THRESHOLDS
