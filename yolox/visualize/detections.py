"""Detections drawn into their image."""

from __future__ import annotations

from collections.abc import Sequence

from yolox.structures import Detections
from yolox.structures.boxes import Array
from yolox.visualize.boxes import draw_boxes


def draw_detections(image: Array, found: Detections, class_names: Sequence[str] = ()) -> Array:
    """Draw boxes, classes and scores.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        found: Detections in its pixels.
        class_names: Names by class id; ids without one are shown as numbers.

    Returns:
        A new image of the same kind.
    """
    class_ids = found.class_ids.tolist()
    names = [class_names[i] if i < len(class_names) else str(i) for i in class_ids]
    texts = [f"{name} {score:.2f}" for name, score in zip(names, found.scores, strict=True)]
    return draw_boxes(image, found.boxes, [class_id + 1 for class_id in class_ids], texts)
