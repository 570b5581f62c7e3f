"""How several cues become one cost."""

from __future__ import annotations

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
