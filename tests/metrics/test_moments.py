import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import small_correspondence

from yolox.metrics.moments import FrameErrors, errors_by_frame, worst_moments
from yolox.structures import InputError, Moment


def test_errors_by_frame():
    errors = errors_by_frame(small_correspondence(), 7)
    assert errors.misses.tolist() == [0, 0, 1, 0, 1, 1, 0]
    assert errors.false_boxes.tolist() == [0, 1, 1, 0, 0, 0, 0]
    assert errors.switches.tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert errors.total.tolist() == [0, 1, 2, 1, 1, 1, 0]


def _misses(counts):
    counts = np.array(counts)
    return FrameErrors(counts, 0 * counts, 0 * counts)


def test_by_hand():
    """Frames 6 and 7 are worst; the next pair that is two frames away is 3 and 4, not 4 and 5."""
    errors = {"a": _misses([1, 0, 2, 3, 4, 9, 5, 4, 0, 0])}
    assert worst_moments(errors, frames=2) == [
        Moment("a", 6, 7, 6, 14, 0, 0),
        Moment("a", 2, 3, 3, 2, 0, 0),
    ]


def test_sequences_take_turns():
    """The worst of each first, then the second of each; the list itself is by errors."""
    errors = {"calm": _misses([1, 0, 0, 2]), "crowd": _misses([9, 0, 8, 0, 7, 0, 6])}
    taken = [(one.sequence, one.misses) for one in worst_moments(errors, frames=1, count=3)]
    assert taken == [("crowd", 9), ("crowd", 8), ("calm", 2)]
    taken = [(one.sequence, one.misses) for one in worst_moments(errors, frames=1)]
    assert taken == [
        ("crowd", 9), ("crowd", 8), ("crowd", 7), ("crowd", 6), ("calm", 2), ("calm", 1)
    ]  # fmt: skip


def test_all_kinds_count_and_are_told_apart():
    errors = FrameErrors(np.array([1, 0, 0]), np.array([0, 2, 0]), np.array([0, 0, 3]))
    assert worst_moments({"a": errors}, frames=3) == [Moment("a", 1, 3, 3, 1, 2, 3)]


def test_a_short_sequence_is_one_moment_and_a_right_one_none():
    assert worst_moments({"a": _misses([0, 1])}) == [Moment("a", 1, 2, 2, 1, 0, 0)]
    assert worst_moments({"a": _misses([0] * 30)}) == []
    for wrong in ({"frames": 0}, {"count": 0}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))} is 0; give a number"):
            worst_moments({"a": _misses([1])}, **wrong)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 6))
def test_each_is_the_worst_that_is_left(counts, frames):
    left = list(counts)
    frames = min(frames, len(counts))
    for moment in worst_moments({"a": _misses(counts)}, frames=frames, count=100):
        assert moment.last - moment.first + 1 == frames
        assert moment.misses == sum(counts[moment.first - 1 : moment.last])
        assert counts[moment.worst - 1] == max(counts[moment.first - 1 : moment.last])
        free = [
            sum(counts[start : start + frames])
            for start in range(len(counts) - frames + 1)
            if None not in left[max(start - frames, 0) : start + 2 * frames]
        ]
        assert moment.misses == max(free)
        left[moment.first - 1 : moment.last] = [None] * frames
