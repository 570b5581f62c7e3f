"""CLEAR's matching, worked out by hand and held to TrackEval's own sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import small_correspondence, tracks_of, truth_of

from yolox.engine.tracking import plan_jobs, run_jobs
from yolox.metrics.correspondence import match_sequence, match_tracks
from yolox.metrics.moments import errors_by_frame
from yolox.metrics.overlaps import find_overlaps
from yolox.metrics.tracking import ScoredSequence, evaluate, load_sequences
from yolox.structures import TruthTable

HERE, NEAR, THERE = (0, 0, 10, 20), (3, 0, 13, 20), (500, 0, 510, 20)


def _match(truth, tracks):
    targets, tracks = truth_of(truth), tracks_of(tracks)
    return match_tracks(targets, tracks, find_overlaps(targets, tracks))


WALK = [(frame, 1, *HERE) for frame in range(1, 5)]

CASES = {
    # name: (truth, tracks, ids of the tracks by row of the truth, tracks switched from)
    "perfect": (WALK, [(f, 9, *HERE) for f in range(1, 5)], [9, 9, 9, 9], [-1, -1, -1, -1]),
    "switch": (
        WALK,
        [(1, 8, *HERE), (2, 8, *HERE), (3, 9, *HERE), (4, 9, *HERE)],
        [8, 8, 9, 9],
        [-1, -1, 8, -1],
    ),
    # A switch counts however long ago the other track was.
    "switch after a gap": (WALK, [(1, 8, *HERE), (4, 9, *HERE)], [8, -1, -1, 9], [-1, -1, -1, 8]),
    "back after a gap": (WALK, [(1, 8, *HERE), (4, 8, *HERE)], [8, -1, -1, 8], [-1] * 4),
    # NEAR overlaps by 7 / 13, which is enough; the track goes on though another would fit better.
    "goes on with the track of the frame before": (
        WALK[:2],
        [(1, 8, *HERE), (2, 8, *NEAR), (2, 9, *HERE)],
        [8, 8],
        [-1, -1],
    ),
    # What goes on in frame 3 is what was there in frame 1, for frame 2 has no track at all.
    "goes on across a frame without tracks": (
        WALK[:3],
        [(1, 8, *HERE), (3, 8, *NEAR), (3, 9, *HERE)],
        [8, -1, 8],
        [-1, -1, -1],
    ),
    # In frame 2 somebody else is tracked, so nothing goes on in frame 3 and the better fit wins.
    "the better fit where nothing goes on": (
        WALK[:3],
        [(1, 8, *HERE), (2, 8, *THERE), (3, 8, *NEAR), (3, 9, *HERE)],
        [8, -1, 9],
        [-1, -1, 8],
    ),
    "half the overlap is enough": (WALK[:1], [(1, 9, 0, 0, 10, 10)], [9], [-1]),
    "less is not": (WALK[:1], [(1, 9, 0, 0, 10, 9)], [-1], [-1]),
    "nothing found": (WALK, [], [-1] * 4, [-1] * 4),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    truth, tracks, followed, switched = CASES[case]
    found = _match(truth, tracks)
    assert found.track_ids.tolist() == followed
    assert found.switched_from.tolist() == switched
    matched = found.matches[found.matches >= 0]
    assert found.tracks.frames[matched].tolist() == found.targets.frames[~found.missed].tolist()


def test_the_made_up_scene_of_the_other_tests_is_what_is_found():
    made = small_correspondence()
    sequence = ScoredSequence(made.targets, made.tracks, 6)
    found = match_sequence("walk", sequence)
    np.testing.assert_array_equal(found.matches, made.matches)
    np.testing.assert_array_equal(found.switched_from, made.switched_from)


def _assert_sums_are_the_tables(sequences):
    scores = evaluate(sequences, backend="trackeval")
    for name, sequence in sequences.items():
        found = match_sequence(name, sequence)
        errors = errors_by_frame(found, sequence.length)
        sums = [int(kind.sum()) for kind in errors]
        assert sums == [scores[name][metric] for metric in ("FN", "FP", "IDSW")], name
        assert all(len(kind) == sequence.length for kind in errors)
        matched = found.matches[~found.missed]
        assert len(set(matched.tolist())) == len(matched)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["walk", "MOT17-00", "MOT20-00"]))
def test_sums_are_those_of_the_table(seed, name):
    """Crowded scenes of jumping boxes, of every class, some not considered."""
    chance = np.random.default_rng(seed)
    length = int(chance.integers(1, 8))

    def rows(count):
        corners = chance.integers(0, 12, (count, 2))
        sides = chance.integers(4, 12, (count, 2))
        frames = chance.integers(1, length + 1, count)
        every = np.column_stack([frames, chance.integers(0, 5, count), corners, corners + sides])
        return list({tuple(row[:2]): tuple(row) for row in every.tolist()}.values())

    truth = truth_of([(1, 9, 0, 0, 9, 9), *rows(25)])
    considered = chance.random(len(truth)) < 0.8
    considered[truth.ids == 9] = True
    truth = TruthTable(
        frames=truth.frames,
        boxes=truth.boxes,
        ids=truth.ids,
        considered=considered,
        class_ids=np.where(truth.ids == 9, 1, chance.choice([1, 1, 1, 6, 7, 8], len(truth))),
        visibility=truth.visibility,
    )
    _assert_sums_are_the_tables({name: ScoredSequence(truth, tracks_of(rows(25)), length)})


@pytest.mark.data
def test_sums_on_mot17(published_detections, tmp_path):
    mot17 = published_detections / "mot17"
    detections = mot17 / "detections" / "yolox_x_ablation"
    jobs = plan_jobs(detections, tmp_path, truth=mot17 / "train", half="val")
    names = [outcome.name for outcome in run_jobs(jobs, workers=1)]
    _assert_sums_are_the_tables(load_sequences(mot17 / "train", tmp_path, names, "val"))
