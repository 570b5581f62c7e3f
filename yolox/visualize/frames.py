"""One frame of a video: tracks drawn into the image, a caption above, several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from yolox.structures import TrackTable
from yolox.structures.boxes import Array
from yolox.visualize.boxes import draw_boxes, line_width, pixels_near
from yolox.visualize.colours import bgr_of
from yolox.visualize.trails import feet_of, unbroken

Layout = Literal["beside", "above"]

TRAIL = 30
_BAR = (40, 40, 40)
_INK = (255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_frame(
    image: Array,
    table: TrackTable,
    frame: int,
    *,
    trail: int = TRAIL,
    class_names: Sequence[str] = (),
) -> Array:
    """Draw a frame's boxes with their ids, and where the feet went before.

    Whoever is lost leaves a trail that shortens: a new id that begins at its end is a switch.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        table: Tracks in its pixels.
        frame: Which of the table's frames the image is.
        trail: Frames that trails reach back.
        class_names: By class id, to be written beside the ids; no class is written without.

    Returns:
        A new image of the same kind.
    """
    drawn = image.copy()
    thick = 2 * line_width(image)  # video halves the colour channels: one pixel would turn grey
    start = table.rows_of(frame - trail).start
    now = table.rows_of(frame)
    recent = slice(start, now.stop)
    _draw_trails(drawn, table.boxes[recent], table.ids[recent], table.frames[recent], thick)
    boxes, ids = table.boxes[now], table.ids[now]
    height, width = image.shape[:2]
    seen = (boxes[:, :2] < (width, height)).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
    # Who stands lower in the image is nearer, and is drawn last.
    order = np.flatnonzero(seen)[np.argsort(boxes[seen, 3], kind="stable")]
    numbers = ids[order].tolist()
    texts = [str(number) for number in numbers]
    if class_names:
        classes = table.class_ids[now][order].tolist()
        texts = [f"{text} {class_names[k]}" for text, k in zip(texts, classes, strict=True)]
    return draw_boxes(drawn, boxes[order], numbers, texts, thick=thick)


def add_caption(image: Array, left: str, right: str) -> Array:
    """Put a dark bar with two texts above an image; the right one is never cut off.

    Returns:
        A new image of the same width, higher by the bar.
    """
    thick = line_width(image)
    size = 0.5 * thick
    (wide, tall), below = cv2.getTextSize(right, _FONT, size, thick)
    margin = 6 * thick
    bar = np.full((tall + below + 2 * margin, image.shape[1], 3), _BAR, dtype=np.uint8)
    foot = margin + tall
    cv2.putText(bar, left, (margin, foot), _FONT, size, _INK, thick, cv2.LINE_AA)
    begin = max(image.shape[1] - wide - margin, 0)
    bar[:, max(begin - 2 * margin, 0) :] = _BAR
    cv2.putText(bar, right, (begin, foot), _FONT, size, _INK, thick, cv2.LINE_AA)
    return np.concatenate([bar, image])


def arrange(images: Sequence[Array], layout: Layout) -> Array:
    """Put images of one size beside or above each other, with a narrow dark gap."""
    axis = 1 if layout == "beside" else 0
    shape = list(images[0].shape)
    shape[axis] = 4 * line_width(images[0])
    gap = np.full(shape, _BAR, dtype=np.uint8)
    parts = [part for image in images for part in (gap, image)]
    return np.concatenate(parts[1:], axis=axis)


def _draw_trails(image: Array, boxes: Array, ids: Array, frames: Array, thick: int) -> None:
    points = pixels_near(feet_of(boxes), image).astype(np.int32)
    for track_id in np.unique(ids):
        rows = np.flatnonzero(ids == track_id)
        lines = [points[rows[part]] for part in unbroken(frames[rows])]
        cv2.polylines(image, lines, False, bgr_of(int(track_id)), thick, cv2.LINE_AA)
