"""A map between two views from points seen in both, of which many may be wrong."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.structures.boxes import Array

# Points that must agree, and the share of all; fewer would fit anything.
LEAST_POINTS = 12
LEAST_AGREEING = 0.3
# From one frame to the next no camera zooms or turns further: beyond it is a cut, or chance.
LARGEST_ZOOM = 1.25
LARGEST_TURN = 0.25


def fit_similarity(before: Array, after: Array, *, tolerance: float) -> Array | None:
    """Fit shift, turn and zoom by RANSAC.

    Args:
        before: `(N, 2)` points of the first view.
        after: `(N, 2)` the same points in the second.
        tolerance: Pixels by which points that agree may miss the map.

    Returns:
        `(2, 3)` map, or None where too few agree.
    """
    if len(before) < LEAST_POINTS:
        return None
    cv2.setRNGSeed(0)  # the same points, the same map
    warp, agreeing = cv2.estimateAffinePartial2D(
        before, after, method=cv2.RANSAC, ransacReprojThreshold=tolerance, maxIters=500
    )
    if warp is None or agreeing.sum() < max(LEAST_POINTS, LEAST_AGREEING * len(before)):
        return None
    return warp if is_plausible(warp) else None


def is_plausible(warp: Array) -> bool:
    """Tell whether a `(2, 3)` map is one that a camera can make between two frames."""
    if not np.isfinite(warp).all():
        return False
    stretch = np.linalg.svd(warp[:, :2], compute_uv=False)
    turn = np.arctan2(warp[1, 0] - warp[0, 1], warp[0, 0] + warp[1, 1])
    return bool(
        stretch[0] <= LARGEST_ZOOM
        and stretch[1] >= 1 / LARGEST_ZOOM
        and abs(turn) <= LARGEST_TURN
        and np.linalg.det(warp[:, :2]) > 0
    )
