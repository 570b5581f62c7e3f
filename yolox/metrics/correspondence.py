"""Who is followed by which track in each frame, as CLEAR counts it.

The misses, false boxes and switches of all frames add up to FN, FP and IDSW of protocol
`trackeval`.
"""

from __future__ import annotations

import numpy as np

from yolox.metrics.clear import match_clear
from yolox.metrics.encounters import find_encounters
from yolox.metrics.mot_rules import what_counts
from yolox.metrics.overlaps import Overlaps
from yolox.metrics.tracking import Benchmark, ScoredSequence, benchmark_of
from yolox.structures import Correspondence, TrackTable, TruthTable


def match_sequence(
    name: str, sequence: ScoredSequence, benchmark: Benchmark | None = None
) -> Correspondence:
    """Match what counts of a sequence that `evaluate` has scored.

    Args:
        name: Of the sequence.
        sequence: Its truth and its tracks.
        benchmark: Whose rules hold; by the name if None.
    """
    truth, tracks, _ = sequence
    targets, kept, overlaps = what_counts(truth, tracks, benchmark or benchmark_of(name))
    return match_tracks(truth.take(targets), tracks.take(kept), overlaps)


def match_tracks(targets: TruthTable, tracks: TrackTable, overlaps: Overlaps) -> Correspondence:
    """Match targets with tracks frame by frame, by `clear.match_clear`.

    Args:
        targets: Who is to be found.
        tracks: The tracks that count.
        overlaps: Of their rows.
    """
    encounters = find_encounters(targets.frames, targets.ids, tracks.frames, tracks.ids, overlaps)
    matched = match_clear(encounters)
    matches = np.full(len(targets), -1, dtype=np.int64)
    matches[encounters.targets[matched]] = encounters.tracks[matched]
    switched_from = np.full(len(targets), -1, dtype=np.int64)
    rows = np.flatnonzero(matches >= 0)
    rows = rows[np.argsort(targets.ids[rows], kind="stable")]  # by person, then by frame
    ids = tracks.ids[matches[rows]]
    same_person = targets.ids[rows[1:]] == targets.ids[rows[:-1]]
    switches = np.flatnonzero(same_person & (ids[1:] != ids[:-1]))
    switched_from[rows[switches + 1]] = ids[switches]
    return Correspondence(
        targets=targets, tracks=tracks, matches=matches, switched_from=switched_from
    )
