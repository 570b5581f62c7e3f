"""What it costs to give a detection to a track."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array, box_iou


def iou_cost(track_boxes: Array, detection_boxes: Array, *, offset: float = 0.0) -> Array:
    """Compute `1 - IoU` of every track with every detection.

    Args:
        track_boxes: `(T, 4)` xyxy in image pixels.
        detection_boxes: `(D, 4)` xyxy in image pixels.
        offset: As in `box_iou`; 1 is the pixel-counting overlap of the original ByteTrack.

    Returns:
        Cost `(T, D)` in [0, 1].
    """
    overlap = box_iou(track_boxes, detection_boxes, offset=offset)
    cost: Array = 1 - overlap
    return cost


def buffered_iou_cost(track_boxes: Array, detection_boxes: Array, *, buffer: float) -> Array:
    """Compute `1 - IoU` of boxes that are all enlarged (C-BIoU).

    Args:
        track_boxes: `(T, 4)` xyxy in image pixels.
        detection_boxes: `(D, 4)` xyxy in image pixels.
        buffer: What is added to a box on either side, as a share of its width and of its height.

    Returns:
        Cost `(T, D)` in [0, 1].
    """
    return iou_cost(_enlarge(track_boxes, buffer), _enlarge(detection_boxes, buffer))


def _enlarge(boxes: Array, buffer: float) -> Array:
    margin = buffer * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)


def height_iou(boxes: Array, others: Array) -> Array:
    """Compute the IoU of the heights alone, wherever the boxes are from side to side.

    How tall somebody is, and where they stand, tells of how far away they are.

    Args:
        boxes: `(N, 4)` xyxy.
        others: `(M, 4)` xyxy.

    Returns:
        `(N, M)` in [0, 1].
    """
    top, bottom = boxes[:, 1, None], boxes[:, 3, None]
    both = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
    either = np.maximum(bottom, others[:, 3]) - np.minimum(top, others[:, 1])
    shared: Array = np.divide(both, either, out=np.zeros_like(both), where=both > 0)
    return shared


def height_modulated_iou(boxes: Array, others: Array) -> Array:
    """Compute the IoU times the IoU of the heights (Hybrid-SORT's HMIoU).

    Args:
        boxes: `(N, 4)` xyxy.
        others: `(M, 4)` xyxy.

    Returns:
        `(N, M)` in [0, 1].
    """
    modulated: Array = box_iou(boxes, others) * height_iou(boxes, others)
    return modulated
