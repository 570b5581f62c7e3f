"""How several cues become one cost."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array
from yolox.tracker.association.gating import gate_by_motion


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


def fuse_motion(appearance: Array, squared_distance: Array, *, share: float) -> Array:
    """Add to looks how unlikely the motion model finds a pair (JDE's and FairMOT's cost).

    Args:
        appearance: Cost of the looks `(T, D)`.
        squared_distance: Squared Mahalanobis distance `(T, D)`.
        share: Of the looks, in [0, 1]; the rest is the motion's.

    Returns:
        Cost `(T, D)`, infinite beyond the motion model's 95 % gate.
    """
    fused = share * appearance + (1 - share) * squared_distance
    return gate_by_motion(fused, squared_distance)


def standing_out(similarity: Array, *, cap: float) -> Array:
    """Compute how clearly a pair's two sides single each other out (Deep OC-SORT).

    Args:
        similarity: `(T, D)`.
        cap: Largest lead over the second likest that counts.

    Returns:
        `(T, D)` in [0, cap]: the mean of the track's and the detection's lead, where one without a
        second to be compared with has none.
    """
    of_tracks = np.minimum(_lead(similarity), cap)
    of_detections = np.minimum(_lead(similarity.T), cap)
    return np.asarray((of_tracks[:, None] + of_detections) / 2)


def _lead(similarity: Array) -> Array:
    """Compute by how much the largest of each row is ahead of the second."""
    if similarity.shape[1] < 2:
        return np.zeros(len(similarity))
    two = np.partition(similarity, -2, axis=1)[:, -2:]
    lead: Array = two[:, 1] - two[:, 0]
    return lead
