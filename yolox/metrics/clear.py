"""CLEAR: misses, false boxes, switches and fragments at an overlap of one half.

Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics"
(2008), with MOTChallenge's rules as TrackEval has them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.encounters import Encounters
from yolox.metrics.matching import (
    are_alone,
    best_matching,
    group_pairs,
    match_whole_frame,
    rows_of,
)
from yolox.structures.boxes import Array

LEAST_IOU = 0.5 - np.finfo(np.float64).eps
# To go on with the track of the frame before is worth more than any overlap, as in TrackEval.
_GOES_ON = 1000


class ClearCounts(NamedTuple):
    """What CLEAR's shares are made of; counts of sequences add up.

    Attributes:
        matches: True positives.
        misses: False negatives.
        false_boxes: False positives.
        switches: Times that a person is matched by another track than last.
        fragments: Times that a person is matched again after frames without.
        mostly_tracked: People matched in more than 80 % of their frames.
        partly_tracked: People between.
        mostly_lost: People matched in less than 20 %.
        overlap: Sum of the overlaps of the matches.
    """

    matches: int
    misses: int
    false_boxes: int
    switches: int
    fragments: int
    mostly_tracked: int
    partly_tracked: int
    mostly_lost: int
    overlap: float

    @property
    def mota(self) -> float:
        """1 − (FP + FN + IDSW) / boxes, without a bound below; 0 where nobody is to be found."""
        boxes = self.matches + self.misses
        return (self.matches - self.false_boxes - self.switches) / boxes if boxes else 0.0

    @property
    def motp(self) -> float:
        """Mean overlap of the matches, 0 without any."""
        return self.overlap / max(1, self.matches)


class _Rows(NamedTuple):
    """Encounters that overlap enough, as int32 columns, ordered by pair, then by frame.

    Attributes:
        which: `(R,)` of all encounters.
        targets: `(R,)` rows of targets.
        tracks: `(R,)` rows of tracks.
        times: `(R,)` which of the frames that have both targets and tracks.
        follows: `(R,)` bool, the row before is the same person and track just before.
    """

    which: Array
    targets: Array
    tracks: Array
    times: Array
    follows: Array


def count_clear(encounters: Encounters) -> ClearCounts:
    """Match frame by frame and count."""
    rows = _enough(encounters)
    matched = np.flatnonzero(_match(encounters, rows))
    people = encounters.target_ids.take(rows.targets.take(matched)).astype(np.int64)
    # By person, then by frame; a person has one match a frame.
    order = np.argsort(people * (int(rows.times.max(initial=0)) + 1) + rows.times.take(matched))
    matched, people = matched.take(order), people.take(order)
    follower = encounters.track_ids.take(rows.tracks.take(matched))
    times = rows.times.take(matched)
    again = people[1:] == people[:-1]
    count, boxes = len(matched), len(encounters.target_ids)
    frames_of = np.bincount(encounters.target_ids)
    share = np.bincount(people, minlength=len(frames_of)) / frames_of
    mostly, partly = int((share > 0.8).sum()), int((share >= 0.2).sum())
    return ClearCounts(
        matches=count,
        misses=boxes - count,
        false_boxes=len(encounters.track_ids) - count,
        switches=int((again & (follower[1:] != follower[:-1])).sum()),
        fragments=int((again & (np.diff(times) > 1)).sum()),
        mostly_tracked=mostly,
        partly_tracked=partly - mostly,
        mostly_lost=len(share) - partly,
        overlap=float(encounters.ious[rows.which[matched]].sum()),
    )


def match_clear(encounters: Encounters) -> Array:
    """Match people with tracks frame by frame.

    A pair that was matched in the frame before stays together while it overlaps by half; the others
    are matched so that the sum of the overlaps is largest. Frames without people or without tracks
    are passed over: what was before them goes on after them.

    Returns:
        `(M,)` the encounters that are matches.
    """
    rows = _enough(encounters)
    return rows.which[_match(encounters, rows)]


def _match(encounters: Encounters, rows: _Rows) -> Array:
    """Match as `match_clear`, `(R,)` bool."""
    every = np.arange(len(rows.which), dtype=np.int32)
    # Of each row, where its person and track come together ...
    begins = np.maximum.accumulate(np.where(rows.follows, 0, every))
    # ... and by that, from where on they are matched.
    matched_from = np.full_like(every, len(every))
    matched = np.zeros(len(every), dtype=bool)
    found = np.zeros(len(encounters.target_ids), dtype=bool)
    used = np.zeros(len(encounters.track_ids), dtype=bool)
    # Who is matched once stays so while the two overlap: only beginnings have to be decided. All
    # frames are worked on at once, and what is decided decides more.
    left = every
    while len(left):
        ones = left[are_alone(rows.targets.take(left), rows.tracks.take(left))]
        if not len(ones):
            ones = _first_matches(encounters, rows, matched, left)
        np.minimum.at(matched_from, begins.take(ones), ones)
        new = left[left >= matched_from.take(begins.take(left))]
        matched[new] = True
        found[rows.targets.take(new)] = True
        used[rows.tracks.take(new)] = True
        taken = found.take(rows.targets.take(left)) | used.take(rows.tracks.take(left))
        left = left[~taken]
    return matched


def _first_matches(encounters: Encounters, rows: _Rows, matched: Array, left: Array) -> Array:
    """Match where nobody can have been matched in the frame before.

    Args:
        encounters: All of them.
        rows: Those that overlap enough.
        matched: `(R,)` bool, what is matched already.
        left: Rows that are not decided; the others of their people and tracks are not matched.

    Returns:
        Some rows of `left` that are matched, at least one.
    """
    groups = group_pairs(rows.targets[left], rows.tracks[left])
    is_left = np.zeros(len(matched), dtype=bool)
    is_left[left] = True
    waits = rows.follows[left] & is_left[left - 1]
    ready = ~np.isin(groups, groups[waits])
    some = left[ready]
    chosen, tied = best_matching(
        rows.targets[some], rows.tracks[some], encounters.ious[rows.which[some]]
    )
    if (chosen & ~tied).any():
        return some[chosen & ~tied]
    # Nothing but ties: the first frame of all, before which everything is decided, as TrackEval.
    time = rows.times[left].min()
    here = np.flatnonzero(rows.times == time)
    goes_on = rows.follows[here] & matched[here - 1]
    frame = encounters.target_frames[rows.targets[here[0]]]
    chosen = match_whole_frame(
        rows.targets[here],
        rows.tracks[here],
        _GOES_ON * goes_on + encounters.ious[rows.which[here]],
        rows_of(encounters.target_frames, frame),
        rows_of(encounters.track_frames, frame),
    )
    return here[chosen & is_left[here]]


def _enough(encounters: Encounters) -> _Rows:
    which = np.flatnonzero(encounters.ious >= LEAST_IOU)
    pairs = encounters.pairs.take(which).astype(np.int64)
    # As one number: faster than to sort by two columns.
    pairs *= len(encounters.ious)
    pairs += which
    which = which.take(np.argsort(pairs)).astype(np.int32)
    targets, pairs = encounters.targets.take(which), encounters.pairs.take(which)
    times = _times(encounters).take(encounters.target_frames.take(targets))
    follows = np.zeros(len(which), dtype=bool)
    follows[1:] = (pairs[1:] == pairs[:-1]) & (times[1:] == times[:-1] + 1)
    return _Rows(which, targets, encounters.tracks.take(which), times, follows)


def _times(encounters: Encounters) -> Array:
    """Number the frames that have both targets and tracks, by frame."""
    length = max(encounters.target_frames.max(initial=0), encounters.track_frames.max(initial=0))
    has_target, has_track = np.zeros((2, int(length) + 1), dtype=bool)
    has_target[encounters.target_frames] = True
    has_track[encounters.track_frames] = True
    times: Array = np.cumsum(has_target & has_track, dtype=np.int32)
    return times
