"""The camera's motion told from detections alone, for whoever has neither images nor a file.

People walk each their own way, a camera moves all of them alike: what the boxes of two frames have
in common is the camera's. It is a shift, the median of many; for a turn or a zoom too few boxes are
seen, and too shaky ones. It knows nothing of the tracker, so that every tracker takes it.
"""

from __future__ import annotations

import numpy as np

from yolox.structures import Detections, DetectionTable, check_range
from yolox.structures.boxes import Array
from yolox.tracker.motion import camera

# Measured on MOT17, see docs/trackers/camera_motion.md. Lengths are in heights of a box.
LEAST_SCORE = 0.2  # of a detection that counts
LEAST_PAIRS = 3  # that tell anything
REACH = 0.5  # of a pair, height changes included
LARGEST_SPREAD = 0.2  # of half of the pairs around the shift
LEARNING_RATE = 0.1  # of the speed of a person


class BoxCamera:
    """Watches detections frame by frame; one for each video."""

    def __init__(self) -> None:
        self._boxes = np.empty((0, 4))
        self._speeds = np.empty((0, 2))

    def update(self, detections: Detections, *, dt: float = 1.0) -> Array:
        """Take in the next frame.

        Args:
            detections: Boxes in image pixels.
            dt: Time since the frame before, as for `Tracker.update`.

        Returns:
            `(2, 3)` map from the last frame's pixels to this one's, as `Tracker.update` takes it;
            the identity where too little is seen, or the boxes do not agree.
        """
        check_range(1e-6, 1e6, dt=dt)
        boxes = detections.boxes[detections.scores >= LEAST_SCORE]
        expected = self._boxes + np.tile(self._speeds * dt, 2)
        warp, rows, matched = estimate_from_boxes(expected, boxes)
        own = centres(boxes[matched]) - camera.move_points(centres(self._boxes[rows]), warp)
        speeds = np.zeros((len(boxes), 2))
        speeds[matched] = (1 - LEARNING_RATE) * self._speeds[rows] + LEARNING_RATE * own / dt
        self._boxes, self._speeds = boxes, speeds
        return warp


def estimate_from_boxes(expected: Array, boxes: Array) -> tuple[Array, Array, Array]:
    """Estimate by how much a camera moved that sees boxes elsewhere than expected.

    Args:
        expected: `(N, 4)` xyxy, where people would be had the camera stood still.
        boxes: `(M, 4)` xyxy, where they are.

    Returns:
        `(2, 3)` map, the identity where the boxes tell nothing, and the rows of `expected` and of
        `boxes` that seem to be the same people.
    """
    rows, matched = mutual_nearest(expected, boxes)
    warp = np.eye(2, 3)
    if len(rows) < LEAST_PAIRS:
        return warp, rows, matched
    residuals = centres(boxes[matched]) - centres(expected[rows])
    shift = np.median(residuals, axis=0)
    heights = expected[rows, 3] - expected[rows, 1]
    if np.median(np.linalg.norm(residuals - shift, axis=1) / heights) <= LARGEST_SPREAD:
        warp[:, 2] = shift
    return warp, rows, matched


def mutual_nearest(boxes_a: Array, boxes_b: Array) -> tuple[Array, Array]:
    """Pair the boxes that are each other's nearest.

    Near is what is close, in heights of the smaller box, and of like height. Unlike overlap this
    also pairs narrow boxes that a fast camera carried off sideways.

    Args:
        boxes_a: `(N, 4)` xyxy.
        boxes_b: `(M, 4)` xyxy.

    Returns:
        `(P,)` rows of each; boxes without height are in no pair.
    """
    none = np.empty(0, dtype=np.int64)
    tall_a = np.flatnonzero(boxes_a[:, 3] > boxes_a[:, 1])
    tall_b = np.flatnonzero(boxes_b[:, 3] > boxes_b[:, 1])
    if not len(tall_a) or not len(tall_b):
        return none, none
    boxes_a, boxes_b = boxes_a[tall_a], boxes_b[tall_b]
    height_a, height_b = boxes_a[:, 3] - boxes_a[:, 1], boxes_b[:, 3] - boxes_b[:, 1]
    apart = np.linalg.norm(centres(boxes_a)[:, None] - centres(boxes_b), axis=2)  # (N, M)
    far = apart / np.minimum(height_a[:, None], height_b)
    far += np.abs(np.log(height_a[:, None] / height_b))
    nearest = far.argmin(axis=1)
    rows = np.arange(len(boxes_a))
    paired = (far.argmin(axis=0)[nearest] == rows) & (far[rows, nearest] < REACH)
    return tall_a[paired], tall_b[nearest[paired]]


def estimate_sequence(detections: DetectionTable, length: int, *, dt: float = 1.0) -> Array:
    """Estimate the `(length, 2, 3)` motion of the camera over frames 1 to `length`, `dt` apart."""
    watching = BoxCamera()
    warps = [watching.update(detections.at(frame), dt=dt) for frame in range(1, length + 1)]
    return np.array(warps).reshape(-1, 2, 3)


def centres(boxes: Array) -> Array:
    """Compute the `(N, 2)` centres of `(N, 4)` xyxy boxes."""
    middle: Array = (boxes[:, :2] + boxes[:, 2:]) / 2
    return middle
