"""The motion model of C-BIoU: a box goes on as it did over the last few observations.

Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances? Make It Easier
by Buffering the Matching Space" (2023): the mean of the last differences, and no filter.

A state is one float64 array `(N, LENGTH, 5)`: of N tracks the last observations, the newest first,
each as xyxy and time. Before a track's first observation it is as if it had always been that.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.motion import camera

# Differences that can be averaged at most, and the observations that they lie between.
MOST_DIFFERENCES = 10
LENGTH = MOST_DIFFERENCES + 1


def initiate(boxes: Array, time: float) -> Array:
    """Start tracks at rest from `(N, 4)` xyxy boxes; gives the state."""
    state: Array = np.repeat(_observe(boxes, time)[:, None], LENGTH, axis=1)
    return state


def predict(state: Array, time: float, *, differences: int) -> Array:
    """Compute the `(N, 4)` xyxy boxes at a time.

    Args:
        state: `(N, LENGTH, 5)`.
        time: In frames, as in the state.
        differences: How many of the last differences are averaged, at most `MOST_DIFFERENCES`.
    """
    newest, oldest = state[:, 0], state[:, differences]
    # The differences add up to what lies between the first and the last of them.
    travelled = newest - oldest
    speed = travelled[:, :4] / np.maximum(travelled[:, 4:], 1e-6)
    boxes = newest[:, :4] + speed * (time - newest[:, 4:])
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    half = np.maximum(size, 0) / 2  # one that would shrink beyond nothing is a point
    return np.concatenate([centre - half, centre + half], axis=1)


def update(state: Array, boxes: Array, time: float) -> Array:
    """Observe one `(N, 4)` xyxy box of each track; gives the new state."""
    return np.concatenate([_observe(boxes, time)[:, None], state[:, :-1]], axis=1)


def move_camera(state: Array, warp: Array) -> Array:
    """Bring all observations into this frame's pixels; see `camera.move_boxes`."""
    boxes = camera.move_boxes(state[:, :, :4], warp)
    return np.concatenate([boxes, state[:, :, 4:]], axis=2)


def to_boxes(state: Array) -> Array:
    """Read the `(N, 4)` xyxy boxes that were observed last."""
    boxes: Array = state[:, 0, :4]
    return boxes


def _observe(boxes: Array, time: float) -> Array:
    return np.column_stack([boxes, np.full(len(boxes), time)])
