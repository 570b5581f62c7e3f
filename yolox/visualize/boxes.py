"""Labelled boxes drawn into an image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from yolox.structures.boxes import Array
from yolox.visualize.colours import colour_of


def draw_boxes(image: Array, boxes: Array, numbers: Sequence[int], texts: Sequence[str]) -> Array:
    """Draw boxes, each in the colour of its number, with a text at its left top corner.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        boxes: `(N, 4)` xyxy in its pixels; they may leave it.
        numbers: Ids or classes, one a box; those below 0 are drawn in white.
        texts: One a box; an empty one draws no label.

    Returns:
        A new image of the same kind.
    """
    drawn: Array = image.copy()
    thick = max(1, round(min(image.shape[:2]) / 500))
    for box, number, text in zip(boxes.round().astype(int), numbers, texts, strict=True):
        colour = (255, 255, 255)
        if number >= 0:
            red, green, blue = (int(255 * part) for part in colour_of(number))
            colour = (blue, green, red)
        corner = (int(box[0]), int(box[1]))
        cv2.rectangle(drawn, corner, (int(box[2]), int(box[3])), colour, thick)
        if text:
            _label(drawn, text, corner, colour, thick)
    return drawn


def _label(
    image: Array, text: str, corner: tuple[int, int], colour: tuple[int, int, int], thick: int
) -> None:
    """Write white on the colour, or black on white, which reads on bright and on dark."""
    ink = (0, 0, 0) if min(colour) == 255 else (255, 255, 255)
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.4 * thick
    (width, height), below = cv2.getTextSize(text, font, size, thick)
    left, top = max(corner[0], 0), max(corner[1] - height - below, 0)
    cv2.rectangle(image, (left, top), (left + width, top + height + below), colour, cv2.FILLED)
    cv2.putText(image, text, (left, top + height), font, size, ink, thick, cv2.LINE_AA)
