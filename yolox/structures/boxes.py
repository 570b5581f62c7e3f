"""Box conversions and overlap, all in image pixels.

`xyxy` is left, top, right, bottom; `xywh` is left, top, width, height.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def xywh_to_xyxy(boxes: Array) -> Array:
    """Turn `(..., 4)` left, top, width, height into left, top, right, bottom."""
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1)


def xyxy_to_xywh(boxes: Array) -> Array:
    """Turn `(..., 4)` left, top, right, bottom into left, top, width, height."""
    return np.concatenate([boxes[..., :2], boxes[..., 2:] - boxes[..., :2]], axis=-1)


def box_iou(boxes_a: Array, boxes_b: Array, *, offset: float = 0.0) -> Array:
    """Compute the intersection over union of every pair.

    Args:
        boxes_a: `(N, 4)` xyxy.
        boxes_b: `(M, 4)` xyxy.
        offset: Added to every width and height. 0 is the geometric overlap; 1 counts pixels with
            both borders inclusive, as `cython_bbox` and so the original ByteTrack do.

    Returns:
        `(N, M)` in [0, 1]; 0 wherever the boxes do not meet, also for boxes without area.
    """
    # One coordinate at a time and in place: several times faster than (N, M, 4) broadcasting.
    left, top, right, bottom = boxes_a.T[:, :, None]
    left_b, top_b, right_b, bottom_b = boxes_b.T[:, None, :]
    width = np.minimum(right, right_b)
    width -= np.maximum(left, left_b)
    height = np.minimum(bottom, bottom_b)
    height -= np.maximum(top, top_b)
    if offset:
        width += offset
        height += offset
    np.maximum(width, 0, out=width)
    np.maximum(height, 0, out=height)
    intersection = np.multiply(width, height, out=width)
    union = box_area(boxes_a, offset=offset)[:, None] + box_area(boxes_b, offset=offset)
    union -= intersection
    # A box turned inside out, or without area, can make the union 0: it then overlaps nothing.
    overlap: Array = np.divide(intersection, union, out=intersection, where=intersection > 0)
    return overlap


def box_area(boxes: Array, *, offset: float = 0.0) -> Array:
    """Compute `(N,)` areas of `(N, 4)` xyxy boxes, each side longer by `offset` pixels."""
    area: Array = (boxes[:, 2] - boxes[:, 0] + offset) * (boxes[:, 3] - boxes[:, 1] + offset)
    return area
