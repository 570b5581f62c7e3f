import numpy as np
import pytest

from yolox.tracker.association.momentum import consistency, directions, observed_at


@pytest.mark.parametrize(
    ("since", "expected"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (9, 4)],  # nothing is so young: the newest
)
def test_the_oldest_that_is_recent(since, expected):
    boxes = np.array([1, 2, 4])[None, :, None] * np.ones((1, 3, 4))
    times = np.array([[1.0, 2, 4]])
    np.testing.assert_array_equal(observed_at(boxes, times, np.array([since])), [[expected] * 4])


def test_slots_without_an_observation_are_older_than_any():
    boxes = np.array([7.0, 8, 9])[None, :, None] * np.ones((1, 3, 4))
    times = np.array([[-np.inf, -np.inf, 4]])
    np.testing.assert_array_equal(observed_at(boxes, times, np.array([-5])), [[9] * 4])


def test_sums_of_frame_times_may_be_rounded():
    times = np.cumsum(np.full((1, 4), 0.1))[None]
    boxes = np.arange(4.0)[None, :, None] * np.ones((1, 4, 4))
    assert observed_at(boxes, times, times[:, -1] - 0.3)[0, 0] == 0


def test_directions_have_unit_length_or_none():
    found = directions(np.zeros((3, 2)), np.array([[3.0, 4], [0, 0], [-2, 0]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0], [-1, 0]])


def test_consistency_by_hand():
    ways = np.array([[1.0, 0], [0, 1], [-1, 0], [0, 0], [0.5**0.5, 0.5**0.5]])
    found = consistency(np.array([[1.0, 0], [0, 0]]), np.stack([ways, ways]))
    np.testing.assert_allclose(found, [[0.5, 0, -0.5, 0, 0.25], [0] * 5], atol=1e-12)
