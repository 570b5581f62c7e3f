"""Corners found in both views and paired by what surrounds them; finds great leaps too.

Rublee et al., "ORB: an efficient alternative to SIFT or SURF" (2011).
"""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.camera_motion.fit import fit_similarity
from yolox.data.camera_motion.view import View
from yolox.structures.boxes import Array

CORNERS = 1000
TOLERANCE = 2.5  # pixels: corners are found on shrunk copies too, where a pixel is several
# Share of the second best distance that the best may have (Lowe, 2004).
DISTINCT = 0.8


def estimate(before: View, after: View) -> Array | None:
    """Estimate the `(2, 3)` map from one view to the next; None where they show too little."""
    finder = cv2.ORB.create(CORNERS)
    points, looks = finder.detectAndCompute(before.pixels, before.background)
    points_after, looks_after = finder.detectAndCompute(after.pixels, after.background)
    if not points or not points_after:
        return None
    nearest = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(looks, looks_after, k=2)
    pairs = [
        (two[0].queryIdx, two[0].trainIdx)
        for two in nearest
        if len(two) == 2 and two[0].distance < DISTINCT * two[1].distance
    ]
    if not pairs:
        return None
    rows, matched = np.array(pairs).T
    return fit_similarity(
        np.array([point.pt for point in points])[rows],
        np.array([point.pt for point in points_after])[matched],
        tolerance=TOLERANCE,
    )
