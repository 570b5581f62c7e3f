"""The errors of each frame, and the moments in which they are most."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from yolox.structures import Correspondence, Moment, check_range
from yolox.structures.boxes import Array


class FrameErrors(NamedTuple):
    """How many errors each frame of a sequence has, `(length,)` int64 each."""

    misses: Array
    false_boxes: Array
    switches: Array

    @property
    def total(self) -> Array:
        """All errors of each frame."""
        total: Array = np.sum(self, axis=0)
        return total


def errors_by_frame(correspondence: Correspondence, length: int) -> FrameErrors:
    """Count the errors of frames 1 to `length`."""
    targets, tracks = correspondence.targets.frames, correspondence.tracks.frames
    return FrameErrors(
        *(
            np.bincount(frames - 1, minlength=length)
            for frames in (
                targets[correspondence.missed],
                tracks[correspondence.person_ids < 0],
                targets[correspondence.switched],
            )
        )
    )


def worst_moments(
    errors: Mapping[str, FrameErrors], *, frames: int = 10, count: int = 10
) -> list[Moment]:
    """Find the moments with most errors, those with most first.

    Sequences take turns, so that a crowded one does not fill the list: first the worst moment of
    each, then the second of each, and in the last turn those with most errors. Two moments of a
    sequence are at least the length of one apart. None is without an error.

    Args:
        errors: Of the frames of each sequence, by its name.
        frames: Length of a moment; a sequence that is shorter is one moment.
        count: At most so many moments.

    Raises:
        InputError: A number is below 1.
    """
    check_range(1, np.inf, frames=frames, count=count)
    ranked = [_worst_of(name, one, frames, count) for name, one in errors.items()]
    turns = (sorted(filter(None, turn), key=_badness) for turn in zip_longest(*ranked))
    return sorted([moment for turn in turns for moment in turn][:count], key=_badness)


def _worst_of(name: str, errors: FrameErrors, frames: int, count: int) -> list[Moment]:
    total = errors.total
    frames = min(frames, len(total))
    sums = np.convolve(total, np.ones(frames, dtype=np.int64), "valid")
    moments: list[Moment] = []
    while len(moments) < count and sums.max() > 0:
        start = int(sums.argmax())
        inside = slice(start, start + frames)
        worst = start + int(total[inside].argmax()) + 1
        counts = (int(kind[inside].sum()) for kind in errors)
        moments.append(Moment(name, start + 1, start + frames, worst, *counts))
        sums[max(start - 2 * frames + 1, 0) : start + 2 * frames] = 0
    return moments


def _badness(moment: Moment) -> int:
    return -(moment.misses + moment.false_boxes + moment.switches)
