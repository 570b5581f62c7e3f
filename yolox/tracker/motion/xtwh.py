"""The motion model of CoverTrack: middle of the top edge, width and height, noise by height.

Heads stay in view when legs are hidden, so the top edge moves more steadily than the centre. All
deviations are shares of the height, and times count in thirtieths of a second, so that a video of
another frame rate, or one with frames left out, needs no other numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.motion import camera, kalman
from yolox.tracker.motion.kalman import POSITION, POSITION_VAR, VELOCITY

# How much wider than a measurement's, and than the noise of a step, a new track's deviations are.
_NEW_POSITION, _NEW_VELOCITY = 2, 10

# Keeps the noise above 0 where a box has no height.
_LEAST_HEIGHT = 1e-3


class Noise(NamedTuple):
    """Standard deviations as shares of the height.

    Attributes:
        position: Of the place, by what nobody foresaw in 1/30 s; it grows with the time.
        size: Of width and height, likewise.
        velocity: Of the speed, in a share of the height in 1/30 s, at every step.
        size_velocity: Of the change of width and height, likewise.
        measured_position: Of where a detection is.
        measured_size: Of a detection's width and height.
    """

    position: float
    size: float
    velocity: float
    size_velocity: float
    measured_position: float
    measured_size: float


def initiate(boxes: Array, noise: Noise, *, pace: float = 1.0) -> Array:
    """Start tracks at rest.

    Args:
        boxes: `(N, 4)` xyxy.
        noise: Of the motion model.
        pace: Thirtieths of a second between two frames.

    Returns:
        Kalman state `(N, 5, 4)`, velocities in pixels a frame.
    """
    height = boxes[:, 3] - boxes[:, 1]
    position, size = noise.measured_position, noise.measured_size
    velocity, size_velocity = noise.velocity * pace, noise.size_velocity * pace
    return kalman.initiate(
        _to_xtwh(boxes),
        position_var=_variance(height, position, size) * _NEW_POSITION**2,
        velocity_var=_variance(height, velocity, size_velocity) * _NEW_VELOCITY**2,
    )


def predict(
    state: Array,
    size_held: Array,
    noise: Noise,
    *,
    noise_share: Array,
    dt: float = 1.0,
    pace: float = 1.0,
) -> Array:
    """Move tracks ahead in time.

    Args:
        state: `(N, 5, 4)`.
        size_held: `(N,)` bool, tracks that nobody sees: their size stops changing.
        noise: Of the motion model.
        noise_share: `(N,)`, what the variance of each track's own motion is multiplied by.
        dt: Frames.
        pace: Thirtieths of a second between two frames.

    Returns:
        New state `(N, 5, 4)`.
    """
    state = state.copy()
    state[size_held, VELOCITY, 2:] = 0
    height, share = state[:, POSITION, 3], noise_share[:, None] * pace**2
    # The filter multiplies both by dt: of the place the deviation grows with it, as the way does.
    return kalman.predict(
        state,
        position_noise=_variance(height, noise.position, noise.size) * (share * dt),
        velocity_noise=_variance(height, noise.velocity, noise.size_velocity) * (share / dt),
        dt=dt,
    )


def move_camera(state: Array, warp: Array) -> Array:
    """See `camera.move`: width and height are lengths."""
    return camera.move(state, warp, size_powers=(1, 1))


def update(state: Array, boxes: Array, noise: Noise, *, error_share: Array) -> Array:
    """Correct tracks by one box each.

    Args:
        state: `(N, 5, 4)`.
        boxes: `(N, 4)` xyxy.
        noise: Of the motion model.
        error_share: `(N,)`, what the deviation of each measurement is multiplied by.

    Returns:
        New state `(N, 5, 4)`.
    """
    return kalman.update(state, _to_xtwh(boxes), _measurement_noise(state, noise, error_share))


def surprise(state: Array, boxes: Array, noise: Noise, *, error_share: Array) -> Array:
    """Compute how far tracks are from where they were expected, against how far is usual.

    Args:
        state: `(N, 5, 4)`, predicted.
        boxes: `(N, 4)` xyxy, one a track.
        noise: Of the motion model.
        error_share: As for `update`.

    Returns:
        `(N,)` normalised squared innovation of the place; 1 in the mean if the noise is right.
    """
    innovation = _to_xtwh(boxes)[:, :2] - state[:, POSITION, :2]
    variance = state[:, POSITION_VAR] + _measurement_noise(state, noise, error_share)
    found: Array = (innovation**2 / variance[:, :2]).mean(axis=1)
    return found


def squared_mahalanobis(state: Array, boxes: Array, noise: Noise, *, error_share: Array) -> Array:
    """Compute the squared distance `(N, M)` of `(M, 4)` xyxy boxes from each predicted track."""
    measured = _measurement_noise(state, noise, error_share)
    return kalman.squared_mahalanobis(state, _to_xtwh(boxes), measured)


def to_boxes(state: Array) -> Array:
    """Read the `(N, 4)` xyxy boxes of a state."""
    middle, top, width, height = state[:, POSITION].T
    boxes = np.empty((len(state), 4))
    boxes[:, 0], boxes[:, 1] = middle - width / 2, top
    boxes[:, 2], boxes[:, 3] = middle + width / 2, top + height
    return boxes


def _to_xtwh(boxes: Array) -> Array:
    left, top, right, bottom = boxes.T
    measurement = np.empty((len(boxes), 4))
    measurement[:, 0], measurement[:, 1] = left + (right - left) / 2, top
    measurement[:, 2], measurement[:, 3] = right - left, bottom - top
    return measurement


def _measurement_noise(state: Array, noise: Noise, error_share: Array) -> Array:
    height = state[:, POSITION, 3]
    variance = _variance(height, noise.measured_position, noise.measured_size)
    variance *= np.square(error_share)[:, None]
    return variance


def _variance(height: Array, position: float, size: float) -> Array:
    """Lay out `(N, 4)` variances of middle, top, width and height."""
    shares = np.array([position, position, size, size])
    variance: Array = np.square(np.maximum(np.abs(height), _LEAST_HEIGHT)[:, None] * shares)
    return variance
