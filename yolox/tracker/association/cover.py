"""How much of a box is hidden by somebody who stands nearer."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array, box_area


def cover(boxes: Array, others: Array) -> Array:
    """Compute how much of each box lies behind the one other that hides most of it.

    On level ground whose feet are lower in the image stands nearer.

    Args:
        boxes: `(N, 4)` xyxy.
        others: `(M, 4)` xyxy, those who can hide somebody; a box does not hide itself.

    Returns:
        `(N,)` shares of the boxes' areas in [0, 1]; 0 of a box without area.
    """
    left, top, right, bottom = boxes.T[:, :, None]
    other_left, other_top, other_right, other_bottom = others.T[:, None, :]
    width = np.minimum(right, other_right) - np.maximum(left, other_left)
    height = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    hidden = np.maximum(width, 0) * np.maximum(height, 0) * (other_bottom > bottom)
    area = box_area(boxes)
    most = hidden.max(axis=1, initial=0)
    share: Array = np.divide(most, area, out=np.zeros_like(area), where=area > 0)
    return share
