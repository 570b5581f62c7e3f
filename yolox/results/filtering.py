"""What is left out of results: odd boxes, as ByteTrack's scripts do, and short tracks."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from yolox.structures import Tracks, TrackTable, box_area

Rows = TypeVar("Rows", Tracks, TrackTable)


def drop_odd_boxes(
    table: Rows, *, min_box_area: float = 100.0, max_aspect_ratio: float = 1.6
) -> Rows:
    """Drop boxes too small or too wide to be a standing person.

    Args:
        table: Tracks in image pixels, of a frame or of a sequence.
        min_box_area: A box must be larger, in square pixels; 0 turns this off.
        max_aspect_ratio: Largest width / height; 0 turns this off, as multi-class tracking needs.
    """
    kept = np.ones(len(table), dtype=bool)
    width, height = (table.boxes[:, 2:] - table.boxes[:, :2]).T
    if min_box_area:
        kept &= box_area(table.boxes) > min_box_area
    if max_aspect_ratio:
        kept &= width <= max_aspect_ratio * height
    return table.take(kept)


def drop_short_tracks(table: TrackTable, *, min_length: float) -> TrackTable:
    """Drop tracks of fewer boxes than `min_length`, which are often of nobody."""
    _, track, lengths = np.unique(table.ids, return_inverse=True, return_counts=True)
    return table.take(lengths[track] >= min_length)
