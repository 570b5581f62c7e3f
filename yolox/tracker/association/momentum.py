"""Which way tracks went, and which detections lie that way (OC-SORT's momentum).

Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object Tracking" (2023).
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array

# Sums of frame times round; two times this near are the same.
_SAME_TIME = 1e-6


def momentum(past: Array, times: Array, points: Array, *, now: float, interval: float) -> Array:
    """Compute how well detections lie in the directions that tracks took.

    Args:
        past: `(T, K, P, 2)`, P points of each track in its last K > 1 observations, newest last.
        times: `(T, K)` of them; −inf where there was none, with any points.
        points: `(D, P, 2)` of the detections.
        now: Time of the detections.
        interval: Time over which both directions are taken, the track's up to its newest
            observation and the detection's up to now.

    Returns:
        `(T, D)`, the mean of `consistency` over the points.
    """
    before = observed_at(past[:, :-1], times[:, :-1], times[:, -1] - interval)
    start = observed_at(past, times, np.full(len(past), now - interval))
    alike = consistency(directions(before, past[:, -1]), start, points)
    return np.asarray(alike.mean(axis=2))


def observed_at(past: Array, times: Array, since: Array) -> Array:
    """Pick of each track the oldest observation that is not older than a time, or else the newest.

    Args:
        past: `(T, K, ...)`, the newest last.
        times: `(T, K)` of the observations, rising.
        since: `(T,)`.

    Returns:
        Observations `(T, ...)`.
    """
    older = (times < since[:, None] - _SAME_TIME).sum(axis=1)
    chosen = np.minimum(older, times.shape[1] - 1)
    picked: Array = past[np.arange(len(past)), chosen]
    return picked


def directions(start: Array, end: Array) -> Array:
    """Compute unit vectors `(..., 2)` from points to points, 0 where they coincide."""
    way = end - start
    length = np.linalg.norm(way, axis=-1, keepdims=True)
    unit: Array = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
    return unit


def consistency(before: Array, start: Array, points: Array) -> Array:
    """Compare the ways that tracks went with the ways to the detections.

    Args:
        before: Directions `(T, P, 2)`; 0 for a track that has none yet.
        start: `(T, P, 2)`, from where the ways to the detections are taken.
        points: `(D, P, 2)` of the detections.

    Returns:
        `1/2 − angle / π`, `(T, D, P)`: 1/2 straight on, 0 across or unknown, −1/2 back.
    """
    # Coordinate by coordinate and in place: several times faster than (T, D, P, 2).
    x, y = (points[None, :, :, k] - start[:, None, :, k] for k in (0, 1))
    along = before[:, None, :, 0] * x + before[:, None, :, 1] * y
    length = np.sqrt(x * x + y * y)
    cosine = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    angle = np.arccos(np.clip(cosine, -1, 1, out=cosine), out=cosine)
    angle /= np.pi
    alike: Array = np.subtract(0.5, angle, out=angle)
    return alike
