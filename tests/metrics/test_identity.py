"""Identity's counts, worked out by hand and held to an assignment of everybody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import tracks_of, truth_of
from scipy.optimize import linear_sum_assignment

from yolox.metrics.encounters import find_encounters
from yolox.metrics.identity import count_identity
from yolox.metrics.overlaps import find_overlaps

HERE, THERE = (0, 0, 10, 20), (500, 0, 510, 20)


def _count(truth, tracks):
    targets, tracks = truth_of(truth), tracks_of(tracks)
    return count_identity(
        find_encounters(
            targets.frames, targets.ids, tracks.frames, tracks.ids, find_overlaps(targets, tracks)
        )
    )


def _walk(frames, number=1, box=HERE):
    return [(frame, number, *box) for frame in frames]


FIVE = range(1, 6)

CASES = {
    # name: (truth, tracks, IDTP IDFN IDFP)
    "perfect": (_walk(FIVE), _walk(FIVE), (5, 0, 0)),
    "nothing found": (_walk(FIVE), [], (0, 5, 0)),
    "nobody there": ([], _walk(FIVE), (0, 0, 5)),
    "the longer of two tracks": (_walk(FIVE), _walk([1, 2]) + _walk([3, 4, 5], 2), (3, 2, 2)),
    # Track 1 is with person 1 for 3 frames, with person 2 for 2; track 2 is with person 1 for 2.
    "the best for both": (
        _walk(FIVE) + _walk([4, 5], 2, THERE),
        _walk([1, 2, 3]) + _walk([4, 5], 1, THERE) + _walk([4, 5], 2),
        (4, 3, 3),
    ),
    "exactly half the overlap": (_walk(FIVE), _walk(FIVE, 1, (0, 0, 10, 10)), (5, 0, 0)),
    "less": (_walk(FIVE), _walk(FIVE, 1, (0, 0, 10, 9)), (0, 5, 5)),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    truth, tracks, expected = CASES[case]
    assert _count(truth, tracks) == expected


def test_shares():
    counts = _count(_walk(FIVE), _walk([1, 2, 3]) + _walk([4], 1, THERE))
    assert counts == (3, 2, 1)
    assert counts.idp == pytest.approx(3 / 4)
    assert counts.idr == pytest.approx(3 / 5)
    assert counts.idf1 == pytest.approx(6 / 9)
    nothing = _count([], [])
    assert (nothing.idf1, nothing.idp, nothing.idr) == (0, 0, 0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
def test_number_is_the_best_of_all(seed, people, tracks):
    """Everybody stands alone, and any track may be with anybody."""
    chance = np.random.default_rng(seed)
    truth, found, shared = [], [], np.zeros((people, tracks))
    for frame in range(1, 20):
        who = chance.permutation(max(people, tracks))
        for track in range(tracks):
            if who[track] < people and chance.random() < 0.7:
                place = 100 * int(who[track])
                found.append((frame, track, place, 0, place + 10, 10))
                shared[who[track], track] += 1
        truth += [(frame, i, 100 * i, 0, 100 * i + 10, 10) for i in range(people)]
    best = int(shared[linear_sum_assignment(shared, maximize=True)].sum())
    assert _count(truth, found) == (best, len(truth) - best, len(found) - best)
