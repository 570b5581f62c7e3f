"""The camera's motion from tracks: what all of them have to move by at once.

People walk each their own way; where all are found beside their predictions by the same way, the
camera moved. Only a shift is estimated, which is what matters from one frame to the next.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array, box_iou
from yolox.tracker.association import assign, iou_cost
from yolox.tracker.motion.box_camera import centres
from yolox.tracker.motion.kalman import VELOCITY

# Fewer pairs say too little.
_LEAST_PAIRS = 3

# Largest costs of a pair, at first and once the shift is about right.
_PAIR_LIMITS = (0.9, 0.6)

# Where boxes overlap so well in the mean, the shift is small; elsewhere one is tried first if with
# it they overlap so much better.
_STILL, _CLEARLY = 0.5, 1.2

# The vote: shares of the median height that a cell of it is wide, and that it reaches to the sides
# and up or down; and the most by which two heights differ that may be of one person.
_CELL, _REACH_X, _REACH_Y, _LIKE_HEIGHT = 0.2, 2.0, 1.0, 1.25

# A normal distribution's deviation is so many times its median absolute deviation.
_DEVIATION = 1.48


def estimate(predicted: Array, found: Array, *, previous: Array) -> Array:
    """Estimate by how much the image moved.

    Args:
        predicted: `(T, 4)` xyxy, where tracks of the last frame would be if the camera stood still.
        found: `(D, 4)` xyxy, the detections of this frame.
        previous: `(2,)` shift of the last frame.

    Returns:
        `(2, 3)` map from the last frame's pixels to this one's; it moves nothing where fewer than
        three tracks are found again.
    """
    shift = _first_guess(predicted, found, previous)
    for limit in _PAIR_LIMITS:
        pairs = assign(iou_cost(_moved(predicted, shift), found), limit)
        if len(pairs.tracks) < _LEAST_PAIRS:
            return _as_map(np.zeros(2))
        ways = centres(found[pairs.detections]) - centres(predicted[pairs.tracks])
        shift = np.median(ways, axis=0)
    return _as_map(_without_chance(shift, ways))


def common_velocity(motion: Array) -> Array:
    """Give the `(2,)` median velocity of Kalman states `(T, 5, 4)`; 0 of fewer than three."""
    if len(motion) < _LEAST_PAIRS:
        return np.zeros(2)
    return np.asarray(np.median(motion[:, VELOCITY, :2], axis=0))


def _first_guess(predicted: Array, found: Array, previous: Array) -> Array:
    """Choose the shift to begin with: none, the last one, or the one that most pairs agree on."""
    best = np.zeros(2)
    if len(predicted) < _LEAST_PAIRS or len(found) < _LEAST_PAIRS:
        return best
    still = _fit(predicted, found)
    if still > _STILL * len(predicted):
        return best
    most = _CLEARLY * still
    for shift in (previous, _voted(predicted, found)):
        if not shift.any():
            continue
        fit = _fit(_moved(predicted, shift), found)
        if fit > most:
            best, most = shift, fit
    return best


def _fit(boxes: Array, found: Array) -> float:
    """Sum up how well each box is met by the detection that meets it best."""
    return float(box_iou(boxes, found).max(axis=1).sum())


def _voted(predicted: Array, found: Array) -> Array:
    """Give the mean shift of the fullest 3 × 3 cells of all pairs of like height; 0 of too few."""
    heights, heights_found = predicted[:, 3] - predicted[:, 1], found[:, 3] - found[:, 1]
    scale = max(float(np.median(heights)), 1e-3)
    ways = centres(found)[None] - centres(predicted)[:, None]
    like = heights[:, None] <= _LIKE_HEIGHT * heights_found
    like &= heights_found <= _LIKE_HEIGHT * heights[:, None]
    like &= (np.abs(ways) <= [_REACH_X * scale, _REACH_Y * scale]).all(axis=2)
    ways = ways[like]
    if len(ways) < _LEAST_PAIRS:
        return np.zeros(2)
    shape = np.array([2 * round(_REACH_X / _CELL) + 1, 2 * round(_REACH_Y / _CELL) + 1])
    cell = np.floor(ways / (_CELL * scale) + 0.5).astype(np.int64) + shape // 2
    index = cell[:, 0] * shape[1] + cell[:, 1]
    votes = _neighbourhood(np.bincount(index, minlength=shape.prod()).reshape(shape))
    if votes.max() < _LEAST_PAIRS:
        return np.zeros(2)
    winner = np.array(np.unravel_index(votes.argmax(), shape))
    return np.asarray(ways[(np.abs(cell - winner) <= 1).all(axis=1)].mean(axis=0))


def _neighbourhood(cells: Array) -> Array:
    """Add up every cell and those around it."""
    rows, columns = cells.shape
    padded = np.pad(cells, 1)
    parts = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.asarray(np.sum(parts, axis=0))


def _without_chance(shift: Array, ways: Array) -> Array:
    """Shrink a shift by what of it may be chance (James and Stein)."""
    deviation = _DEVIATION * np.median(np.abs(ways - shift), axis=0)
    chance, length = np.square(deviation).sum() / len(ways), np.square(shift).sum()
    share = max(1 - chance / length, 0.0) if length > 0 else 0.0
    return np.asarray(share * shift)


def _moved(boxes: Array, shift: Array) -> Array:
    moved: Array = boxes + np.tile(shift, 2)
    return moved


def _as_map(shift: Array) -> Array:
    return np.concatenate([np.eye(2), shift[:, None]], axis=1)
