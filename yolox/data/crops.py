"""Crops of people, as ReID networks look at them."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Preprocessing


def cut_crops(image: Array, boxes: Array, size: tuple[int, int]) -> Array:
    """Cut boxes out of an image, each stretched to one size.

    What of a box lies outside the image is left out. Of a box without a pixel inside remain the
    pixels of the border that are nearest to it.

    Args:
        image: `(H, W, 3)` uint8.
        boxes: `(N, 4)` xyxy in image pixels.
        size: Height and width of the crops.

    Returns:
        `(N, *size, 3)` uint8.
    """
    high, wide = image.shape[:2]
    crops = np.empty((len(boxes), *size, 3), dtype=np.uint8)
    starts = np.clip(np.floor(boxes[:, :2]), 0, [wide - 1, high - 1]).astype(np.int64)
    stops = np.clip(np.ceil(boxes[:, 2:]), starts + 1, [wide, high]).astype(np.int64)
    for row, ((left, top), (right, bottom)) in enumerate(zip(starts, stops, strict=True)):
        cv2.resize(image[top:bottom, left:right], size[::-1], dst=crops[row])
    return crops


def to_network_input(crops: Array, convention: Preprocessing) -> Array:
    """Turn `(N, H, W, 3)` uint8 BGR crops into `(N, 3, H, W)` float32, as the weights expect it."""
    ordered = crops[..., ::-1] if convention.channels == "rgb" else crops
    pixels = ordered.astype(np.float32)
    pixels *= np.float32(convention.scale)
    pixels -= np.array(convention.mean, dtype=np.float32)
    pixels /= np.array(convention.std, dtype=np.float32)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
