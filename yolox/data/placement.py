"""Where an image goes in a training picture, and its boxes with it.

An image is placed by one transformation from its own pixels to those of the output: letterbox,
mosaic, rotation, scale, shear and flip composed, so that each output pixel is looked up once.
Coordinates are continuous: the left top pixel covers [0, 1] × [0, 1].
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np

from yolox.data.annotations import Objects
from yolox.data.id_space import UNKNOWN
from yolox.formats.images import REDUCTIONS
from yolox.structures.boxes import Array

Size = tuple[int, int]

# Of the length of a side, which products of fractions miss.
_ROUNDING = 1e-6
_SMALLEST_SHARE = 0.2
LONGEST = 20.0


class Placement(NamedTuple):
    """One image's place in the output.

    Attributes:
        matrix: `(3, 3)` float64, pixels of the whole image to pixels of the output.
        part: `(4,)` xyxy, the part that is shown, in pixels of the image.
        scale: Output pixels for a pixel of the image, shear and perspective aside.
    """

    matrix: Array
    part: Array
    scale: float

    def then(self, matrix: Array, scale: float = 1.0) -> Placement:
        """Add a transformation of the output."""
        return self._replace(matrix=matrix @ self.matrix, scale=self.scale * scale)

    def region(self, size: Size) -> tuple[int, int, int, int] | None:
        """Give the rectangle of the output, xyxy, that holds the shown part; None if outside.

        Args:
            size: Height and width of the output.
        """
        corners = _bounds(_corners(self.part[None]), self.matrix)[0]
        low, high = np.floor(corners[:2] + _ROUNDING), np.ceil(corners[2:] - _ROUNDING)
        left, top = np.maximum(low, 0).astype(int).tolist()
        right, bottom = np.minimum(high, size[::-1]).astype(int).tolist()
        return (left, top, right, bottom) if left < right and top < bottom else None

    def reduction(self) -> int:
        """Tell at what fraction the image may be decoded without losing detail."""
        fitting = [factor for factor in REDUCTIONS if self.scale * factor <= 1]
        return fitting[-1] if fitting else 1


def paste(output: Array, image: Array, image_size: Size, placement: Placement) -> None:
    """Draw the shown part of an image into the output; what it does not cover stays.

    Args:
        output: `(H, W, 3)` uint8, changed.
        image: The image, possibly decoded at a fraction.
        image_size: Height and width of the whole image.
        placement: Where it goes.
    """
    region = placement.region((output.shape[0], output.shape[1]))
    if region is None:
        return
    left, top, right, bottom = region
    drawn = output[top:bottom, left:right]
    fraction = np.array([image.shape[1] / image_size[1], image.shape[0] / image_size[0]])
    # A pixel that is shown in part is shown.
    x1, y1 = np.floor(placement.part[:2] * fraction + _ROUNDING).astype(int).tolist()
    x2, y2 = np.ceil(placement.part[2:] * fraction - _ROUNDING).astype(int).tolist()
    # Pixel centres, which OpenCV counts from 0, are half a pixel into continuous coordinates.
    matrix = (
        shift(-left - 0.5, -top - 0.5)
        @ placement.matrix
        @ np.diag([*(1 / fraction), 1.0])
        @ shift(x1 + 0.5, y1 + 0.5)
    )
    size = right - left, bottom - top
    how: Any = {"dst": drawn, "flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_TRANSPARENT}
    if matrix[2, :2].any():
        cv2.warpPerspective(image[y1:y2, x1:x2], matrix, size, **how)
    else:
        cv2.warpAffine(image[y1:y2, x1:x2], matrix[:2], size, **how)


def place(
    objects: Objects,
    image_size: Size,
    placement: Placement,
    output_size: Size,
    *,
    smallest: float,
    longest: float = LONGEST,
    min_visibility: float,
    clip: bool,
) -> Objects:
    """Move objects with their image, and leave out those that training should not see.

    Left out are objects of which nothing is shown, smaller than `smallest` pixels, `longest` times
    longer than wide or cut by clipping to less than a fifth of their area (YOLOX's rule). The
    visibility falls with the share that is cut off; below `min_visibility` the box stays and the
    identity is lost, since there is not enough to be seen to tell who it is.

    Args:
        objects: In pixels of the image.
        image_size: Height and width of the image.
        placement: Where it goes.
        output_size: Height and width of the output.
        smallest: Both sides must be longer, in pixels.
        longest: The longer side must be less than this many times the shorter one.
        min_visibility: The visible share that an identity needs.
        clip: Cut boxes at the border of what is shown, instead of letting them leave it.

    Returns:
        The objects in pixels of the output.
    """
    image = np.array([0, 0, image_size[1], image_size[0]], dtype=np.float64)
    window = np.array([0, 0, output_size[1], output_size[0]], dtype=np.float64)
    boxes = objects.boxes.astype(np.float64)
    shown = _intersect(boxes, placement.part)
    moved = _bounds(_corners(boxes), placement.matrix)
    moved_shown = _bounds(_corners(shown), placement.matrix)
    seen = _intersect(moved_shown, window)
    share = (
        _area(shown) / np.maximum(_area(_intersect(boxes, image)), 1e-9)
        * _area(seen) / np.maximum(_area(moved_shown), 1e-9)
    )  # fmt: skip
    inside = _area(_intersect(boxes, image)) / _area(boxes)
    visibility = np.minimum(objects.visibility, inside) * share

    before = (boxes[:, 2:] - boxes[:, :2]) * placement.scale
    placed = seen if clip else moved
    sides = placed[:, 2:] - placed[:, :2]
    kept = (
        (share > 0)
        & (sides > smallest).all(axis=1)
        & (sides.prod(axis=1) > _SMALLEST_SHARE * before.prod(axis=1))
        & (sides.max(axis=1) < longest * sides.min(axis=1))
    )
    return Objects(
        boxes=placed.astype(np.float32),
        class_ids=objects.class_ids,
        identities=np.where(visibility >= min_visibility, objects.identities, UNKNOWN),
        visibility=visibility.astype(np.float32),
    ).take(kept)


def fill(image: Size, left: int, top: int, width: int, height: int) -> Placement:
    """Scale a whole image to a rectangle of whole pixels."""
    across, down = width / image[1], height / image[0]
    matrix = shift(left, top) @ np.diag([across, down, 1.0])
    return Placement(matrix, np.array([0.0, 0.0, image[1], image[0]]), math.sqrt(across * down))


def shift(x: float, y: float) -> Array:
    """Make the `(3, 3)` matrix of a shift."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def flip(width: float) -> Array:
    """Make the `(3, 3)` matrix that mirrors left and right within `width`."""
    return np.array([[-1, 0, width], [0, 1, 0], [0, 0, 1]], dtype=np.float64)


def _corners(boxes: Array) -> Array:
    """Corners `(N, 4, 2)` of boxes `(N, 4)`."""
    corners: Array = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    return corners


def _bounds(corners: Array, matrix: Array) -> Array:
    """Boxes `(N, 4)` around transformed corners `(N, 4, 2)`."""
    moved = corners @ matrix[:2, :2].T + matrix[:2, 2]
    if matrix[2, :2].any():
        moved = moved / (corners @ matrix[2, :2] + matrix[2, 2])[..., None]
    return np.concatenate([moved.min(axis=1), moved.max(axis=1)], axis=1)


def _intersect(boxes: Array, window: Array) -> Array:
    """Cut boxes at a window; those outside become empty, without a negative side."""
    low = np.clip(boxes[:, :2], window[:2], window[2:])
    high = np.clip(boxes[:, 2:], window[:2], window[2:])
    return np.concatenate([low, high], axis=1)


def _area(boxes: Array) -> Array:
    area: Array = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return area
