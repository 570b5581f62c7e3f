"""Pictures with transparency laid over an image."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from yolox.structures.boxes import Array


class Sprite(NamedTuple):
    """A picture with transparency.

    Attributes:
        pixels: `(H, W, 4)` uint8: blue, green, red already multiplied by the opacity, opacity.
        foot: `(2,)` the point that stands on the ground, in pixels.
        scale: Pixels a metre.
    """

    pixels: Array
    foot: Array
    scale: float


def overlay(image: Array, pixels: Array, warp: Array) -> None:
    """Lay a picture over an image in place.

    Args:
        image: `(H, W, 3)` uint8.
        pixels: `(h, w, 4)` uint8, colours already multiplied by the opacity.
        warp: `(2, 3)` from the picture's pixels to the image's.
    """
    window, moved = _meet(image, pixels, warp)
    if window.size:
        clear = cv2.cvtColor(255 - moved[..., 3], cv2.COLOR_GRAY2BGR)
        behind = cv2.multiply(window, clear, scale=1 / 255)
        window[:] = cv2.add(behind, cv2.cvtColor(moved, cv2.COLOR_BGRA2BGR))


def darken(image: Array, opacity: Array, warp: Array, strength: float) -> None:
    """Cast a shadow on an image in place.

    Args:
        image: `(H, W, 3)` uint8.
        opacity: `(h, w)` uint8, what casts the shadow.
        warp: `(2, 3)` from its pixels to the image's.
        strength: Share of the light that is taken away.
    """
    window, moved = _meet(image, opacity, warp)
    if window.size:
        left = cv2.convertScaleAbs(moved, alpha=-strength, beta=255)
        window[:] = cv2.multiply(window, cv2.cvtColor(left, cv2.COLOR_GRAY2BGR), scale=1 / 255)


def smear(image: Array, vector: Array) -> Array:
    """Blur along a vector: the mean of an image moved to both sides, halving the way each time."""
    size = (image.shape[1], image.shape[0])
    step = vector / 4
    while np.hypot(*step) > 0.2:  # pixels; less is not seen
        there, back = (
            cv2.warpAffine(
                image, np.array([[1, 0, x], [0, 1, y]]), size, borderMode=cv2.BORDER_REPLICATE
            )
            for x, y in (step, -step)
        )
        image = cv2.addWeighted(there, 0.5, back, 0.5, 0)
        step = step / 2
    return image


def soft_spot() -> Array:
    """Make a round spot with a soft edge, `(32, 32)` uint8."""
    across = np.linspace(-1, 1, 32)
    far = np.hypot(across[:, None], across[None, :])
    return np.asarray(255 * np.clip(1.2 * (1 - far), 0, 1), dtype=np.uint8)


def compose(after: Array, before: Array) -> Array:
    """Give the `(2, 3)` affine map that does first `before`, then `after`."""
    both = after[:, :2] @ before
    both[:, 2] += after[:, 2]
    return np.asarray(both)


def _meet(image: Array, pixels: Array, warp: Array) -> tuple[Array, Array]:
    """Give the part of an image that a warped picture touches, and the picture warped into it."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ warp.T
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, image.shape[1::-1])
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, low, image.shape[1::-1])
    window = image[low[1] : high[1], low[0] : high[0]]
    if not window.size:
        return window, pixels[:0, :0]
    moved = warp.copy()
    moved[:, 2] -= low
    return window, cv2.warpAffine(pixels, moved, (window.shape[1], window.shape[0]))
