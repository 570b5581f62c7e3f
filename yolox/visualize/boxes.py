"""Labelled boxes drawn into an image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from yolox.structures.boxes import Array
from yolox.visualize.colours import bgr_of

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE = (255, 255, 255)
# Share of red, green and blue in what the eye takes for brightness (ITU-R BT.601).
_BRIGHTNESS = (0.114, 0.587, 0.299)


def draw_boxes(
    image: Array,
    boxes: Array,
    numbers: Sequence[int],
    texts: Sequence[str],
    *,
    thick: int | None = None,
) -> Array:
    """Draw boxes, each in the colour of its number, with a text at its left top corner.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        boxes: `(N, 4)` xyxy in its pixels; they may leave it.
        numbers: Ids or classes, one a box; those below 0 are drawn in white.
        texts: One a box; an empty one draws no label. Labels lie above all boxes.
        thick: Width of the lines in pixels; None suits the image's size.

    Returns:
        A new image of the same kind.
    """
    drawn: Array = image.copy()
    corners = pixels_near(boxes.reshape(-1, 2, 2), image).tolist()
    colours = [bgr_of(number) if number >= 0 else _WHITE for number in numbers]
    for (left_top, right_bottom), colour in zip(corners, colours, strict=True):
        cv2.rectangle(drawn, left_top, right_bottom, colour, thick or line_width(image))
    for (left_top, _), colour, text in zip(corners, colours, texts, strict=True):
        if text:
            draw_label(drawn, text, left_top, colour)
    return drawn


def line_width(image: Array) -> int:
    """Give the width of lines that suits an image, in pixels."""
    height, width = image.shape[:2]
    return max(1, round(int(min(height, width)) / 500))


def pixels_near(points: Array, image: Array) -> Array:
    """Round points `(..., 2)` to pixels, none farther outside the image than its own size.

    OpenCV counts in 32 bits and fails beyond; what is in the image stays as it is.
    """
    height, width = image.shape[:2]
    near: Array = points.round().clip((-width, -height), (2 * width, 2 * height)).astype(np.int64)
    return near


def draw_label(
    image: Array, text: str, corner: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    """Write above a corner, in white on a dark colour or in black on a bright one, into `image`."""
    brightness = sum(part * share for part, share in zip(colour, _BRIGHTNESS, strict=True))
    ink = (0, 0, 0) if brightness > 120 else _WHITE
    thick = line_width(image)
    size = 0.5 * thick
    (width, height), below = cv2.getTextSize(text, _FONT, size, thick)
    left = max(min(corner[0], image.shape[1] - width), 0)
    top = max(corner[1] - height - below, 0)
    cv2.rectangle(image, (left, top), (left + width, top + height + below), colour, cv2.FILLED)
    cv2.putText(image, text, (left, top + height), _FONT, size, ink, thick, cv2.LINE_AA)
