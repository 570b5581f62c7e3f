"""HOTA's counts, worked out by hand."""

import numpy as np
import pytest
from made_up import tracks_of, truth_of

from yolox.metrics.encounters import find_encounters
from yolox.metrics.hota import THRESHOLDS, count_hota
from yolox.metrics.overlaps import find_overlaps

HERE, THERE = (0, 0, 10, 20), (500, 0, 510, 20)


def _count(truth, tracks):
    targets, tracks = truth_of(truth), tracks_of(tracks)
    return count_hota(
        find_encounters(
            targets.frames, targets.ids, tracks.frames, tracks.ids, find_overlaps(targets, tracks)
        )
    )


WALK = [(frame, 1, *HERE) for frame in range(1, 5)]

CASES = {
    # name: (truth, tracks, (matches, misses, false boxes, overlap, association) at α = 0.5)
    "perfect": (WALK, WALK, (4, 0, 0, 4, 4)),
    "nothing found": (WALK, [], (0, 4, 0, 0, 0)),
    "nobody there": ([], WALK, (0, 0, 4, 0, 0)),
    "elsewhere": (WALK, [(f, 1, *THERE) for f in range(1, 5)], (0, 4, 4, 0, 0)),
    # Either track shares 2 of 4 boxes: A(c) = 2 / (4 + 2 − 2).
    "switch": (WALK, [(f, f // 3, *HERE) for f in range(1, 5)], (4, 0, 0, 4, 4 * 2 / 4)),
    # One frame of four found: A = 1 / (4 + 1 − 1).
    "seldom found": (WALK, WALK[:1], (1, 3, 0, 1, 1 / 4)),
    # The track goes astray for two frames: A = 2 / (4 + 4 − 2).
    "astray": (WALK, [*WALK[:2], (3, 1, *THERE), (4, 1, *THERE)], (2, 2, 2, 2, 2 * 2 / 6)),
    # Half the overlap counts at 0.5.
    "half": (WALK, [(f, 1, 0, 0, 10, 10) for f in range(1, 5)], (4, 0, 0, 2, 4)),
    # In frame 4 track 2 has the better box, but track 1 is with the person all the time: 0.7 times
    # an alignment of 3.41 / (8 − 3.41) against 1 times 0.59 / (5 − 0.59).
    "the better track, not the better box": (
        WALK,
        [*WALK[:3], (4, 1, 0, 0, 10, 14), (4, 2, *HERE)],
        (4, 0, 1, 3.7, 4),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    truth, tracks, expected = CASES[case]
    counts = _count(truth, tracks)
    at = THRESHOLDS.index(0.5)
    assert [column[at] for column in counts] == pytest.approx(expected)
    assert all(column.shape == (19,) for column in counts)


def test_thresholds_are_passed_one_after_the_other():
    """Boxes of 80 % overlap pass 0.05 to 0.80, which is as near as a float comes."""
    counts = _count(WALK, [(f, 1, 0, 0, 10, 16) for f in range(1, 5)])
    assert counts.matches.tolist() == [4] * 16 + [0] * 3
    assert counts.misses.tolist() == counts.false_boxes.tolist() == [0] * 16 + [4] * 3
    assert counts.loca == pytest.approx([0.8] * 16 + [1] * 3)  # 1 where there is no match


def test_shares():
    """3 of 4 found and a false box: DetA 3 / 5; A = 3 / (4 + 4 − 3)."""
    counts = _count(WALK, [*WALK[:3], (4, 1, *THERE)])
    assert counts.deta == pytest.approx(3 / 5)
    assert counts.assa == pytest.approx(3 / 5)
    assert counts.hota == pytest.approx(3 / 5)
    assert np.isfinite(_count([], []).hota).all()
