"""Which way tracks went, and which detections lie that way (OC-SORT's momentum).

Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object Tracking" (2023).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from yolox.structures.boxes import Array

# Sums of frame times round; two times this near are the same.
_SAME_TIME = 1e-6


def momentum(
    past: Array,
    times: Array,
    boxes: Array,
    point: Callable[[Array], Array],
    *,
    now: float,
    interval: float,
) -> Array:
    """Compute how well detections lie in the directions that tracks took.

    Args:
        past: `(T, K, 4)` last observations of each track, the newest last, K > 1.
        times: `(T, K)` of them; −inf where there was none, with any box.
        boxes: `(D, 4)` of the detections.
        point: Gives the `(..., 2)` points of `(..., 4)` boxes whose way is looked at.
        now: Time of the detections.
        interval: Time over which both directions are taken, the track's up to its newest
            observation and the detection's up to now.

    Returns:
        `(T, D)`, see `consistency`.
    """
    before = observed_at(past[:, :-1], times[:, :-1], times[:, -1] - interval)
    went = directions(point(before), point(past[:, -1]))
    start = observed_at(past, times, np.full(len(past), now - interval))
    return consistency(went, directions(point(start)[:, None], point(boxes)))


def observed_at(boxes: Array, times: Array, since: Array) -> Array:
    """Pick of each track the oldest observation that is not older than a time, or else the newest.

    Args:
        boxes: `(T, K, 4)`, the newest last.
        times: `(T, K)` of the observations, rising.
        since: `(T,)`.

    Returns:
        Boxes `(T, 4)`.
    """
    recent = times >= since[:, None] - _SAME_TIME
    chosen = np.where(recent.any(axis=1), recent.argmax(axis=1), times.shape[1] - 1)
    picked: Array = boxes[np.arange(len(boxes)), chosen]
    return picked


def directions(start: Array, end: Array) -> Array:
    """Compute unit vectors `(..., 2)` from points to points, 0 where they coincide."""
    way = end - start
    length = np.linalg.norm(way, axis=-1, keepdims=True)
    unit: Array = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
    return unit


def consistency(before: Array, after: Array) -> Array:
    """Compare the ways that tracks went with the ways that they would go on.

    Args:
        before: Directions `(T, 2)`; 0 for a track that has none yet.
        after: Directions `(T, D, 2)` from the tracks to the detections.

    Returns:
        `1/2 − angle / π`, `(T, D)`: 1/2 straight on, 0 across or unknown, −1/2 back.
    """
    cosine = np.einsum("tk,tdk->td", before, after)
    alike: Array = 0.5 - np.arccos(np.clip(cosine, -1, 1)) / np.pi
    return alike
