"""Which boxes of two tables overlap, found without a look at the pairs that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array
from yolox.structures.tables import FrameTable

# Boxes below this area overlap with nothing, as in TrackEval.
LEAST_AREA = np.finfo(np.float64).eps
# So much is looked at together: these columns stay in a processor's cache.
_ROWS_AT_ONCE = 1 << 13
_PAIRS_AT_ONCE = 1 << 13


class Overlaps(NamedTuple):
    """Pairs of boxes of one frame that overlap, ordered by target, then by track.

    Attributes:
        targets: `(E,)` int32 rows of the one table.
        tracks: `(E,)` int32 rows of the other.
        ious: `(E,)` intersection over union in (0, 1].
    """

    targets: Array
    tracks: Array
    ious: Array

    def take(self, which: Array) -> Overlaps:
        """Keep the pairs that an index array or a mask selects."""
        return Overlaps(self.targets[which], self.tracks[which], self.ious[which])


class _Boxes(NamedTuple):
    """Boxes from left to right, frame after frame.

    Attributes:
        rows: `(N,)` int32, of the table.
        starts: `(N,)` ascending, the left borders, those of each frame beyond all of the last.
        ends: `(N,)` the right borders likewise.
        sides: `(4, N)` left, top, right, bottom in pixels.
        areas: `(N,)`.
    """

    rows: Array
    starts: Array
    ends: Array
    sides: Array
    areas: Array


def find_overlaps(targets: FrameTable, tracks: FrameTable) -> Overlaps:
    """Find the pairs of boxes of the same frame that overlap."""
    begins = np.unique(targets.frames[::_ROWS_AT_ONCE])  # of spans of frames
    beyond = targets.last_frame + 1
    rows = np.searchsorted(targets.frames, [*begins, beyond]).tolist()
    columns = np.searchsorted(tracks.frames, [*begins, beyond]).tolist()
    found = []
    for some, others in zip(pairwise(rows), pairwise(columns), strict=True):
        here = _join(_sweep(targets, slice(*some), tracks, slice(*others)))
        # As one number: faster than to sort by two columns.
        place = here.targets.astype(np.int64) * len(tracks) + here.tracks
        found.append(here.take(np.argsort(place)))
    return _join(found)


def _join(parts: Iterable[Overlaps]) -> Overlaps:
    none = np.empty(0, dtype=np.int32)
    columns = zip(Overlaps(none, none, np.empty(0)), *parts, strict=True)
    return Overlaps(*(np.concatenate(column) for column in columns))


def _sweep(
    targets: FrameTable, some: slice, tracks: FrameTable, others: slice
) -> Iterator[Overlaps]:
    """Sweep from left to right over some frames at once.

    Of two boxes that overlap, either the track begins within the target's width or the target
    within the track's.
    """
    if some.start == some.stop or others.start == others.stop:
        return
    sides = [
        np.ascontiguousarray(targets.boxes[some].T),
        np.ascontiguousarray(tracks.boxes[others].T),
    ]
    low = min(sides[0][::2].min(), sides[1][::2].min())
    high = max(sides[0][::2].max(), sides[1][::2].max())
    stride = 2 * (high - low) + 1  # the gap keeps frames apart whatever is rounded
    first_frame = min(targets.frames[some.start], tracks.frames[others.start])
    one = _sort(sides[0], (targets.frames[some] - first_frame) * stride - low, some.start)
    other = _sort(sides[1], (tracks.frames[others] - first_frame) * stride - low, others.start)
    first = np.searchsorted(other.starts, one.starts, "left")
    # The other way round without a second search: a target begins before a track, or with it, where
    # no more tracks begin before the target than stand before the track.
    after = np.cumsum(np.bincount(first, minlength=len(other.rows) + 1))[: len(other.rows)]
    yield from _meetings(one, other, first, np.searchsorted(other.starts, one.ends, "right"))
    stop = np.searchsorted(one.starts, other.ends, "right")
    for columns, rows, ious in _meetings(other, one, after, stop):
        yield Overlaps(rows, columns, ious)


def _sort(sides: Array, offsets: Array, first_row: int) -> _Boxes:
    left, top, right, bottom = sides
    areas = (right - left) * (bottom - top)
    order = np.argsort(offsets + left)
    if areas.min() <= LEAST_AREA:
        order = order[areas[order] > LEAST_AREA]
    offsets, sides = offsets.take(order), sides.take(order, axis=1)
    return _Boxes(
        rows=(order + first_row).astype(np.int32),
        starts=offsets + sides[0],
        ends=offsets + sides[2],
        sides=sides,
        areas=areas.take(order),
    )


def _meetings(one: _Boxes, other: _Boxes, first: Array, stop: Array) -> Iterator[Overlaps]:
    """Compare every box of one table with the boxes `first` to `stop` of the other."""
    counts = np.maximum(stop - first, 0)
    ends = np.cumsum(counts)
    begin, done = 0, 0
    left, top, right, bottom = one.sides
    left_b, top_b, right_b, bottom_b = other.sides
    while begin < len(counts):
        end = max(int(np.searchsorted(ends, done + _PAIRS_AT_ONCE, "right")), begin + 1)
        part = slice(begin, end)
        rows = np.repeat(np.arange(begin, end), counts[part])
        shifts = first[part] - (ends[part] - counts[part])
        columns = np.arange(done, ends[end - 1]) + shifts.repeat(counts[part])
        height = np.minimum(bottom.take(rows), bottom_b.take(columns))
        height -= np.maximum(top.take(rows), top_b.take(columns))
        kept = np.flatnonzero(height > 0)
        rows, columns = rows.take(kept), columns.take(kept)
        width = np.minimum(right.take(rows), right_b.take(columns))
        width -= np.maximum(left.take(rows), left_b.take(columns))
        intersection = width * height.take(kept)
        if width.min(initial=1) <= 0:  # they only touch, or are turned inside out
            kept = np.flatnonzero(width > 0)
            rows, columns, intersection = rows[kept], columns[kept], intersection[kept]
        union = one.areas.take(rows) + other.areas.take(columns) - intersection
        yield Overlaps(one.rows.take(rows), other.rows.take(columns), intersection / union)
        begin, done = end, int(ends[end - 1])
