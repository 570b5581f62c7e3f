import numpy as np
import pytest

from yolox.tracker.motion import history

BOX = np.array([[100.0, 100, 140, 200]])


def _walk(steps, *, times=None):
    """The state of a box that moved right by each of `steps`."""
    state, right = history.initiate(BOX, 1), 0
    for number, step in enumerate(steps):
        right += step
        time = number + 2 if times is None else times[number]
        state = history.update(state, BOX + np.array([right, 0, right, 0]), time)
    return state


@pytest.mark.parametrize(
    ("differences", "speed"),
    [(1, 8), (2, 7), (3, 5), (4, 4), (5, 4), (10, 4)],  # four differences are all there are
)
def test_the_speed_is_the_mean_of_the_last_differences(differences, speed):
    state = _walk([1, 1, 6, 8])
    predicted = history.predict(state, 7, differences=differences)
    right = 16 + 2 * speed
    np.testing.assert_allclose(predicted, BOX + np.array([right, 0, right, 0]))


def test_time_that_was_missed_counts():
    state = _walk([6, 6], times=[3, 6])  # 12 pixels in 5 frames
    predicted = history.predict(state, 6.5, differences=5)
    np.testing.assert_allclose(predicted[:, 0], [112 + 1.2])


def test_a_first_observation_is_at_rest():
    state = history.initiate(BOX, 1)
    np.testing.assert_array_equal(history.predict(state, 50, differences=3), BOX)
    np.testing.assert_array_equal(history.to_boxes(state), BOX)


def test_the_size_changes_too_but_never_below_nothing():
    state = history.initiate(BOX, 1)
    state = history.update(state, BOX + np.array([5, 0, -5, 0]), 2)
    np.testing.assert_allclose(history.predict(state, 3, differences=1), [[110, 100, 130, 200]])
    np.testing.assert_allclose(history.predict(state, 99, differences=1), [[120, 100, 120, 200]])


def test_only_the_last_observations_are_kept():
    state = _walk([1000, *[2] * history.MOST_DIFFERENCES])
    assert state.shape == (1, history.LENGTH, 5)
    predicted = history.predict(state, 13, differences=history.MOST_DIFFERENCES)
    np.testing.assert_allclose(predicted[:, 0], [1122])


def test_a_known_camera_takes_the_history_along():
    state = _walk([4, 4])
    moved = history.move_camera(state, np.array([[2.0, 0, 10], [0, 2, 0]]))
    predicted = history.predict(moved, 4, differences=5)
    np.testing.assert_allclose(predicted, [[2 * 112 + 10, 200, 2 * 152 + 10, 400]])
