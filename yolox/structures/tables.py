"""A whole sequence as columns: what a detector found, what a tracker made of it, what is true.

Every table has a `frames` column counted from 1; rows are ordered by frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from yolox.structures.boxes import Array
from yolox.structures.detections import Detections
from yolox.structures.tracks import Tracks

Table = TypeVar("Table", bound="FrameTable")


@dataclass(frozen=True, eq=False, kw_only=True)
class FrameTable:
    """Rows of one sequence, ordered by frame.

    Attributes:
        frames: `(N,)` int64, from 1.
        boxes: `(N, 4)` float64 xyxy in image pixels.
    """

    frames: Array
    boxes: Array

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def last_frame(self) -> int:
        """The largest frame number, 0 for a table without rows."""
        return int(self.frames[-1]) if len(self) else 0

    def take(self: Table, rows: Array) -> Table:
        """Keep the rows that an index array or a mask selects."""
        columns: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            column = getattr(self, field.name)
            columns[field.name] = None if column is None else column[rows]
        return type(self)(**columns)

    def between(self: Table, first: int, last: int) -> Table:
        """Keep frames `first` to `last`, both included."""
        return self.take((self.frames >= first) & (self.frames <= last))

    def cut(self: Table, first: int, last: int) -> Table:
        """Keep frames `first` to `last`, both included, and renumber them from 1."""
        kept = self.between(first, last)
        return dataclasses.replace(kept, frames=kept.frames - (first - 1))

    def every(self: Table, step: int) -> Table:
        """Keep frames 1, 1 + `step`, 1 + 2 · `step` and so on, and renumber them 1, 2, 3."""
        kept = self.take((self.frames - 1) % step == 0)
        return dataclasses.replace(kept, frames=(kept.frames - 1) // step + 1)

    def rows_of(self, frame: int) -> slice:
        """Find the rows of one frame."""
        start, stop = np.searchsorted(self.frames, [frame, frame + 1])
        return slice(int(start), int(stop))


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectionTable(FrameTable):
    """The detections of a sequence; columns as in `Detections`."""

    scores: Array
    class_ids: Array
    embeddings: Array | None = None

    def at(self, frame: int) -> Detections:
        """Give the detections of one frame."""
        rows = self.rows_of(frame)
        embeddings = None if self.embeddings is None else self.embeddings[rows]
        return Detections(self.boxes[rows], self.scores[rows], self.class_ids[rows], embeddings)


@dataclass(frozen=True, eq=False, kw_only=True)
class TrackTable(FrameTable):
    """The tracks of a sequence; columns as in `Tracks`."""

    ids: Array
    scores: Array
    class_ids: Array

    @classmethod
    def from_frames(cls, tracks_by_frame: Iterable[Tracks]) -> TrackTable:
        """Join what a tracker put out for frame 1, 2, 3 and so on."""
        frames = list(tracks_by_frame)
        counts = [len(tracks) for tracks in frames]
        if not sum(counts):
            none = np.empty(0, dtype=np.int64)
            return cls(
                frames=none, boxes=np.empty((0, 4)), ids=none, scores=np.empty(0), class_ids=none
            )
        return cls(
            frames=np.repeat(np.arange(1, len(frames) + 1), counts),
            boxes=np.concatenate([tracks.boxes for tracks in frames]),
            ids=np.concatenate([tracks.ids for tracks in frames]),
            scores=np.concatenate([tracks.scores for tracks in frames]),
            class_ids=np.concatenate([tracks.class_ids for tracks in frames]),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class TruthTable(FrameTable):
    """The ground truth of a sequence, in MOTChallenge's terms.

    Attributes:
        ids: `(N,)` int64, unique within a frame.
        considered: `(N,)` bool, the annotation's flag: False rows are never a target.
        class_ids: `(N,)` int64, MOTChallenge's numbers (1 is a pedestrian).
        visibility: `(N,)` float64, the visible share in [0, 1].
    """

    ids: Array
    considered: Array
    class_ids: Array
    visibility: Array
