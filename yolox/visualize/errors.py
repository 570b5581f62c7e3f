"""What a tracker did right and wrong in one frame, drawn into its image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from yolox.structures import Correspondence
from yolox.structures.boxes import Array
from yolox.visualize.boxes import draw_boxes, draw_label, line_width, pixels_near
from yolox.visualize.colours import FALSE, MISSED, SWITCHED

_DASH = 6  # pixels drawn, and left out, for a line one pixel wide
_WHITE = (255, 255, 255)


def errors_area(correspondence: Correspondence, frames: Sequence[int]) -> Array:
    """Give the smallest box xyxy around all that is wrong in some frames, which have errors."""
    targets, tracks = correspondence.targets, correspondence.tracks
    wrong = correspondence.missed | correspondence.switched
    boxes = np.concatenate(
        [
            targets.boxes[wrong & np.isin(targets.frames, frames)],
            tracks.boxes[(correspondence.person_ids < 0) & np.isin(tracks.frames, frames)],
        ]
    )
    area: Array = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    return area


def draw_errors(image: Array, correspondence: Correspondence, frame: int, view: Array) -> Array:
    """Draw a frame's tracks, and whom they miss, what they invent and where they switch.

    Matched tracks have the colour of their id. Whoever is missed has a dashed box with his id, a
    false box is crossed out, and a switch has a double box with both ids.

    Args:
        image: `(H, W, 3)` uint8 BGR; not changed.
        correspondence: Of the image's sequence.
        frame: Which one the image is.
        view: Part of the scene that the image shows, xyxy in the pixels of the boxes.

    Returns:
        A new image of the same kind.
    """
    targets, tracks = correspondence.targets, correspondence.tracks
    people, found = targets.rows_of(frame), tracks.rows_of(frame)
    missed, switched = correspondence.missed[people], correspondence.switched[people]
    is_false = correspondence.person_ids[found] < 0
    now = correspondence.matches[people][switched]
    old, new = correspondence.switched_from[people][switched].tolist(), tracks.ids[now].tolist()

    thick = 2 * line_width(image)
    ids = tracks.ids[found][~is_false]
    boxes, rows = _in_image(tracks.boxes[found][~is_false], image, view)
    order = np.argsort(boxes[:, 3], kind="stable")  # who stands lower is nearer, and drawn last
    numbers = ids[rows][order].tolist()
    drawn = draw_boxes(image, boxes[order], numbers, list(map(str, numbers)), thick=thick)
    for draw, boxes, texts in (
        (_draw_false, tracks.boxes[found][is_false], tracks.ids[found][is_false].tolist()),
        (_draw_missed, targets.boxes[people][missed], targets.ids[people][missed].tolist()),
        (_draw_switched, tracks.boxes[now], [f"{a} > {b}" for a, b in zip(old, new, strict=True)]),
    ):
        seen, rows = _in_image(boxes, image, view)
        corners = pixels_near(seen.reshape(-1, 2, 2), image).reshape(-1, 4)
        for box, row in zip(corners.tolist(), rows.tolist(), strict=True):
            draw(drawn, box, str(texts[row]))
    return drawn


def _in_image(boxes: Array, image: Array, view: Array) -> tuple[Array, Array]:
    """Give the boxes that meet the image, in its pixels, and which ones they are."""
    height, width = image.shape[:2]
    placed = (boxes - np.tile(view[:2], 2)) * (width / (view[2] - view[0]))
    seen = (placed[:, :2] < (width, height)).all(axis=1) & (placed[:, 2:] > 0).all(axis=1)
    return placed[seen], np.flatnonzero(seen)


def _draw_missed(image: Array, box: list[int], text: str) -> None:
    left, top, right, bottom = box
    thick, colour = 3 * line_width(image), MISSED[::-1]
    dash = _DASH * line_width(image)
    step = 2 * dash + thick
    for x in range(left, right, step):
        for y in (top, bottom):
            cv2.line(image, (x, y), (min(x + dash, right), y), colour, thick)
    for y in range(top, bottom, step):
        for x in (left, right):
            cv2.line(image, (x, y), (x, min(y + dash, bottom)), colour, thick)
    # Below, where the label of a track on the next person does not cover it.
    draw_label(image, text, (left, bottom), colour)


def _draw_false(image: Array, box: list[int], text: str) -> None:
    left, top, right, bottom = box
    thick, colour = 3 * line_width(image), FALSE[::-1]
    cv2.rectangle(image, (left, top), (right, bottom), colour, thick)
    for start, end in (((left, top), (right, bottom)), ((left, bottom), (right, top))):
        cv2.line(image, start, end, colour, line_width(image), cv2.LINE_AA)
    draw_label(image, text, (left, top), colour)


def _draw_switched(image: Array, box: list[int], text: str) -> None:
    left, top, right, bottom = box
    thin = 2 * line_width(image)
    for by, width, colour in ((thin, thin, _WHITE), (3 * thin, 2 * thin, SWITCHED[::-1])):
        corners = (left - by, top - by), (right + by, bottom + by)
        cv2.rectangle(image, *corners, colour, width)
    draw_label(image, text, (left - 4 * thin, top - 4 * thin), SWITCHED[::-1])
