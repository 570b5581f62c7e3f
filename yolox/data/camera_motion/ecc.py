"""The whole view laid over the next one so that they correlate best.

Evangelidis and Psarakis, "Parametric Image Alignment Using Enhanced Correlation Coefficient
Maximization" (2008).
"""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.camera_motion.fit import is_plausible
from yolox.data.camera_motion.view import View
from yolox.structures.boxes import Array

STEPS = 50
PRECISION = 1e-4  # gain of a step that is the last
BLUR = 5  # pixels
LEAST_CORRELATION = 0.7
# It climbs to the nearest peak, so that it starts on copies shrunk to about so many lines, where a
# leap is but a few pixels, and goes on from what it found there.
LEAST_HEIGHT = 60


def estimate(before: View, after: View) -> Array | None:
    """Estimate the `(2, 3)` map from one view to the next; None where they show too little."""
    warp: Array = np.eye(2, 3, dtype=np.float32)
    if before.pixels.shape[0] >= 2 * LEAST_HEIGHT:
        coarse = estimate(_halve(before), _halve(after))
        if coarse is None:
            return None
        warp = coarse.astype(np.float32)
        warp[:, 2] *= 2
    climb = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, STEPS, PRECISION)
    try:
        correlation, found = cv2.findTransformECC(
            before.pixels, after.pixels, warp, cv2.MOTION_AFFINE, climb, after.background, BLUR
        )
    except cv2.error:  # it did not converge, or there is nothing to correlate
        return None
    warp = np.asarray(found)
    return warp if correlation >= LEAST_CORRELATION and is_plausible(warp) else None


def _halve(view: View) -> View:
    size = view.pixels.shape[1] // 2, view.pixels.shape[0] // 2
    pixels = cv2.resize(view.pixels, size, interpolation=cv2.INTER_AREA)
    background = cv2.resize(view.background, size, interpolation=cv2.INTER_NEAREST)
    return View(pixels, background, view.scale / 2)
