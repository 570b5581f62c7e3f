"""Which boxes of two tables overlap, found without a look at the pairs that do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array
from yolox.structures.tables import FrameTable

# Boxes below this area overlap with nothing, as in TrackEval.
LEAST_AREA = np.finfo(np.float64).eps
# So many pairs are looked at together: their columns fit a processor's cache.
_AT_ONCE = 1 << 14


class Overlaps(NamedTuple):
    """Pairs of boxes of one frame that overlap, in no particular order.

    Attributes:
        targets: `(E,)` int64 rows of the one table.
        tracks: `(E,)` int64 rows of the other.
        ious: `(E,)` intersection over union in (0, 1].
    """

    targets: Array
    tracks: Array
    ious: Array

    def take(self, which: Array) -> Overlaps:
        """Keep the pairs that an index array or a mask selects."""
        return Overlaps(self.targets[which], self.tracks[which], self.ious[which])


class _Sorted(NamedTuple):
    """Boxes from left to right, frame after frame.

    Attributes:
        rows: `(N,)` of the table.
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
    """Find the pairs of boxes of the same frame that overlap.

    A sweep from left to right over all frames at once: of two boxes that overlap, either the track
    begins within the target's width or the target within the track's.
    """
    if not len(targets) or not len(tracks):
        none = np.empty(0, dtype=np.int64)
        return Overlaps(none, none, np.empty(0))
    low = min(targets.boxes[:, ::2].min(), tracks.boxes[:, ::2].min())
    high = max(targets.boxes[:, ::2].max(), tracks.boxes[:, ::2].max())
    stride = 2 * (high - low) + 1  # the gap keeps frames apart whatever is rounded
    one, other = (_sort(table, low, stride) for table in (targets, tracks))
    first = np.searchsorted(other.starts, one.starts, "left")
    # The other way round without a second search: a target begins before a track, or with it, where
    # no more tracks begin before the target than stand before the track.
    after = np.cumsum(np.bincount(first, minlength=len(other.rows) + 1))[: len(other.rows)]
    found = [
        *_meetings(one, other, first, np.searchsorted(other.starts, one.ends, "right")),
        *(
            (tracks_rows, targets_rows, ious)
            for targets_rows, tracks_rows, ious in _meetings(
                other, one, after, np.searchsorted(one.starts, other.ends, "right")
            )
        ),
    ]
    rows, columns, ious = (np.concatenate(column) for column in zip(*found, strict=True))
    return Overlaps(one.rows[rows], other.rows[columns], ious)


def _sort(table: FrameTable, low: float, stride: float) -> _Sorted:
    sides = np.ascontiguousarray(table.boxes.T)
    left, top, right, bottom = sides
    areas = (right - left) * (bottom - top)
    offsets = table.frames * stride - low
    rows = np.argsort(offsets + left)
    if areas.min() <= LEAST_AREA:
        rows = rows[areas[rows] > LEAST_AREA]
    offsets, sides = offsets.take(rows), sides.take(rows, axis=1)
    return _Sorted(
        rows=rows,
        starts=offsets + sides[0],
        ends=offsets + sides[2],
        sides=sides,
        areas=areas.take(rows),
    )


def _meetings(
    one: _Sorted, other: _Sorted, first: Array, stop: Array
) -> Iterator[tuple[Array, Array, Array]]:
    """Compare every box of one table with the boxes `first` to `stop` of the other."""
    counts = np.maximum(stop - first, 0)
    ends = np.cumsum(counts)
    begin, done = 0, 0
    left, top, right, bottom = one.sides
    left_b, top_b, right_b, bottom_b = other.sides
    while begin < len(counts):
        end = max(int(np.searchsorted(ends, done + _AT_ONCE, "right")), begin + 1)
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
        yield rows, columns, intersection / union
        begin, done = end, int(ends[end - 1])
