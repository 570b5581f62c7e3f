"""Pictures with transparency laid over an image."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.structures.boxes import Array


def overlay(image: Array, pixels: Array, warp: Array) -> None:
    """Lay a picture over an image in place.

    Args:
        image: `(H, W, 3)` uint8.
        pixels: `(h, w, 4)` uint8, colours already multiplied by the opacity.
        warp: `(2, 3)` from the picture's pixels to the image's.
    """
    window, warp = _window(image, pixels, warp)
    if window is None:
        return
    size = (window.shape[1], window.shape[0])
    moved = cv2.warpAffine(pixels, warp, size, flags=cv2.INTER_LINEAR)
    clear = cv2.cvtColor(255 - moved[..., 3], cv2.COLOR_GRAY2BGR)
    behind = cv2.multiply(window, clear, scale=1 / 255)
    window[:] = cv2.add(behind, np.ascontiguousarray(moved[..., :3]))


def darken(image: Array, opacity: Array, warp: Array, strength: float) -> None:
    """Cast a shadow on an image in place.

    Args:
        image: `(H, W, 3)` uint8.
        opacity: `(h, w)` uint8, what casts the shadow.
        warp: `(2, 3)` from its pixels to the image's.
        strength: Share of the light that is taken away.
    """
    window, warp = _window(image, opacity, warp)
    if window is None:
        return
    size = (window.shape[1], window.shape[0])
    moved = cv2.warpAffine(opacity, warp, size, flags=cv2.INTER_LINEAR)
    left = cv2.cvtColor(cv2.convertScaleAbs(moved, alpha=-strength, beta=0), cv2.COLOR_GRAY2BGR)
    window[:] = cv2.multiply(window, 255 - left, scale=1 / 255)


def _window(image: Array, pixels: Array, warp: Array) -> tuple[Array | None, Array]:
    """Give the part of an image that a warped picture touches, and the warp into that part."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ warp.T
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, image.shape[1::-1])
    if (low >= high).any():
        return None, warp
    moved = warp.copy()
    moved[:, 2] -= low
    return image[low[1] : high[1], low[0] : high[0]], moved
