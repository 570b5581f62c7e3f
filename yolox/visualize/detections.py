"""Detections drawn into their image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from yolox.structures import Detections
from yolox.structures.boxes import Array
from yolox.visualize.colours import colour_of


def draw_detections(image: Array, found: Detections, class_names: Sequence[str] = ()) -> Array:
    """Draw boxes, classes and scores.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        found: Detections in its pixels.
        class_names: Names by class id; ids without one are shown as numbers.

    Returns:
        A new image of the same kind.
    """
    drawn: Array = image.copy()
    thick = max(1, round(min(image.shape[:2]) / 500))
    for box, score, class_id in zip(
        found.boxes.round().astype(int), found.scores, found.class_ids.tolist(), strict=True
    ):
        colour = tuple(int(255 * part) for part in reversed(colour_of(class_id + 1)))
        name = class_names[class_id] if class_id < len(class_names) else str(class_id)
        corner = (int(box[0]), int(box[1]))
        cv2.rectangle(drawn, corner, (int(box[2]), int(box[3])), colour, thick)
        _label(drawn, f"{name} {score:.2f}", corner, colour, thick)
    return drawn


def _label(
    image: Array, text: str, corner: tuple[int, int], colour: tuple[int, ...], thick: int
) -> None:
    """Write white on the colour, which reads on bright and on dark."""
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.4 * thick
    (width, height), below = cv2.getTextSize(text, font, size, thick)
    left, top = max(corner[0], 0), max(corner[1] - height - below, 0)
    cv2.rectangle(image, (left, top), (left + width, top + height + below), colour, cv2.FILLED)
    cv2.putText(image, text, (left, top + height), font, size, (255, 255, 255), thick, cv2.LINE_AA)
