"""Corners followed from one view to the next.

Lucas and Kanade, "An Iterative Image Registration Technique with an Application to Stereo Vision"
(1981), at the corners of Shi and Tomasi, "Good Features to Track" (1994).
"""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.camera_motion.fit import fit_similarity
from yolox.data.camera_motion.view import View
from yolox.structures.boxes import Array

CORNERS = 500
QUALITY = 0.01  # of a corner, as a share of the best one's
APART = 7  # pixels between two corners
WINDOW = 21  # pixels around a corner that are looked for
LEVELS = 4  # of the pyramid, each half the size: how far corners may go
TOLERANCE = 1.0  # pixels
# Pixels that a corner may miss itself by when it is followed back.
RETURN = 0.7


def estimate(before: View, after: View) -> Array | None:
    """Estimate the `(2, 3)` map from one view to the next; None where they show too little."""
    corners: Array | None = cv2.goodFeaturesToTrack(
        before.pixels, CORNERS, QUALITY, APART, mask=before.background
    )
    if corners is None:
        return None
    followed, found = _follow(before.pixels, after.pixels, corners)
    returned, found_back = _follow(after.pixels, before.pixels, followed)
    missed = np.linalg.norm(returned - corners, axis=2)[:, 0]
    sure = found & found_back & (missed < RETURN)
    return fit_similarity(corners[sure, 0], followed[sure, 0], tolerance=TOLERANCE)


def _follow(before: Array, after: Array, points: Array) -> tuple[Array, Array]:
    followed, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points, np.empty_like(points), winSize=(WINDOW, WINDOW), maxLevel=LEVELS
    )
    return followed, found[:, 0] == 1
