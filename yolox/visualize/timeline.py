"""When people are followed and by which track, as rows of spans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures import Correspondence
from yolox.structures.boxes import Array
from yolox.structures.tables import FrameTable
from yolox.visualize.trails import feet_of


class Row(NamedTuple):
    """One person, or one track.

    Attributes:
        id: Its number.
        spans: First frame, last frame, and who is matched in them all, a track by a person's row
            and a person by a track's: its id, −1 for nobody.
        switches: Frame, id of the track before, id of the track from then on; none for a track.
        feet: Whole pixels x, y, one pair for each frame of the spans.
    """

    id: int
    spans: list[tuple[int, int, int]]
    switches: list[tuple[int, int, int]]
    feet: list[tuple[int, int]]


def people_rows(correspondence: Correspondence) -> list[Row]:
    """Give a row a person, ordered by their first frames."""
    rows = _rows(correspondence.targets, correspondence.targets.ids, correspondence.track_ids)
    switched = np.flatnonzero(correspondence.switched)
    by_person: dict[int, list[tuple[int, int, int]]] = {}
    for person, *switch in zip(
        correspondence.targets.ids[switched].tolist(),
        correspondence.targets.frames[switched].tolist(),
        correspondence.switched_from[switched].tolist(),
        correspondence.track_ids[switched].tolist(),
        strict=True,
    ):
        by_person.setdefault(person, []).append((switch[0], switch[1], switch[2]))
    return [row._replace(switches=by_person.get(row.id, [])) for row in rows]


def track_rows(correspondence: Correspondence) -> list[Row]:
    """Give a row a track, ordered by their first frames."""
    return _rows(correspondence.tracks, correspondence.tracks.ids, correspondence.person_ids)


def _rows(table: FrameTable, ids: Array, matched: Array) -> list[Row]:
    feet = feet_of(table.boxes).round().astype(np.int64)
    rows = []
    for number in dict.fromkeys(ids.tolist()):  # in the order of their first frames
        mine = np.flatnonzero(ids == number)
        spans = _spans(table.frames[mine], matched[mine])
        points = [(x, y) for x, y in feet[mine].tolist()]
        rows.append(Row(number, spans, [], points))
    return rows


def _spans(frames: Array, values: Array) -> list[tuple[int, int, int]]:
    """Join frames that follow each other and have the same value."""
    starts = np.flatnonzero((np.diff(frames, prepend=-1) != 1) | np.diff(values, prepend=-2) != 0)
    ends = np.append(starts[1:], len(frames)) - 1
    return [
        (first, last, value)
        for first, last, value in zip(
            frames[starts].tolist(), frames[ends].tolist(), values[starts].tolist(), strict=True
        )
    ]
