"""Who meets whom, in order."""

import numpy as np
from made_up import tracks_of, truth_of

from yolox.metrics.encounters import find_encounters
from yolox.metrics.overlaps import Overlaps, find_overlaps

HERE, THERE = (0, 0, 10, 20), (500, 0, 510, 20)


def _encounters(targets, tracks):
    return find_encounters(
        targets.frames, targets.ids, tracks.frames, tracks.ids, find_overlaps(targets, tracks)
    )


def test_by_hand():
    """Person 4 is met by track 7, then by 3; person 9 by track 3 twice, a frame between."""
    targets = truth_of([(1, 4, *HERE), (1, 9, *THERE), (2, 4, *HERE), (3, 9, *THERE)])
    tracks = tracks_of([(1, 3, *THERE), (1, 7, *HERE), (2, 3, *HERE), (3, 3, *THERE)])
    found = _encounters(targets, tracks)
    assert found.target_ids.tolist() == [0, 1, 0, 1]
    assert found.track_ids.tolist() == [0, 1, 0, 0]
    assert found.targets.tolist() == [0, 1, 2, 3]
    assert found.tracks.tolist() == [1, 0, 2, 3]
    assert found.ious.tolist() == [1, 1, 1, 1]
    assert found.pairs.tolist() == [1, 2, 0, 2]
    assert found.people.tolist() == [0, 0, 1]
    assert found.followers.tolist() == [0, 1, 0]


def test_ids_far_apart_are_numbered_in_their_order():
    far = [2**62, 5, -(2**62), 5]
    targets = truth_of([(frame, 1, *HERE) for frame in range(1, 5)])
    found = find_encounters(
        targets.frames,
        np.array(far),
        targets.frames,
        np.array(far),
        find_overlaps(targets, targets),
    )
    assert found.target_ids.tolist() == found.track_ids.tolist() == [2, 1, 0, 1]
    assert found.pairs.tolist() == [2, 1, 0, 1]


def test_nobody_meets_nobody():
    some, none = truth_of([(1, 1, *HERE)]), tracks_of([])
    found = _encounters(some, none)
    assert [len(column) for column in found] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_more_pairs_of_ids_than_32_bits_hold():
    """Only 60,000 of 3.6 billion pairs of a person and a track meet: each its own."""
    ids = np.arange(60_000)
    rows, frames = ids.astype(np.int32), np.ones_like(ids)
    found = find_encounters(frames, ids, frames, ids, Overlaps(rows, rows, np.ones(len(ids))))
    assert (found.people == ids).all()
    assert (found.followers == ids).all()
