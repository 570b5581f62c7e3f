import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.association.momentum import consistency, directions, momentum, observed_at


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
    before = np.array([[[1.0, 0]], [[0, 0]]])
    points = np.array([[5.0, 1], [1, 9], [-5, 1], [1, 1], [3, 3]])[:, None]
    found = consistency(before, np.ones((2, 1, 2)), points)
    expected = [[0.5, 0, -0.5, 0, 0.25], [0] * 5]
    np.testing.assert_allclose(found, np.array(expected)[:, :, None], atol=1e-12)


def test_momentum_is_the_mean_over_the_points():
    """The first point went right and would go on, the second would turn."""
    past = np.array([[[[0.0, 0], [0, 0]], [[1, 0], [0, 1]], [[2, 0], [0, 2]]]])
    times = np.array([[1.0, 2, 3]])
    points = np.array([[[3.0, 0], [1, 1]], [[1, 0], [0, 0]]])
    found = momentum(past, times, points, now=4, interval=2)
    # From the observation at 2: (1, 0) → (3, 0) and (0, 1) → (1, 1); nowhere and (0, 1) → (0, 0).
    np.testing.assert_allclose(found, [[0.25, -0.25]], atol=1e-12)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1000))
def test_momentum_against_angles(tracks, detections, seed):
    rng = np.random.default_rng(seed)
    past, points = rng.normal(size=(tracks, 4, 1, 2)), rng.normal(size=(detections, 1, 2))
    times = np.sort(rng.choice(10, (tracks, 4)), axis=1).astype(float)
    found = momentum(past, times, points, now=10, interval=3)
    assert found.shape == (tracks, detections)
    for row, column in np.ndindex(tracks, detections):
        recent = [k for k in range(3) if times[row, k] >= times[row, 3] - 3]
        x, y = past[row, 3, 0] - past[row, recent[0] if recent else 2, 0]
        recent = [k for k in range(4) if times[row, k] >= 7]
        u, v = points[column, 0] - past[row, recent[0] if recent else 3, 0]
        angle = abs(np.arctan2(x * v - y * u, x * u + y * v))
        assert found[row, column] == pytest.approx(0.5 - angle / np.pi)
