"""The motion model of SORT: centre, area and aspect ratio, the ratio without a velocity.

Bewley et al., "Simple Online and Realtime Tracking" (2016), 3.2.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.motion import camera, kalman
from yolox.tracker.motion.kalman import POSITION, VELOCITY

# Variances of x, y, area and aspect ratio, in pixels.
_INITIAL_POSITION_VAR = np.array([10.0, 10.0, 10.0, 10.0])
_INITIAL_VELOCITY_VAR = np.array([1e4, 1e4, 1e4, 0.0])
_POSITION_NOISE = np.array([1.0, 1.0, 1.0, 1.0])
_VELOCITY_NOISE = np.array([1e-2, 1e-2, 1e-4, 0.0])
_MEASUREMENT_NOISE = np.array([1.0, 1.0, 10.0, 10.0])

# Keeps area and aspect ratio above 0 where a box has no area.
_LEAST_SIDE = 1e-3


def initiate(boxes: Array) -> Array:
    """Start tracks from `(N, 4)` xyxy boxes; gives the Kalman state `(N, 5, 4)`."""
    return kalman.initiate(_to_xysr(boxes), _INITIAL_POSITION_VAR, _INITIAL_VELOCITY_VAR)


def predict(state: Array, *, dt: float | Array = 1.0) -> Array:
    """Move tracks `dt` frames ahead, one number or `(N, 1)`; no area shrinks until it vanishes."""
    area = state[:, POSITION, 2:3] + dt * state[:, VELOCITY, 2:3]
    if area.min(initial=1) <= 0:
        state = state.copy()
        state[area[:, 0] <= 0, VELOCITY, 2] = 0
    return kalman.predict(state, _POSITION_NOISE, _VELOCITY_NOISE, dt=dt)


def move_camera(state: Array, warp: Array) -> Array:
    """See `camera.move`: the area is a length squared, the aspect ratio a number."""
    return camera.move(state, warp, size_powers=(2, 0))


def update(state: Array, boxes: Array) -> Array:
    """Correct tracks by one `(N, 4)` xyxy box each; gives the new state."""
    return kalman.update(state, _to_xysr(boxes), _MEASUREMENT_NOISE)


def to_boxes(state: Array) -> Array:
    """Read the `(N, 4)` xyxy boxes of a state."""
    centre = state[:, POSITION, :2]
    area = np.maximum(state[:, POSITION, 2], _LEAST_SIDE**2)
    aspect = np.maximum(state[:, POSITION, 3], _LEAST_SIDE**2)
    width = np.sqrt(area * aspect)
    half = np.empty_like(centre)
    half[:, 0], half[:, 1] = width / 2, area / width / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _to_xysr(boxes: Array) -> Array:
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], _LEAST_SIDE)
    measurement = np.empty_like(boxes)
    measurement[:, :2] = (boxes[:, :2] + boxes[:, 2:]) / 2
    measurement[:, 2] = size[:, 0] * size[:, 1]
    measurement[:, 3] = size[:, 0] / size[:, 1]
    return measurement
