"""The sweep, held to a comparison of every box with every other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import tracks_of, truth_of

from yolox.metrics import overlaps
from yolox.metrics.overlaps import find_overlaps
from yolox.structures import box_iou


def _by_pair(found):
    pairs = list(zip(found.targets.tolist(), found.tracks.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, found.ious.tolist(), strict=True))


def _all_pairs(targets, tracks):
    ious = box_iou(targets.boxes, tracks.boxes)
    ious[targets.frames[:, None] != tracks.frames] = 0
    return {(row, column): ious[row, column] for row, column in np.argwhere(ious).tolist()}


def _random_rows(chance, count, frames, spread):
    corners = chance.random((count, 2)) * spread
    sides = chance.random((count, 2)) * 30
    frame = chance.choice(frames, count)
    return np.column_stack([frame, np.arange(count), corners, corners + sides]).tolist()


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 30, 1e3, 1e7]), st.sampled_from([3, 64]))
def test_as_every_box_with_every_other(seed, spread, at_once):
    chance = np.random.default_rng(seed)
    frames = np.unique(chance.integers(1, 10**6, 8))
    targets, tracks = (
        make(_random_rows(chance, int(chance.integers(0, 60)), frames, spread))
        for make in (truth_of, tracks_of)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "_ROWS_AT_ONCE", at_once)
        patch.setattr(overlaps, "_PAIRS_AT_ONCE", at_once)
        found = find_overlaps(targets, tracks)
    places = list(zip(found.targets.tolist(), found.tracks.tolist(), strict=True))
    assert places == sorted(places)
    expected = _all_pairs(targets, tracks)
    assert _by_pair(found) == pytest.approx(expected, abs=1e-15)


CASES = {
    # name: (target, track, IoU or None)
    "the same": ((0, 0, 10, 20), (0, 0, 10, 20), 1),
    "half": ((0, 0, 10, 20), (0, 0, 10, 10), 0.5),
    "one in the other": ((0, 0, 10, 10), (4, 4, 6, 6), 0.04),
    "the other way round": ((4, 4, 6, 6), (0, 0, 10, 10), 0.04),
    "side by side": ((0, 0, 10, 10), (10, 0, 20, 10), None),
    "one on the other": ((0, 0, 10, 10), (0, 10, 10, 20), None),
    "corners meet": ((0, 0, 10, 10), (10, 10, 20, 20), None),
    "no width": ((5, 0, 5, 10), (0, 0, 10, 10), None),
    "no area on the other side": ((0, 0, 10, 10), (5, 5, 5, 5), None),
    "turned inside out": ((10, 10, 0, 0), (2, 2, 8, 8), None),
    "in negative coordinates": ((-10, -10, 0, 0), (-10, -10, 0, -5), 0.5),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    target, track, iou = CASES[case]
    found = find_overlaps(truth_of([(3, 1, *target)]), tracks_of([(3, 1, *track)]))
    assert found.ious.tolist() == ([] if iou is None else [pytest.approx(iou)])


def test_other_frames_are_apart():
    box = (0, 0, 10, 10)
    targets = truth_of([(1, 1, *box), (2, 1, *box), (5, 1, *box)])
    found = find_overlaps(targets, tracks_of([(2, 1, *box), (3, 1, *box), (5, 1, *box)]))
    assert _by_pair(found) == {(1, 0): 1, (2, 2): 1}


def test_nothing_meets_nothing():
    some = tracks_of([(1, 1, 0, 0, 10, 10)])
    assert not len(find_overlaps(truth_of([]), some).ious)
    assert not len(find_overlaps(truth_of([(1, 1, 0, 0, 9, 9)]), tracks_of([])).ious)
    assert not len(find_overlaps(truth_of([]), tracks_of([])).ious)
