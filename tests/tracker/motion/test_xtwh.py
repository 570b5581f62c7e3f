import numpy as np
import pytest

from yolox.tracker.motion import xtwh
from yolox.tracker.motion.kalman import POSITION, POSITION_VAR, VELOCITY, VELOCITY_VAR

BOX = np.array([[100.0, 100, 140, 200]])  # middle 120, top 100, 40 wide, 100 high
NOISE = xtwh.Noise(
    position=0.05,
    size=0.02,
    velocity=0.01,
    size_velocity=0.002,
    measured_position=0.1,
    measured_size=0.04,
)
ONE = np.ones(1)


def _at_rest():
    return xtwh.initiate(BOX, NOISE)


def test_a_new_track_is_at_rest_where_it_was_seen():
    state = _at_rest()
    np.testing.assert_allclose(state[0, POSITION], [120, 100, 40, 100])
    np.testing.assert_array_equal(state[0, VELOCITY], 0)
    np.testing.assert_allclose(state[0, POSITION_VAR], np.square([20, 20, 8, 8]))
    np.testing.assert_allclose(state[0, VELOCITY_VAR], np.square([10, 10, 2, 2]))
    np.testing.assert_allclose(xtwh.to_boxes(state), BOX)


def test_noise_is_a_share_of_the_height_and_of_its_own():
    state = _at_rest()
    state[0, POSITION_VAR] = state[0, VELOCITY_VAR] = 0
    moved = xtwh.predict(state, np.array([False]), NOISE, noise_share=np.array([4.0]))
    np.testing.assert_allclose(moved[0, POSITION_VAR], 4 * np.square([5, 5, 2, 2]))
    np.testing.assert_allclose(moved[0, VELOCITY_VAR], 4 * np.square([1, 1, 0.2, 0.2]))


def test_who_is_not_seen_keeps_their_size():
    state = _at_rest()
    state[0, VELOCITY] = 3, -1, 2, 5
    for held, size in ((False, [42, 105]), (True, [40, 100])):
        moved = xtwh.predict(state, np.array([held]), NOISE, noise_share=ONE)
        np.testing.assert_allclose(moved[0, POSITION], [123, 99, *size])
    assert state[0, VELOCITY, 3] == 5  # what was given is as it was


def test_a_frame_left_out_is_a_lower_frame_rate():
    """Three frames on at 30 a second and one on at 10 are the same time."""
    fast, slow = xtwh.initiate(BOX, NOISE), xtwh.initiate(BOX, NOISE, pace=3)
    fast[0, VELOCITY], slow[0, VELOCITY] = [1, 2, 0.5, 0.5], [3, 6, 1.5, 1.5]
    held = np.array([False])
    fast = xtwh.predict(fast, held, NOISE, noise_share=ONE, dt=3)
    slow = xtwh.predict(slow, held, NOISE, noise_share=ONE, pace=3)
    np.testing.assert_allclose(fast[0, POSITION], slow[0, POSITION])
    np.testing.assert_allclose(fast[0, POSITION_VAR], slow[0, POSITION_VAR])
    np.testing.assert_allclose(3 * fast[0, VELOCITY], slow[0, VELOCITY])
    np.testing.assert_allclose(9 * fast[0, VELOCITY_VAR], slow[0, VELOCITY_VAR])


@pytest.mark.parametrize(("share", "gain"), [(1.0, 400 / 500), (2.0, 400 / 800)])
def test_a_sure_detection_counts_more(share, gain):
    found = BOX + np.array([10.0, 0, 10, 0])
    state = xtwh.update(_at_rest(), found, NOISE, error_share=np.array([share]))
    np.testing.assert_allclose(state[0, POSITION, 0], 120 + gain * 10)
    distance = xtwh.squared_mahalanobis(_at_rest(), found, NOISE, error_share=np.array([share]))
    np.testing.assert_allclose(distance, [[100 / (400 + 100 * share**2)]])
    surprise = xtwh.surprise(_at_rest(), found, NOISE, error_share=np.array([share]))
    np.testing.assert_allclose(surprise, [distance[0, 0] / 2])


def test_surprise_is_1_in_the_mean_where_the_noise_is_right():
    rng = np.random.default_rng(0)
    state = np.repeat(_at_rest(), 20_000, axis=0)
    step = rng.normal(0, np.sqrt(20**2 + 10**2), (20_000, 2))
    found = BOX + np.tile(step, 2)
    surprise = xtwh.surprise(state, found, NOISE, error_share=np.ones(20_000))
    assert surprise.mean() == pytest.approx(1, abs=0.03)


def test_the_camera_moves_the_top_and_all_lengths():
    state = _at_rest()
    state[0, VELOCITY] = 1, 0, 2, 3
    moved = xtwh.move_camera(state, np.array([[0.0, -2, 5], [2, 0, 7]]))
    np.testing.assert_allclose(moved[0, POSITION], [-195, 247, 80, 200])
    np.testing.assert_allclose(moved[0, VELOCITY], [0, 2, 4, 6])


def test_a_box_without_height_keeps_noise():
    state = xtwh.initiate(np.array([[5.0, 5, 5, 5]]), NOISE)
    assert (state[0, POSITION_VAR] > 0).all()
