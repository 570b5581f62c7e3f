"""StrongSORT: what it does otherwise than DeepSORT; what both do is in `test_deepsort.py`."""

from functools import partial

import numpy as np
import pytest

from yolox.structures import Detections, InputError
from yolox.tracker import deepsort, strongsort
from yolox.tracker.motion.kalman import POSITION, POSITION_VAR

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
DeepSort = partial(deepsort.DeepSort, check_looks=False)
StrongSort = partial(strongsort.StrongSort, check_looks=False)

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
NOBODY = Detections.empty()


def _frame(left, look, score=0.9):
    """One person of 40 × 100 pixels."""
    return Detections([[left, 100, left + 40, 200]], [score], None, [look])


def test_looks_are_a_running_mean():
    tracker = StrongSort()
    tracker.update(_frame(100, RED))
    tracker.update(_frame(100, BLUE))
    expected = np.array([0.9, 0.1, 0]) / np.hypot(0.9, 0.1)
    np.testing.assert_allclose(tracker._tracks["feature"], [expected], rtol=1e-6)
    forgetful = StrongSort(memory=0.0)
    for look in (RED, BLUE):
        forgetful.update(_frame(100, look))
    np.testing.assert_allclose(forgetful._tracks["feature"], [BLUE])


def test_a_look_of_long_ago_is_forgotten():
    frames = [*[_frame(100, RED)] * 5, *[_frame(100, BLUE)] * 40, *[NOBODY] * 2, _frame(100, RED)]
    found = {}
    for algorithm in (DeepSort, StrongSort):
        tracker = algorithm()
        for frame in frames:
            found[algorithm] = tracker.update(frame).ids.tolist()
    assert found == {DeepSort: [1], StrongSort: []}


@pytest.mark.parametrize("score", [0.7, 0.95, 1.0])
def test_the_higher_the_score_the_less_is_left_of_the_noise(score):
    """By hand for x: two frames of one person standing, who then is 10 pixels to the right."""
    tracker = StrongSort()
    tracker.update(_frame(100, RED))
    before = tracker._tracks["motion"][0, POSITION, 0]
    tracker.update(_frame(110, RED, score))
    # Variances in pixels² for a height of 100: 10² at birth, velocity 6.25², process 5².
    predicted = 100 + 39.0625 + 25
    gain = predicted / (predicted + (1 - score) * 25)
    state = tracker._tracks["motion"][0]
    assert state[POSITION, 0] == pytest.approx(before + gain * 10)
    assert state[POSITION_VAR, 0] == pytest.approx((1 - gain) * predicted)


def test_motion_has_its_share_in_the_cost():
    """Cosine distances 0 and 0.1; squared Mahalanobis distances as below."""
    reddish = np.array([0.9, 0.19**0.5, 0], dtype=np.float32)
    both = Detections([[125, 100, 165, 200], [101, 100, 141, 200]], [0.9] * 2, None, [RED, reddish])

    def winner(share):
        tracker = StrongSort(motion_share=share)
        for frame in [*[_frame(100, RED)] * 5, *[NOBODY] * 2]:
            tracker.update(frame)
        return tracker.update(both).detection_indices.tolist()

    assert winner(0.0) == [0]
    assert winner(0.05) == [1]


def test_the_limit_is_on_looks_and_motion_together():
    purple = np.array([0.5, 0.75**0.5, 0], dtype=np.float32)  # cosine distance 0.5
    for limit, expected in ((0.48, []), (0.5, [1])):  # 0.98 · 0.5 in the same place
        tracker = StrongSort(match_thresh=limit)
        for frame in [*[_frame(100, RED)] * 5, *[NOBODY] * 2]:
            tracker.update(frame)
        assert tracker.update(_frame(100, purple)).ids.tolist() == expected


def test_its_parameters_are_its_own():
    assert {"memory", "motion_share"} < set(strongsort.StrongSort.parameters())
    assert "gallery_size" not in strongsort.StrongSort.parameters()
    with pytest.raises(InputError, match=r"memory is 1\.0"):
        StrongSort(memory=1.0)
