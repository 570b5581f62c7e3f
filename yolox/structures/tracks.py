"""What a tracker says of one frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yolox.structures.boxes import Array


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One track in one frame, under the attribute names that ByteTrack's users know.

    Attributes:
        track_id: From 1, unique within its tracker.
        tlbr: `(4,)` left, top, right, bottom in image pixels.
        score: Score of the detection that the track last matched, in [0, 1].
        class_id: Class of that detection.
        detection_index: Row of that detection in this frame's input, −1 if the track has none.
    """

    track_id: int
    tlbr: Array
    score: float
    class_id: int
    detection_index: int

    @property
    def tlwh(self) -> Array:
        """`(4,)` left, top, width, height in image pixels."""
        left, top, right, bottom = self.tlbr
        return np.array([left, top, right - left, bottom - top])


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """All tracks of one frame as arrays, ordered by id; iterating gives `Track` by `Track`.

    Attributes:
        ids: `(N,)` int64, from 1.
        boxes: `(N, 4)` float64 xyxy in image pixels.
        scores: `(N,)` float64 in [0, 1].
        class_ids: `(N,)` int64.
        detection_indices: `(N,)` int64 rows of the frame's detections, −1 where there is none.
    """

    ids: Array
    boxes: Array
    scores: Array
    class_ids: Array
    detection_indices: Array

    def take(self, rows: Array) -> Tracks:
        """Keep the rows that an index array or a mask selects."""
        return Tracks(
            self.ids[rows],
            self.boxes[rows],
            self.scores[rows],
            self.class_ids[rows],
            self.detection_indices[rows],
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: int) -> Track:
        return Track(
            int(self.ids[row]),
            self.boxes[row],
            float(self.scores[row]),
            int(self.class_ids[row]),
            int(self.detection_indices[row]),
        )

    def __iter__(self) -> Iterator[Track]:
        return (self[row] for row in range(len(self)))
