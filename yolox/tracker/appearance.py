"""What tracked people look like: comparing embeddings, and remembering them over time."""

from __future__ import annotations

import numpy as np

from yolox.structures import InputError
from yolox.structures.boxes import Array


def cosine_cost(features: Array, embeddings: Array) -> Array:
    """Compute half the cosine distance of every track with every detection.

    Args:
        features: `(T, D)` of unit length.
        embeddings: `(N, D)` of unit length.

    Returns:
        Cost `(T, N)` in [0, 1]: 0 for the same direction, 0.5 for unrelated ones.
    """
    cost: Array = (1 - features.astype(np.float64) @ embeddings.T) / 2
    return np.clip(cost, 0, 1)


def remember(features: Array, embeddings: Array, memory: float) -> Array:
    """Blend what was known of tracks with what is seen of them now; gives the new `(T, D)`.

    Args:
        features: `(T, D)` of unit length, or 0 for a track of which nothing is known.
        embeddings: `(T, D)` of unit length.
        memory: Share of the old, in [0, 1).
    """
    known = features.any(axis=1, keepdims=True)
    blended = np.where(known, memory * features + (1 - memory) * embeddings, embeddings)
    lengths = np.linalg.norm(blended, axis=1, keepdims=True)
    # Two opposite views cancel out; the newer one stands.
    safe = np.where(lengths > 1e-6, blended / np.maximum(lengths, 1e-6), embeddings)
    return safe.astype(features.dtype)


def with_feature(tracks: Array, embeddings: Array | None, *, tracker: str, instead: str) -> Array:
    """Give a track table the column `feature` for embeddings like these, if it has none yet.

    Args:
        tracks: Track table; without the column it holds no tracks.
        embeddings: `(N, D)` of a frame's detections.
        tracker: Name of the tracker that needs them, for the message.
        instead: Name of the tracker that does without.

    Returns:
        The same table, or an empty one with the column.

    Raises:
        InputError: There are no embeddings, or they have another length than the column.
    """
    if embeddings is None:
        raise InputError(
            f"the detections have no embeddings, which {tracker} needs; take a detector with "
            f"a ReID head, give <sequence>.npy beside <sequence>.txt, or take tracker {instead}"
        )
    length = embeddings.shape[1]
    fields = dict(tracks.dtype.fields or {})
    if "feature" not in fields:
        return np.empty(0, dtype=[*tracks.dtype.descr, ("feature", np.float32, (length,))])
    known = fields["feature"][0].shape[-1]
    if known != length:
        raise InputError(
            f"embeddings have {length} numbers, those of earlier frames {known}; "
            "give one model's, or reset() the tracker"
        )
    return tracks
