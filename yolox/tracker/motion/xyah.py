"""The motion model of DeepSORT and BYTE: centre, aspect ratio and height, noise by height.

Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric" (2017), 2.1.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.motion import camera, kalman
from yolox.tracker.motion.kalman import POSITION, VELOCITY

# Standard deviations: centre and height as a share of the height, the aspect ratio absolute.
_POSITION_STD = 1 / 20
_VELOCITY_STD = 1 / 160
_ASPECT_STD = 1e-2
_ASPECT_VELOCITY_STD = 1e-5
_ASPECT_MEASUREMENT_STD = 1e-1

# Keeps the noise above 0 where a box has no height, and the aspect ratio finite.
_LEAST_HEIGHT = 1e-3


def initiate(boxes: Array) -> Array:
    """Start tracks from `(N, 4)` xyxy boxes; gives the Kalman state `(N, 5, 4)`."""
    measurement = _to_xyah(boxes)
    height = measurement[:, 3]
    return kalman.initiate(
        measurement,
        position_var=_variance(height, 2 * _POSITION_STD, _ASPECT_STD),
        velocity_var=_variance(height, 10 * _VELOCITY_STD, _ASPECT_VELOCITY_STD),
    )


def predict(state: Array, height_held: Array, *, dt: float = 1.0) -> Array:
    """Move tracks ahead in time.

    Args:
        state: `(N, 5, 4)`.
        height_held: `(N,)` bool, tracks that nobody sees: their height stops changing.
        dt: Frames.

    Returns:
        New state `(N, 5, 4)`.
    """
    state = state.copy()
    state[height_held, VELOCITY, 3] = 0
    height = state[:, POSITION, 3]
    return kalman.predict(
        state,
        position_noise=_variance(height, _POSITION_STD, _ASPECT_STD),
        velocity_noise=_variance(height, _VELOCITY_STD, _ASPECT_VELOCITY_STD),
        dt=dt,
    )


def move_camera(state: Array, warp: Array) -> Array:
    """See `camera.move`: the height is a length, the aspect ratio a number."""
    return camera.move(state, warp, size_powers=(0, 1))


def update(state: Array, boxes: Array, *, noise_share: Array | None = None) -> Array:
    """Correct tracks by one box each.

    Args:
        state: `(N, 5, 4)`.
        boxes: `(N, 4)` xyxy.
        noise_share: `(N,)`, what the variance of each measurement is multiplied by; 1 if None.

    Returns:
        New state `(N, 5, 4)`.
    """
    noise = _measurement_noise(state)
    if noise_share is not None:
        noise *= noise_share[:, None]
    return kalman.update(state, _to_xyah(boxes), noise)


def squared_mahalanobis(state: Array, boxes: Array) -> Array:
    """Compute the squared distance `(N, M)` of `(M, 4)` xyxy boxes from each predicted track."""
    return kalman.squared_mahalanobis(state, _to_xyah(boxes), _measurement_noise(state))


def to_boxes(state: Array) -> Array:
    """Read the `(N, 4)` xyxy boxes of a state."""
    centre, aspect, height = state[:, POSITION, :2], state[:, POSITION, 2:3], state[:, POSITION, 3:]
    half = np.repeat(height / 2, 2, axis=1)
    half[:, :1] *= aspect
    boxes = np.empty((len(state), 4))
    np.subtract(centre, half, out=boxes[:, :2])
    np.add(centre, half, out=boxes[:, 2:])
    return boxes


def _to_xyah(boxes: Array) -> Array:
    size = boxes[:, 2:] - boxes[:, :2]
    size[:, 1] = np.maximum(size[:, 1], _LEAST_HEIGHT)
    measurement = np.empty_like(boxes)
    measurement[:, :2] = boxes[:, :2] + size / 2
    measurement[:, 2] = size[:, 0] / size[:, 1]
    measurement[:, 3] = size[:, 1]
    return measurement


def _measurement_noise(state: Array) -> Array:
    return _variance(state[:, POSITION, 3], _POSITION_STD, _ASPECT_MEASUREMENT_STD)


def _variance(height: Array, share_of_height: float, aspect_std: float) -> Array:
    """Lay out `(N, 4)` variances of x, y, aspect ratio and height."""
    variance = np.empty((len(height), 4))
    variance[:] = (np.maximum(np.abs(height), _LEAST_HEIGHT) * share_of_height)[:, None]
    variance[:, 2] = aspect_std
    return np.square(variance, out=variance)
