"""How several cues become one cost."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array


def fuse_score(cost: Array, detection_scores: Array) -> Array:
    """Trust an overlap by the score of its detection: `1 - IoU · score` (ByteTrack).

    Args:
        cost: `1 - IoU`, `(T, D)` in [0, 1].
        detection_scores: `(D,)` in [0, 1].

    Returns:
        Cost `(T, D)` in [0, 1].
    """
    fused: Array = 1 - (1 - cost) * detection_scores
    return fused


def fuse_appearance(cost: Array, appearance: Array, trusted: Array) -> Array:
    """Let looks lower a cost, never raise it (BoT-SORT, eq. 12-13, with any gate).

    Args:
        cost: `(T, D)`.
        appearance: Cost of the looks `(T, D)`, on the same scale.
        trusted: `(T, D)` bool, the pairs of which looks may decide.

    Returns:
        Cost `(T, D)`: the smaller of both where looks are trusted.
    """
    return np.where(trusted, np.minimum(cost, appearance), cost)
