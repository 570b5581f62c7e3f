"""CLEAR's counts, worked out by hand, and its matching held to a frame by frame one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import tracks_of, truth_of
from scipy.optimize import linear_sum_assignment

from yolox.metrics.clear import count_clear, match_clear
from yolox.metrics.encounters import find_encounters
from yolox.metrics.overlaps import find_overlaps
from yolox.structures import box_iou

HERE, NEAR, THERE = (0, 0, 10, 20), (3, 0, 13, 20), (500, 0, 510, 20)


def _encounters(truth, tracks):
    targets, tracks = truth_of(truth), tracks_of(tracks)
    return find_encounters(
        targets.frames, targets.ids, tracks.frames, tracks.ids, find_overlaps(targets, tracks)
    )


def _walk(frames, number=1, box=HERE):
    return [(frame, number, *box) for frame in frames]


FIVE = range(1, 6)

CASES = {
    # name: (truth, tracks, matches misses false switches fragments, MT PT ML, overlap)
    "perfect": (_walk(FIVE), _walk(FIVE), (5, 0, 0, 0, 0, 1, 0, 0, 5)),
    "nothing found": (_walk(FIVE), [], (0, 5, 0, 0, 0, 0, 0, 1, 0)),
    "nobody there": ([], _walk(FIVE), (0, 0, 5, 0, 0, 0, 0, 0, 0)),
    # 4 of 5 is not more than 80 %; 1 of 5 is not less than 20 %.
    "partly tracked": (_walk(FIVE), _walk(range(1, 5)), (4, 1, 0, 0, 0, 0, 1, 0, 4)),
    "hardly tracked": (_walk(FIVE), _walk([1]), (1, 4, 0, 0, 0, 0, 1, 0, 1)),
    "switch": (_walk(FIVE), _walk([1, 2]) + _walk([3, 4, 5], 2), (5, 0, 0, 1, 0, 1, 0, 0, 5)),
    "to and fro": (_walk([1, 2, 3]), [*_walk([1, 3]), *_walk([2], 2)], (3, 0, 0, 2, 0, 1, 0, 0, 3)),
    # Frames without any track are passed over, so this is no fragment ...
    "gap without tracks": (_walk(FIVE), _walk([1, 4, 5]), (3, 2, 0, 0, 0, 0, 1, 0, 3)),
    # ... but this is one.
    "gap": (
        _walk(FIVE),
        _walk([1, 4, 5]) + _walk([2, 3], 2, THERE),
        (3, 2, 2, 0, 1, 0, 1, 0, 3),
    ),
    "two change places": (
        _walk([1, 2]) + _walk([1, 2], 2, THERE),
        _walk([1]) + _walk([2], 2) + _walk([1], 2, THERE) + _walk([2], 1, THERE),
        (4, 0, 0, 2, 0, 2, 0, 0, 4),
    ),
    # NEAR overlaps by 7 / 13: the track goes on though another fits better.
    "goes on": (
        _walk([1, 2]),
        [*_walk([1]), *_walk([2], 1, NEAR), *_walk([2], 2)],
        (2, 0, 1, 0, 0, 1, 0, 0, 1 + 7 / 13),
    ),
    # Frame 1 is a tie of two tracks; whichever it is goes on, so nobody switches.
    "a tie that goes on": (
        _walk([1, 2]),
        _walk([1, 2]) + _walk([1, 2], 2),
        (2, 0, 2, 0, 0, 1, 0, 0, 2),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    truth, tracks, expected = CASES[case]
    assert count_clear(_encounters(truth, tracks)) == pytest.approx(expected)


def test_more_people_times_frames_than_32_bits_hold():
    """Everybody is there twice, alone, and lost between."""
    frames = np.arange(100_002)
    encounters = _encounters(*[[(f + 1, f % 50_001, *HERE) for f in frames.tolist()]] * 2)
    counts = count_clear(encounters)
    assert (counts.matches, counts.switches, counts.fragments) == (100_002, 0, 50_001)


def test_shares():
    counts = count_clear(_encounters(_walk(FIVE), _walk([1, 2], 1, NEAR) + _walk([3], 2, THERE)))
    assert counts.mota == pytest.approx((2 - 1) / 5)
    assert counts.motp == pytest.approx(7 / 13)
    nothing = count_clear(_encounters([], []))
    assert (nothing.mota, nothing.motp) == (0, 0)


def _frame_by_frame(targets, tracks):
    """Match as the definition has it: an assignment a frame, the pairs of the last one first."""
    matched, before = set(), {}
    for frame in range(1, targets.last_frame + 1):
        rows, columns = targets.rows_of(frame), tracks.rows_of(frame)
        people, followers = targets.ids[rows].tolist(), tracks.ids[columns].tolist()
        if not people or not followers:
            continue
        iou = box_iou(targets.boxes[rows], tracks.boxes[columns])
        goes_on = [[before.get(person) == track for track in followers] for person in people]
        worth = np.where(iou >= 0.5 - 1e-15, iou + 1000 * np.array(goes_on), 0)
        before = {}
        for i, j in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if worth[i, j]:
                before[people[i]] = followers[j]
                matched.add((rows.start + int(i), columns.start + int(j)))
    return matched


@given(st.integers(0, 2**32 - 1), st.booleans(), st.integers(1, 4))
def test_matches_are_those_of_frame_by_frame(seed, whole_pixels, keenness):
    """People stand about one place, so that tracks contest them in every frame."""
    chance = np.random.default_rng(seed)
    length = int(chance.integers(1, 25))

    def rows(count):
        frames = np.repeat(np.arange(1, length + 1), count)
        ids = np.tile(np.arange(count), length)
        corners = chance.normal(0, 6 / keenness, (len(ids), 2))
        corners = np.round(corners) if whole_pixels else corners
        sides = 10 + chance.integers(0, 3, (len(ids), 2))
        every = np.column_stack([frames, ids, corners, corners + sides])
        return every[chance.random(len(every)) < 0.8].tolist()

    truth, tracks = rows(3), rows(4)
    encounters = _encounters(truth, tracks)
    found = match_clear(encounters)
    pairs = zip(encounters.targets[found].tolist(), encounters.tracks[found].tolist(), strict=True)
    assert set(pairs) == _frame_by_frame(truth_of(truth), tracks_of(tracks))
