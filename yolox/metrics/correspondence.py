"""Who is followed by which track in each frame, as CLEAR counts it.

Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics"
(2008), with the rules of MOTChallenge: the misses, false boxes and switches of all frames add up to
FN, FP and IDSW of protocol `trackeval`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from yolox.metrics.trackeval_protocol import what_counts
from yolox.metrics.tracking import Benchmark, ScoredSequence, benchmark_of
from yolox.structures import Correspondence, TrackTable, TruthTable
from yolox.structures.boxes import Array

_LEAST_IOU = 0.5 - np.finfo(np.float64).eps
# To go on with the track of the frame before is worth more than any overlap, as in TrackEval.
_GOES_ON = 1000


def match_sequence(
    name: str, sequence: ScoredSequence, benchmark: Benchmark | None = None
) -> Correspondence:
    """Match what counts of a sequence that `evaluate` has scored.

    Args:
        name: Of the sequence.
        sequence: Its truth and its tracks.
        benchmark: Whose rules hold; by the name if None.
    """
    return match_tracks(*what_counts(name, *sequence, benchmark or benchmark_of(name)))


def match_tracks(
    targets: TruthTable, tracks: TrackTable, overlaps: Sequence[Array]
) -> Correspondence:
    """Match targets with tracks frame by frame.

    A pair that was matched in the frame before stays together while it overlaps by half; the others
    are matched so that the sum of the overlaps is largest.

    Args:
        targets: Who is to be found.
        tracks: The tracks that count.
        overlaps: For each frame the IoU of its targets and tracks, `(T, N)`.
    """
    matches = np.full(len(targets), -1, dtype=np.int64)
    switched_from = np.full(len(targets), -1, dtype=np.int64)
    last_track: dict[int, int] = {}  # by person, however long ago
    just_before: dict[int, int] = {}  # by person, in the last frame with both targets and tracks
    for frame, overlap in enumerate(overlaps, start=1):
        if not overlap.size:
            continue
        people, found = targets.rows_of(frame), tracks.rows_of(frame)
        persons, ids = targets.ids[people].tolist(), tracks.ids[found]
        expected = np.array([just_before.get(person, -1) for person in persons])
        worth = overlap + _GOES_ON * (expected[:, None] == ids[None, :])
        worth[overlap < _LEAST_IOU] = 0
        just_before = {}
        for row, column in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if not worth[row, column]:
                continue
            person, track = persons[row], int(ids[column])
            matches[people.start + row] = found.start + column
            if last_track.get(person, track) != track:
                switched_from[people.start + row] = last_track[person]
            last_track[person] = just_before[person] = track
    return Correspondence(
        targets=targets, tracks=tracks, matches=matches, switched_from=switched_from
    )
