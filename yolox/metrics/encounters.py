"""Whom each track meets, and where: what HOTA, CLEAR and Identity count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.overlaps import Overlaps, find_overlaps
from yolox.structures.boxes import Array
from yolox.structures.tables import TrackTable, TruthTable


class Encounters(NamedTuple):
    """People to be found, tracks that count, and the boxes of both that overlap.

    Attributes:
        target_frames: `(T,)` ascending.
        target_ids: `(T,)` people, numbered from 0 without gaps.
        track_frames: `(N,)` ascending.
        track_ids: `(N,)` tracks, numbered from 0 without gaps.
        targets: `(E,)` rows of targets; encounters are ordered by person, track and frame.
        tracks: `(E,)` rows of tracks in the same frame.
        ious: `(E,)` in (0, 1].
        pairs: `(E,)` which person and track meet, numbered from 0.
    """

    target_frames: Array
    target_ids: Array
    track_frames: Array
    track_ids: Array
    targets: Array
    tracks: Array
    ious: Array
    pairs: Array

    @property
    def frames(self) -> Array:
        """`(E,)` the frame of each encounter."""
        frames: Array = self.target_frames[self.targets]
        return frames

    @property
    def people(self) -> Array:
        """`(P,)` the person of each pair."""
        people: Array = self.target_ids[self.targets[self._first]]
        return people

    @property
    def followers(self) -> Array:
        """`(P,)` the track of each pair."""
        followers: Array = self.track_ids[self.tracks[self._first]]
        return followers

    @property
    def _first(self) -> Array:
        return np.flatnonzero(np.diff(self.pairs, prepend=-1))


def find_encounters(
    targets: TruthTable, tracks: TrackTable, overlaps: Overlaps | None = None
) -> Encounters:
    """Find who meets whom.

    Args:
        targets: Who is to be found.
        tracks: The tracks that count.
        overlaps: Of their rows, where that is known.
    """
    overlaps = find_overlaps(targets, tracks) if overlaps is None else overlaps
    people, followers = _number(targets.ids), _number(tracks.ids)
    # As one number a pair: to sort these is faster than to sort by two columns.
    pair = people[overlaps.targets] * (followers.max(initial=0) + 1) + followers[overlaps.tracks]
    order = np.argsort(pair * len(targets) + overlaps.targets)
    pair = pair[order]
    return Encounters(
        target_frames=targets.frames,
        target_ids=people,
        track_frames=tracks.frames,
        track_ids=followers,
        targets=overlaps.targets[order],
        tracks=overlaps.tracks[order],
        ious=overlaps.ious[order],
        pairs=np.cumsum(np.diff(pair, prepend=pair[:1]) != 0),
    )


def _number(ids: Array) -> Array:
    """Number ids from 0 in their order."""
    if not len(ids):
        return ids
    low, high = int(ids.min()), int(ids.max())
    if high - low > 8 * len(ids):
        numbered: Array = np.unique(ids, return_inverse=True)[1]
        return numbered
    # Close together, as trackers give them: a table of all is faster than sorting.
    known = np.zeros(high - low + 1, dtype=np.int64)
    known[ids - low] = 1
    numbers = np.cumsum(known) - 1
    return numbers[ids - low]
