"""What tracked people look like: comparing embeddings, and remembering them over time."""

from __future__ import annotations

import numpy as np

from yolox.structures import InputError
from yolox.structures.boxes import Array


def with_features(
    tracks: Array, embeddings: Array | None, *, tracker: str, views: tuple[int, ...] = ()
) -> Array:
    """Give a track table the column `feature`, made for embeddings of the first length seen.

    Args:
        tracks: The table; empty as long as it has no such column.
        embeddings: `(N, D)` of a frame with detections.
        tracker: Whose table it is, for the message.
        views: Shape of the embeddings kept of a track: `()` for one, `(K,)` for K of them.

    Returns:
        The table itself, or an empty one with the column `(*views, D)`.

    Raises:
        InputError: There are no embeddings, or they have another length than before.
    """
    if embeddings is None:
        raise InputError(
            f"the detections have no embeddings, which {tracker} needs; take a detector with "
            "a ReID head, give <sequence>.npy beside <sequence>.txt, or take a tracker that needs "
            "none, as byte or covertrack"
        )
    length = embeddings.shape[1]
    if "feature" not in (tracks.dtype.names or ()):
        return np.empty(0, dtype=[*tracks.dtype.descr, ("feature", np.float32, (*views, length))])
    known = tracks["feature"].shape[-1]
    if known != length:
        raise InputError(
            f"embeddings have {length} numbers, those of earlier frames {known}; "
            "give one model's, or reset() the tracker"
        )
    return tracks


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


def nearest_cost(features: Array, embeddings: Array) -> Array:
    """Compute half the cosine distance of every detection to what is likest it of each track.

    Args:
        features: `(T, K, D)` of unit length, or 0 where less than K are remembered.
        embeddings: `(N, D)` of unit length.

    Returns:
        Cost `(T, N)` in [0, 1]; 1 for a track of which nothing is known.
    """
    known = np.asarray(features.any(axis=2))
    alike = np.full((len(features), len(embeddings)), -1, dtype=features.dtype)
    # View by view, for all at once would be (T, K, N).
    for view in np.flatnonzero(known.any(axis=0)):
        of_view = np.where(known[:, view, None], features[:, view] @ embeddings.T, -1)
        np.maximum(alike, of_view, out=alike)
    return np.clip((1 - alike.astype(np.float64)) / 2, 0, 1)


def remember(features: Array, embeddings: Array, memory: float | Array) -> Array:
    """Blend what was known of tracks with what is seen of them now; gives the new `(T, D)`.

    Args:
        features: `(T, D)` of unit length, or 0 for a track of which nothing is known.
        embeddings: `(T, D)` of unit length.
        memory: Share of the old, in [0, 1), one number or `(T, 1)`.
    """
    known = features.any(axis=1, keepdims=True)
    blended = np.where(known, memory * features + (1 - memory) * embeddings, embeddings)
    lengths = np.linalg.norm(blended, axis=1, keepdims=True)
    # Two opposite views cancel out; the newer one stands.
    safe = np.where(lengths > 1e-6, blended / np.maximum(lengths, 1e-6), embeddings)
    return safe.astype(features.dtype)
