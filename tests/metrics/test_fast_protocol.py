"""Every number held to TrackEval's, on made-up scenes and on MOT17."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import tracks_of, truth_of

from yolox.data.synthetic import make_scene
from yolox.engine.tracking import plan_jobs, run_jobs
from yolox.metrics.tracking import BENCHMARKS, ScoredSequence, evaluate_with_curves, load_sequences
from yolox.structures import TrackTable
from yolox.tracker.byte_tracker import ByteTrack


def _assert_equal(sequences, benchmark=None):
    scores, curves = evaluate_with_curves(sequences, benchmark)
    expected, expected_curves = evaluate_with_curves(sequences, benchmark, backend="trackeval")
    assert list(scores) == list(expected)
    for name, row in expected.items():
        assert list(scores[name]) == list(row)
        assert scores[name] == pytest.approx(row, rel=0, abs=1e-6), name
        assert [type(value) for value in scores[name].values()] == [
            type(value) for value in row.values()
        ]
        for metric, curve in expected_curves[name].items():
            assert curves[name][metric] == pytest.approx(curve, rel=0, abs=1e-6), (name, metric)


def _scene(seed, whole_pixels):
    """People who walk about, and tracks that follow them, mix them up and lose them.

    Some people are not considered or of another class. Ids are far apart. Frames may be empty on
    either side, and all may be without tracks.
    """
    chance = np.random.default_rng(seed)
    length, people = int(chance.integers(1, 15)), int(chance.integers(1, 10))
    followers = int(chance.integers(0, people + 4))
    place, pace = chance.random((people, 2)) * chance.choice([20, 40, 100]), 1.5
    place = place + chance.normal(0, pace, (length + 1, people, 2)).cumsum(axis=0)
    sides = np.tile(6 + chance.random((people, 2)) * 10, (length + 1, 1, 1))
    boxes = np.concatenate([place, place + sides], axis=2)  # (length + 1, people, 4)
    frames, ids = (grid.ravel() for grid in np.mgrid[1 : length + 1, :people])
    truth = np.column_stack([frames, ids, boxes[frames, ids]])
    frames, ids = (grid.ravel() for grid in np.mgrid[1 : length + 1, :followers])
    whom = np.where(chance.random(len(ids)) < 0.85, ids, chance.integers(0, people, len(ids)))
    shake = np.tile(chance.normal(0, 1.5, (len(ids), 2)), 2)
    tracks = np.column_stack([frames, ids, boxes[frames, whom % people] + shake])
    truth, tracks = (
        rows[(chance.random(len(rows)) < 0.8) & (chance.random(length + 1) < 0.9)[_frames(rows)]]
        for rows in (truth, tracks)
    )
    if whole_pixels:
        truth, tracks = np.round(truth), np.round(tracks)
    # Somebody who is considered, whatever else is drawn.
    truth = truth_of([[1, 99, 0, 0, 9.5, 9.5], *truth.tolist()])
    numbers = chance.permutation(10 ** int(chance.integers(2, 6)))
    is_guide = truth.ids == 99
    other = np.where(chance.random(len(truth)) < 0.7, 1, chance.integers(1, 14, len(truth)))
    truth = dataclasses.replace(
        truth,
        ids=numbers[truth.ids],
        considered=is_guide | (chance.random(len(truth)) < 0.85),
        class_ids=np.where(is_guide, 1, other),
    )
    tracks = tracks_of(tracks.tolist())
    return ScoredSequence(truth, dataclasses.replace(tracks, ids=numbers[tracks.ids]), length)


def _frames(rows):
    return rows[:, 0].astype(np.int64)


@settings(max_examples=400)
@given(st.integers(0, 2**32 - 1), st.sampled_from(BENCHMARKS), st.booleans())
def test_random_scenes(seed, benchmark, whole_pixels):
    _assert_equal({"walk": _scene(seed, whole_pixels)}, benchmark)


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_ties(seed):
    """Boxes on few places, so that most frames have several best matchings."""
    chance = np.random.default_rng(seed)
    length = int(chance.integers(1, 6))
    left = np.array([0, 10, 5, 0, 3])

    def rows():
        frames, ids = (grid.ravel() for grid in np.mgrid[1 : length + 1, :4])
        x = left[chance.integers(0, 5, len(ids))]
        every = np.column_stack([frames, ids, x, 0 * x, x + 10, 0 * x + 10])
        return every[(chance.random(len(ids)) < 0.8) | (np.arange(len(ids)) == 0)].tolist()

    _assert_equal({"walk": ScoredSequence(truth_of(rows()), tracks_of(rows()), length)})


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_several_sequences_add_up(benchmark):
    _assert_equal({f"walk-{seed}": _scene(seed, False) for seed in range(8)}, benchmark)


HERE = (0, 0, 10, 20)

EXTREMES = {
    # name: (truth, tracks, length)
    "one frame": ([(1, 1, *HERE)], [(1, 1, *HERE)], 1),
    "no tracks": ([(1, 1, *HERE), (2, 1, *HERE)], [], 2),
    "truth and tracks in different frames": ([(1, 1, *HERE)], [(2, 1, *HERE)], 3),
    "empty frames before, between and after": (
        [(3, 1, *HERE), (6, 1, *HERE)], [(3, 1, *HERE), (4, 1, *HERE), (6, 2, *HERE)], 9,
    ),
    "ids far apart": (
        [(1, 1, *HERE), (1, 7_000_000, 50, 0, 60, 20)], [(1, 10**6, *HERE), (1, 3, *HERE)], 1,
    ),
    "boxes without area": ([(1, 1, *HERE), (1, 2, 5, 5, 5, 9)], [(1, 1, 5, 5, 5, 9)], 1),
    "just below half the overlap": ([(1, 1, *HERE)], [(1, 1, 0, 0, 10, 10 - 1e-13)], 1),
    "hardly any overlap": ([(1, 1, *HERE)], [(1, 1, 10 - 1e-14, 0, 20, 20)], 1),
}  # fmt: skip


@pytest.mark.parametrize("case", EXTREMES)
@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_extremes(case, benchmark):
    truth, tracks, length = EXTREMES[case]
    _assert_equal({"walk": ScoredSequence(truth_of(truth), tracks_of(tracks), length)}, benchmark)


def test_nobody_to_be_found():
    """In one sequence of two, all who are considered are of a class that the rules leave out."""
    walk = ScoredSequence(truth_of([(1, 1, *HERE)]), tracks_of([(1, 1, *HERE)]), 1)
    cars = dataclasses.replace(walk.truth, class_ids=np.array([3]))
    _assert_equal({"walk": walk, "street": walk._replace(truth=cars)}, "MOT17")


@pytest.mark.parametrize("people", [30, 120])
def test_synthetic_crowds(people):
    scene = make_scene(people, 60, width=1280, height=720, seed=people)
    tracker = ByteTrack()
    tracks = TrackTable.from_frames(
        tracker.update(scene.detections.at(frame)) for frame in range(1, 61)
    )
    _assert_equal({"crowd": ScoredSequence(scene.truth, tracks, 60)})


@pytest.fixture(scope="module")
def mot17_results(published_detections, tmp_path_factory):
    folder = tmp_path_factory.mktemp("byte")
    mot17 = published_detections / "mot17"
    detections = mot17 / "detections" / "yolox_x_ablation"
    jobs = plan_jobs(detections, folder, truth=mot17 / "train", half="val")
    names = [outcome.name for outcome in run_jobs(jobs, workers=1)]
    return load_sequences(mot17 / "train", folder, names, "val")


@pytest.mark.data
def test_byte_on_mot17(mot17_results):
    assert len(mot17_results) == 7
    _assert_equal(mot17_results)


@pytest.mark.data
@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_noisy_results_on_mot17(mot17_results, benchmark):
    """Shaken, thinned out, with false boxes, and every twentieth box under another's number."""
    noisy = {}
    for name, (truth, tracks, length) in mot17_results.items():
        chance = np.random.default_rng(len(tracks))
        shaken = tracks.boxes + chance.normal(0, 8, tracks.boxes.shape)
        strayed = shaken + (chance.random((len(tracks), 1)) < 0.1) * 500
        mixed = np.where(chance.random(len(tracks)) < 0.05, tracks.ids + 10_000, tracks.ids)
        table = dataclasses.replace(tracks, boxes=strayed, ids=mixed)
        noisy[name] = ScoredSequence(truth, table.take(chance.random(len(tracks)) < 0.8), length)
    _assert_equal(noisy, benchmark)
