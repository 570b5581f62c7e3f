"""The filters against the textbook's matrices."""

import numpy as np
import pytest

from yolox.tracker.motion import kalman, xyah, xysr, xywh

COUNT = 6


def _textbook_predict(mean, covariance, process_noise):
    motion = np.eye(8) + np.eye(8, k=4)
    return motion @ mean, motion @ covariance @ motion.T + process_noise


def _textbook_update(mean, covariance, measurement, noise):
    observe = np.eye(4, 8)
    innovation = observe @ covariance @ observe.T + noise
    gain = covariance @ observe.T @ np.linalg.inv(innovation)
    mean = mean + gain @ (measurement - observe @ mean)
    return mean, covariance - gain @ innovation @ gain.T


def _state_of(mean, covariance):
    position, velocity = np.arange(4), np.arange(4, 8)
    return np.stack(
        [
            mean[:4],
            mean[4:],
            covariance[position, position],
            covariance[position, velocity],
            covariance[velocity, velocity],
        ]
    )


def test_four_small_filters_are_the_eight_state_filter():
    random = np.random.default_rng(0)
    measured = random.uniform(0, 100, (COUNT, 4))
    position_var, velocity_var = random.uniform(0.1, 5, (2, COUNT, 4))
    state = kalman.initiate(measured, position_var, velocity_var)
    textbook = [
        (np.r_[z, np.zeros(4)], np.diag(np.r_[p, v]))
        for z, p, v in zip(measured, position_var, velocity_var, strict=True)
    ]
    for _ in range(30):
        position_noise, velocity_noise, noise = random.uniform(0.1, 5, (3, COUNT, 4))
        measured = measured + random.normal(0, 3, (COUNT, 4))
        state = kalman.predict(state, position_noise, velocity_noise)
        distance = kalman.squared_mahalanobis(state, measured, noise)
        for i in range(COUNT):
            process = np.diag(np.r_[position_noise[i], velocity_noise[i]])
            mean, covariance = _textbook_predict(*textbook[i], process)
            offset = measured[2] - mean[:4]
            spread = covariance[:4, :4] + np.diag(noise[i])
            assert distance[i, 2] == pytest.approx(offset @ np.linalg.inv(spread) @ offset)
            textbook[i] = _textbook_update(mean, covariance, measured[i], np.diag(noise[i]))
        state = kalman.update(state, measured, noise)
        expected = np.stack([_state_of(*pair) for pair in textbook])
        np.testing.assert_allclose(state, expected, rtol=1e-9, atol=1e-9)


BOXES = np.array([[10.0, 20, 50, 120], [-30, 5, 0, 15], [7, 7, 7, 7]])


@pytest.mark.parametrize("model", [xyah, xysr, xywh])
def test_boxes_survive_the_coordinates(model):
    np.testing.assert_allclose(model.to_boxes(model.initiate(BOXES)), BOXES, atol=1e-3)


def test_xyah_noise_is_a_share_of_the_height():
    state = xyah.initiate(BOXES[:1])[0]
    np.testing.assert_allclose(state[kalman.POSITION], [30, 70, 0.4, 100])
    np.testing.assert_allclose(state[kalman.POSITION_VAR], np.square([10, 10, 1e-2, 10]))
    np.testing.assert_allclose(state[kalman.VELOCITY_VAR], np.square([6.25, 6.25, 1e-5, 6.25]))


def test_xyah_holds_the_height_of_the_unseen():
    state = np.concatenate([xyah.initiate(BOXES[:1])] * 2)
    state[:, kalman.VELOCITY] = 1
    moved = xyah.predict(state, height_held=np.array([False, True]))
    assert moved[:, kalman.POSITION, 3].tolist() == [101, 100]
    assert moved[:, kalman.POSITION, 0].tolist() == [31, 31]
    assert state[1, kalman.VELOCITY, 3] == 1  # the input is not changed


def test_xyah_takes_a_share_of_the_measurements_noise():
    state = xyah.predict(xyah.initiate(np.repeat(BOXES[:1], 2, axis=0)), np.zeros(2, dtype=bool))
    moved = xyah.update(state, BOXES[[0, 0]] + 10, noise_share=np.array([1.0, 0.0]))
    plain = xyah.update(state[:1], BOXES[:1] + 10)
    np.testing.assert_array_equal(moved[:1], plain)
    np.testing.assert_allclose(moved[1, kalman.POSITION], [40, 80, 0.4, 100])  # the very box


def test_xywh_noise_is_a_share_of_width_and_height():
    state = xywh.initiate(BOXES[:1])
    np.testing.assert_allclose(state[0, kalman.POSITION], [30, 70, 40, 100])
    np.testing.assert_allclose(state[0, kalman.POSITION_VAR], np.square([4, 10, 4, 10]))
    np.testing.assert_allclose(state[0, kalman.VELOCITY_VAR], np.square([2.5, 6.25, 2.5, 6.25]))
    moved = xywh.predict(state, np.array([False]), dt=2)
    grown = np.square([4, 10, 4, 10]) + 4 * np.square([2.5, 6.25, 2.5, 6.25])
    expected = grown + 2 * np.square([2, 5, 2, 5])
    np.testing.assert_allclose(moved[0, kalman.POSITION_VAR], expected)
    # Ten pixels too far right are 100 / (variance + measurement's variance of 2²).
    distance = xywh.squared_mahalanobis(moved, BOXES[:1] + np.array([10, 0, 10, 0]))
    np.testing.assert_allclose(distance, [[100 / (expected[0] + 4)]])


def test_xywh_holds_the_size_of_the_unseen():
    state = np.concatenate([xywh.initiate(BOXES[:1])] * 2)
    state[:, kalman.VELOCITY] = 1
    moved = xywh.predict(state, np.array([False, True]))
    assert moved[:, kalman.POSITION].tolist() == [[31, 71, 41, 101], [31, 71, 40, 100]]
    assert state[1, kalman.VELOCITY, 3] == 1  # the input is not changed


def test_xysr_is_the_seven_state_filter_of_sort():
    """The published matrices, with the aspect ratio as the one state without a velocity."""
    motion = np.eye(7) + np.eye(7, k=4)
    observe = np.eye(4, 7)
    noise = np.diag([1.0, 1, 10, 10])
    process = np.diag([1, 1, 1, 1, 0.01, 0.01, 0.0001])
    covariance = np.diag([10, 10, 10, 10, 1e4, 1e4, 1e4])
    mean = np.pad(xysr.initiate(BOXES[:1])[0, kalman.POSITION], (0, 3))
    state = xysr.initiate(BOXES[:1])
    for step in range(1, 20):
        box = BOXES[:1] + np.array([3.0 * step, step, 3.5 * step, 1.5 * step])
        measured = xysr.initiate(box)[0, kalman.POSITION]
        mean, covariance = motion @ mean, motion @ covariance @ motion.T + process
        innovation = observe @ covariance @ observe.T + noise
        gain = covariance @ observe.T @ np.linalg.inv(innovation)
        mean = mean + gain @ (measured - observe @ mean)
        covariance = covariance - gain @ innovation @ gain.T
        state = xysr.update(xysr.predict(state), box)
        np.testing.assert_allclose(state[0, kalman.POSITION], mean[:4])
        np.testing.assert_allclose(state[0, kalman.VELOCITY, :3], mean[4:])


def test_xysr_never_loses_its_area():
    state = xysr.initiate(BOXES[:1])
    state[:, kalman.VELOCITY, 2] = -1e6
    boxes = xysr.to_boxes(xysr.predict(state))
    assert (boxes[:, 2:] > boxes[:, :2]).all()


@pytest.mark.parametrize("model", [xyah, xysr, xywh])
def test_no_height_and_long_absence_stay_finite(model):
    state = model.initiate(np.zeros((1, 4)))
    for _ in range(300):
        held = () if model is xysr else (np.array([True]),)
        state = model.update(model.predict(state, *held), np.zeros((1, 4)))
    assert np.isfinite(state).all()
    assert np.isfinite(model.to_boxes(state)).all()


def test_prediction_over_two_frames_by_hand():
    state = kalman.initiate(np.zeros((1, 4)), np.full(4, 100.0), np.full(4, 40.0))
    state[:, kalman.VELOCITY] = 3
    moved = kalman.predict(state, np.full(4, 25.0), np.full(4, 0.5), dt=2)
    np.testing.assert_allclose(moved[0, :, 0], [6, 3, 100 + 4 * 40 + 50, 80, 41])
