"""A stretch of a sequence where the tracks go wrong."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    """Frames that follow each other, and their errors.

    Attributes:
        sequence: Its name.
        first: Frame, from 1.
        last: Frame, included.
        worst: The first of those frames that have most errors.
        misses: In all the frames together, as the next two.
        false_boxes: Boxes of tracks that are on nobody.
        switches: Of identity.
    """

    sequence: str
    first: int
    last: int
    worst: int
    misses: int
    false_boxes: int
    switches: int
