"""MOTChallenge's rules: who is to be found, and which tracks are forgiven.

Dendorfer et al., "MOTChallenge: A Benchmark for Single-Camera Multiple Target Tracking" (2021): a
track on a person who is not to be tracked is neither right nor wrong.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.clear import LEAST_IOU
from yolox.metrics.matching import match_boxes
from yolox.metrics.overlaps import Overlaps, find_overlaps
from yolox.structures import InputError, TrackTable, TruthTable
from yolox.structures.boxes import Array

_PEDESTRIAN = 1
_LAST_CLASS = 13
# People on vehicles, people who sit, distractors and reflections; on MOT20 other vehicles too.
_FORGIVEN = {
    "MOT16": [2, 7, 8, 12],
    "MOT17": [2, 7, 8, 12],
    "MOT20": [2, 6, 7, 8, 12],
    "DanceTrack": [2, 7, 8, 12],
}


class WhatCounts(NamedTuple):
    """What the rules leave of one sequence.

    Attributes:
        targets: `(T,)` bool, who is to be found.
        tracks: `(N,)` bool, the tracks that are not forgiven.
        overlaps: Of what is left, by rows among what is left.
    """

    targets: Array
    tracks: Array
    overlaps: Overlaps


def check_rules(name: str, truth: TruthTable, tracks: TrackTable, benchmark: str) -> None:
    """Check that tables can be scored.

    Raises:
        InputError: An id stands twice in a frame, or a class is none of MOTChallenge's.
    """
    for what, table, ids in (
        ("the ground truth", truth, truth.ids),
        ("tracks", tracks, tracks.ids),
    ):
        row = _find_repeat(table.frames, ids)
        if row is not None:
            raise InputError(
                f"{name}: id {ids[row]} stands twice in frame {table.frames[row]} of {what}; "
                "an id has one box a frame"
            )
    unknown = truth.class_ids[(truth.class_ids < 1) | (truth.class_ids > _LAST_CLASS)]
    if len(unknown) and benchmark != "MOT15":
        raise InputError(
            f"{name}: ground truth has class {unknown.min()}; {benchmark} knows 1 to "
            f"{_LAST_CLASS}, or choose MOT15's rules, which know no classes"
        )


def is_target(truth: TruthTable, benchmark: str) -> Array:
    """Tell who is to be found, `(N,)` bool: considered pedestrians; MOT15 knows no classes."""
    if benchmark == "MOT15":
        return truth.considered
    targets: Array = truth.considered & (truth.class_ids == _PEDESTRIAN)
    return targets


def what_counts(truth: TruthTable, tracks: TrackTable, benchmark: str) -> WhatCounts:
    """Forgive the tracks on those who are not to be tracked, and keep who is to be found.

    All boxes are matched for it, by the largest sum of overlaps of at least a half.
    """
    overlaps = find_overlaps(truth, tracks)
    wanted = is_target(truth, benchmark)
    kept = np.ones(len(tracks), dtype=bool)
    distractors = np.isin(truth.class_ids, _FORGIVEN.get(benchmark, []))
    if distractors.any():
        near = overlaps.take(overlaps.ious >= LEAST_IOU)
        matched = match_boxes(*near, truth.frames, tracks.frames)
        kept[near.tracks[matched & distractors[near.targets]]] = False
    if not (wanted.all() and kept.all()):
        targets, columns, ious = overlaps.take(wanted[overlaps.targets] & kept[overlaps.tracks])
        row, column = (np.cumsum(mask, dtype=np.int32) - 1 for mask in (wanted, kept))
        overlaps = Overlaps(row.take(targets), column.take(columns), ious)
    return WhatCounts(wanted, kept, overlaps)


def _find_repeat(frames: Array, ids: Array) -> int | None:
    """Find a row whose frame and id another row has too."""
    if ((np.diff(frames) > 0) | (np.diff(ids) > 0)).all():  # in order, as most tables are
        return None
    order = np.lexsort((ids, frames))
    repeats = (np.diff(frames[order]) == 0) & (np.diff(ids[order]) == 0)
    return int(order[1:][repeats][0]) if repeats.any() else None
