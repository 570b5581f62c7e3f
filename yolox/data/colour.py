"""Random brightness, contrast, hue and saturation, on 8-bit pixels by table."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.structures.boxes import Array


def distort(
    image: Array,
    random: np.random.Generator,
    *,
    brightness: float,
    contrast: tuple[float, float],
    hue: int,
    saturation: tuple[float, float],
) -> None:
    """Distort the colours of an image in place, each kind with a chance of one half.

    Args:
        image: `(H, W, 3)` uint8 BGR.
        random: Source of chance; always drawn from alike, whatever is applied.
        brightness: Largest change, in grey levels.
        contrast: Range of the factor on all channels.
        hue: Largest change, in steps of two degrees.
        saturation: Range of the factor.
    """
    chosen = random.random(4) < 0.5
    add = random.uniform(-brightness, brightness)
    stretch = random.uniform(*contrast)
    saturate = random.uniform(*saturation)
    turn = int(random.integers(-hue, hue + 1))

    levels = np.arange(256, dtype=np.float32)
    if chosen[0]:
        levels = np.clip(levels + add, 0, 255)
    if chosen[1]:
        levels = np.clip(levels * stretch, 0, 255)
    if chosen[:2].any():
        cv2.LUT(image, levels.astype(np.uint8), dst=image)
    turn, saturate = turn if chosen[2] else 0, saturate if chosen[3] else 1.0
    # There and back is not without loss, so only where it changes something.
    if turn or saturate != 1:
        cv2.cvtColor(image, cv2.COLOR_BGR2HSV, dst=image)
        cv2.LUT(image, _hsv_table(turn, saturate), dst=image)
        cv2.cvtColor(image, cv2.COLOR_HSV2BGR, dst=image)


def _hsv_table(turn: int, saturate: float) -> Array:
    """New hue, saturation and value for each old one, `(1, 256, 3)`; OpenCV's hue has 180 steps."""
    table = np.empty((1, 256, 3), dtype=np.uint8)
    levels = np.arange(256)
    table[0, :, 0] = (levels + turn) % 180
    table[0, :, 1] = np.clip(levels * saturate, 0, 255)
    table[0, :, 2] = levels
    return table
