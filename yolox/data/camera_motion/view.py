"""An image as the methods look at it: grey, small, and blind to people."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from yolox.structures.boxes import Array

# Least share of a view that a method can do with; else it looks at the people too.
LEAST_BACKGROUND = 0.15


class View(NamedTuple):
    """A shrunk grey image.

    Attributes:
        pixels: `(h, w)` uint8.
        background: `(h, w)` uint8, 255 where there is nobody, else 0.
        scale: `(2,)` by which x and y of the image were shrunk.
    """

    pixels: Array
    background: Array
    scale: Array


def make_view(image: Array, boxes: Array | None, *, height: int) -> View:
    """Shrink an image to at most `height` lines and mask who moves by themselves.

    Args:
        image: `(H, W, 3)` uint8 BGR.
        boxes: `(N, 4)` xyxy in image pixels, of people, or None.
        height: In pixels; a smaller image stays as it is.
    """
    pixels = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    tall, wide = pixels.shape
    if tall > height:
        size = (max(round(wide * height / tall), 1), height)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    scale = np.array([pixels.shape[1] / wide, pixels.shape[0] / tall])
    return View(pixels, _mask(pixels.shape, boxes, scale), scale)


def unshrink(warp: Array, scale: Array) -> Array:
    """Bring a `(2, 3)` map between two views, shrunk alike, to the pixels of the images."""
    restored: Array = warp.astype(np.float64)
    restored[:, :2] *= scale / scale[:, None]
    restored[:, 2] /= scale
    return restored


def _mask(shape: tuple[int, int], boxes: Array | None, scale: Array) -> Array:
    background = np.full(shape, 255, dtype=np.uint8)
    if boxes is None:
        return background
    shrunk = boxes * np.tile(scale, 2)
    inside = np.clip(shrunk, 0, [shape[1], shape[0]] * 2)
    for left, top, right, bottom in inside.tolist():
        background[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = 0
    if np.count_nonzero(background) < LEAST_BACKGROUND * background.size:
        background[:] = 255
    return background
