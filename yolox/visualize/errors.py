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
    people = correspondence.targets.rows_of(frame)
    found = correspondence.tracks.rows_of(frame)
    persons, tracks = correspondence.targets.ids[people], correspondence.tracks.ids[found]
    is_false = correspondence.person_ids[found] < 0
    missed, switched = correspondence.missed[people], correspondence.switched[people]
    scale = image.shape[1] / (view[2] - view[0])
    shift = np.tile(view[:2], 2)
    boxes = (correspondence.tracks.boxes[found] - shift) * scale
    # Who stands lower in the image is nearer, and is drawn last.
    order = np.flatnonzero(~is_false)[np.argsort(boxes[~is_false, 3], kind="stable")]
    ids = tracks[order].tolist()
    thick = 2 * line_width(image)
    drawn = draw_boxes(image, boxes[order], ids, list(map(str, ids)), thick=thick)
    for box, track in zip(_corners(boxes[is_false], image), tracks[is_false].tolist(), strict=True):
        _draw_false(drawn, box, str(track))
    lost = (correspondence.targets.boxes[people][missed] - shift) * scale
    for box, person in zip(_corners(lost, image), persons[missed].tolist(), strict=True):
        _draw_missed(drawn, box, str(person))
    now = correspondence.matches[people][switched]
    changed = _corners((correspondence.tracks.boxes[now] - shift) * scale, image)
    before = correspondence.switched_from[people][switched].tolist()
    after = correspondence.tracks.ids[now].tolist()
    for box, old, new in zip(changed, before, after, strict=True):
        _draw_switched(drawn, box, f"{old} > {new}")
    return drawn


def _corners(boxes: Array, image: Array) -> list[list[int]]:
    """Give left, top, right and bottom in whole pixels, as OpenCV takes them."""
    corners: list[list[int]] = pixels_near(boxes.reshape(-1, 2, 2), image).reshape(-1, 4).tolist()
    return corners


def _draw_missed(image: Array, box: list[int], text: str) -> None:
    left, top, right, bottom = box
    thick, colour = 3 * line_width(image), MISSED[::-1]
    dash = _DASH * line_width(image)
    for x in range(left, right, 2 * dash):
        for y in (top, bottom):
            cv2.line(image, (x, y), (min(x + dash, right), y), colour, thick)
    for y in range(top, bottom, 2 * dash):
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
