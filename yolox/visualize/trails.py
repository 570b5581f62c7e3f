"""Where the feet of tracks went."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np

from yolox.structures import Tracks, TrackTable
from yolox.structures.boxes import Array


class RecentTracks:
    """The tracks of the last frames of a video without an end."""

    def __init__(self, length: int) -> None:
        """Remember this many frames before the last one."""
        self._frames: deque[tuple[int, Tracks]] = deque(maxlen=length + 1)

    def add(self, frame: int, tracks: Tracks) -> TrackTable:
        """Take in a frame, and give all that is remembered."""
        self._frames.append((frame, tracks))
        return TrackTable(
            frames=np.repeat(
                [number for number, _ in self._frames], [len(one) for _, one in self._frames]
            ),
            boxes=np.concatenate([one.boxes for _, one in self._frames]),
            ids=np.concatenate([one.ids for _, one in self._frames]),
            scores=np.concatenate([one.scores for _, one in self._frames]),
            class_ids=np.concatenate([one.class_ids for _, one in self._frames]),
        )


def feet_of(boxes: Array) -> Array:
    """Give the middle of the lower side of boxes `(N, 4)` xyxy as points `(N, 2)`."""
    return np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1)


def unbroken(frames: Array) -> list[slice]:
    """Cut a track's rows where frames are missing between them."""
    cuts = [0, *(np.flatnonzero(np.diff(frames) > 1) + 1).tolist(), len(frames)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]
