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
        target_ids: `(T,)` people, numbered from 0 without gaps.
        track_frames: `(N,)` ascending.
        track_ids: `(N,)` tracks, numbered from 0 without gaps.
        targets: `(E,)` rows of targets; encounters are ordered by person, track and frame.
        tracks: `(E,)` rows of tracks in the same frame.
        ious: `(E,)` in (0, 1].
        pairs: `(E,)` which of the pairs of a person and a track meets, numbered from 0.
        people: `(P,)` the person of each pair.
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
    people, followers = _number(target_ids), _number(track_ids)
    # As one number a pair: to sort these is faster than to sort by two columns.
    count = int(followers.max(initial=0)) + 1
    pair = people.take(overlaps.targets) * count + followers.take(overlaps.tracks)
    order = np.argsort(pair * len(people) + overlaps.targets)
    pair = pair.take(order)
    is_new = np.diff(pair, prepend=-1) != 0
    pairs = pair[is_new]
    return Encounters(
        target_frames=target_frames,
        target_ids=people,
        track_frames=track_frames,
        track_ids=followers,
        targets=overlaps.targets.take(order),
        tracks=overlaps.tracks.take(order),
        ious=overlaps.ious.take(order),
        pairs=np.cumsum(is_new) - 1,
        people=pairs // count,
        followers=pairs % count,
    )


def _number(ids: Array) -> Array:
    """Number ids from 0 in their order."""
    if not len(ids):
        return ids
    low, high = int(ids.min()), int(ids.max())
    if high - low > 8 * len(ids):
        return np.unique(ids, return_inverse=True)[1]
    # Close together, as trackers give them: a table of all is faster than sorting.
    known = np.zeros(high - low + 1, dtype=np.int64)
    known[ids - low] = 1
    numbers: Array = np.cumsum(known)[ids - low] - 1
    return numbers
