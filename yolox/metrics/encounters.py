"""Whom each track meets, and where: what HOTA, CLEAR and Identity count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.overlaps import Overlaps
from yolox.structures.boxes import Array


class Encounters(NamedTuple):
    """People to be found, tracks that count, and the boxes of both that overlap.

    Attributes:
        target_frames: `(T,)` ascending.
        target_ids: `(T,)` int32, people, numbered from 0 without gaps.
        track_frames: `(N,)` ascending.
        track_ids: `(N,)` int32, tracks, numbered from 0 without gaps.
        targets: `(E,)` int32 rows of targets; encounters are ordered by target, then by track.
        tracks: `(E,)` int32 rows of tracks in the same frame.
        ious: `(E,)` in (0, 1].
        pairs: `(E,)` int32, which of the pairs of a person and a track meets, numbered from 0.
        people: `(P,)` the person of each pair, ascending.
        followers: `(P,)` the track of each pair.
    """

    target_frames: Array
    target_ids: Array
    track_frames: Array
    track_ids: Array
    targets: Array
    tracks: Array
    ious: Array
    pairs: Array
    people: Array
    followers: Array


def find_encounters(
    target_frames: Array,
    target_ids: Array,
    track_frames: Array,
    track_ids: Array,
    overlaps: Overlaps,
) -> Encounters:
    """Find who meets whom.

    Args:
        target_frames: `(T,)` ascending.
        target_ids: `(T,)` people, any numbers.
        track_frames: `(N,)` ascending.
        track_ids: `(N,)` tracks, any numbers.
        overlaps: Of the rows of both.
    """
    _, people = _number(target_ids)
    _, followers = _number(track_ids)
    count = int(followers.max(initial=0)) + 1
    pair = people.take(overlaps.targets).astype(np.int64)
    pair *= count
    pair += followers.take(overlaps.tracks)
    known, pairs = _number(pair)
    return Encounters(
        target_frames=target_frames,
        target_ids=people,
        track_frames=track_frames,
        track_ids=followers,
        targets=overlaps.targets,
        tracks=overlaps.tracks,
        ious=overlaps.ious,
        pairs=pairs,
        people=known // count,
        followers=known % count,
    )


def _number(ids: Array) -> tuple[Array, Array]:
    """Give the different ids, ascending, and the number of each id among them as int32."""
    low, high = int(ids.min(initial=0)), int(ids.max(initial=0))
    if high - low > 8 * len(ids):
        known, numbers = np.unique(ids, return_inverse=True)
        return known, numbers.astype(np.int32)
    # Close together, as trackers give them: a table of all is faster than sorting.
    ids = ids - low
    is_known = np.zeros(high - low + 1, dtype=bool)
    is_known[ids] = True
    number = np.cumsum(is_known, dtype=np.int32)
    number -= 1
    return np.flatnonzero(is_known) + low, number.take(ids)
