"""The motion model of BoT-SORT: centre, width and height, noise by both.

Aharon et al., "BoT-SORT: Robust Associations Multi-Pedestrian Tracking" (2022), 3.1.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.motion import camera, kalman
from yolox.tracker.motion.kalman import POSITION, VELOCITY

# Standard deviations: of x and the width as a share of the width, of y and the height of the height
# (eq. 3-4, where the measurement's share is that of the position).
_POSITION_STD = 1 / 20
_VELOCITY_STD = 1 / 160

# Keeps the noise above 0 where a box has no width or height.
_LEAST_SIDE = 1e-3


def initiate(boxes: Array) -> Array:
    """Start tracks from `(N, 4)` xyxy boxes; gives the Kalman state `(N, 5, 4)`."""
    measurement = _to_xywh(boxes)
    size = measurement[:, 2:]
    return kalman.initiate(
        measurement,
        position_var=_variance(size, 2 * _POSITION_STD),
        velocity_var=_variance(size, 10 * _VELOCITY_STD),
    )


def predict(state: Array, size_held: Array, *, dt: float = 1.0) -> Array:
    """Move tracks ahead in time.

    Args:
        state: `(N, 5, 4)`.
        size_held: `(N,)` bool, tracks that nobody sees: their size stops changing.
        dt: Frames.

    Returns:
        New state `(N, 5, 4)`.
    """
    state = state.copy()
    state[size_held, VELOCITY, 2:] = 0
    size = state[:, POSITION, 2:]
    return kalman.predict(
        state,
        position_noise=_variance(size, _POSITION_STD),
        velocity_noise=_variance(size, _VELOCITY_STD),
        dt=dt,
    )


def move_camera(state: Array, warp: Array) -> Array:
    """See `camera.move`: width and height are lengths."""
    return camera.move(state, warp, size_powers=(1, 1))


def update(state: Array, boxes: Array) -> Array:
    """Correct tracks by one `(N, 4)` xyxy box each; gives the new state."""
    return kalman.update(state, _to_xywh(boxes), _measurement_noise(state))


def squared_mahalanobis(state: Array, boxes: Array) -> Array:
    """Compute the squared distance `(N, M)` of `(M, 4)` xyxy boxes from each predicted track."""
    return kalman.squared_mahalanobis(state, _to_xywh(boxes), _measurement_noise(state))


def to_boxes(state: Array) -> Array:
    """Read the `(N, 4)` xyxy boxes of a state."""
    centre, half = state[:, POSITION, :2], state[:, POSITION, 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _to_xywh(boxes: Array) -> Array:
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + size / 2, size], axis=1)


def _measurement_noise(state: Array) -> Array:
    return _variance(state[:, POSITION, 2:], _POSITION_STD)


def _variance(size: Array, share: float) -> Array:
    """Lay out `(N, 4)` variances of x, y, width and height from `(N, 2)` sizes."""
    deviation = share * np.maximum(np.abs(size), _LEAST_SIDE)
    variance: Array = np.square(np.tile(deviation, (1, 2)))
    return variance
