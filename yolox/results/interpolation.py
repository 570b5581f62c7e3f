"""Boxes for the frames in which a track was lost, between those in which it was seen."""

from __future__ import annotations

import numpy as np

from yolox.structures import InputError, TrackTable
from yolox.structures.boxes import Array


def fill_gaps(table: TrackTable, *, longer_than: float = 5, gap_below: float = 20) -> TrackTable:
    """Fill short gaps on a straight line, as ByteTrack does before a submission.

    Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box" (2022),
    section 4.1. Boxes and scores run evenly from the one end of the gap to the other; the class is
    that before the gap. Nothing is put before a track's first or behind its last box.

    Args:
        table: Tracks of one sequence; frames ordered, an id at most once a frame.
        longer_than: A track has gaps filled if it has more boxes than this.
        gap_below: A gap is filled if its ends are fewer frames than this apart.

    Returns:
        The given rows in their order, in each frame followed by those that were filled in.

    Raises:
        InputError: A limit is negative.
    """
    for name, value in (("longer_than", longer_than), ("gap_below", gap_below)):
        if value < 0:
            raise InputError(f"{name} is {value}; give 0 or more")
    before, after = _gap_ends(table, longer_than, gap_below)
    apart = table.frames[after] - table.frames[before]
    missing = apart - 1
    start, stop = np.repeat(before, missing), np.repeat(after, missing)
    # 1, 2, 3 … within each gap
    offset = np.arange(missing.sum()) - np.repeat(np.cumsum(missing) - missing, missing) + 1
    share = offset / np.repeat(apart, missing)

    frames = np.concatenate([table.frames, table.frames[start] + offset])
    boxes = table.boxes[start] + share[:, None] * (table.boxes[stop] - table.boxes[start])
    scores = table.scores[start] + share * (table.scores[stop] - table.scores[start])
    filled = TrackTable(
        frames=frames,
        boxes=np.concatenate([table.boxes, boxes]),
        ids=np.concatenate([table.ids, table.ids[start]]),
        scores=np.concatenate([table.scores, scores]),
        class_ids=np.concatenate([table.class_ids, table.class_ids[start]]),
    )
    return filled.take(np.argsort(frames, kind="stable"))


def _gap_ends(table: TrackTable, longer_than: float, gap_below: float) -> tuple[Array, Array]:
    """Find the rows before and after each gap that is to be filled."""
    by_track = np.lexsort((table.frames, table.ids))
    before, after = by_track[:-1], by_track[1:]
    apart = table.frames[after] - table.frames[before]
    _, track, lengths = np.unique(table.ids, return_inverse=True, return_counts=True)
    is_gap = (
        (table.ids[after] == table.ids[before])
        & (apart > 1)
        & (apart < gap_below)
        & (lengths[track[before]] > longer_than)
    )
    return before[is_gap], after[is_gap]
