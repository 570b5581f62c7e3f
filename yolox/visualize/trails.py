"""Where the feet of tracks went."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from yolox.structures.boxes import Array


def feet_of(boxes: Array) -> Array:
    """Give the middle of the lower side of boxes `(N, 4)` xyxy as points `(N, 2)`."""
    return np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1)


def unbroken(frames: Array) -> list[slice]:
    """Cut a track's rows where frames are missing between them."""
    cuts = [0, *(np.flatnonzero(np.diff(frames) > 1) + 1).tolist(), len(frames)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]
