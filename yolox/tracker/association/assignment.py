"""Which detection goes to which track: one-to-one assignment of least cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array


class Assignment(NamedTuple):
    """Matched pairs and what was left over, each an int64 index array.

    Attributes:
        tracks: `(K,)` rows of the matched tracks, rising.
        detections: `(K,)` their detections.
        free_tracks: Tracks without a detection, rising.
        free_detections: Detections without a track, rising.
    """

    tracks: Array
    detections: Array
    free_tracks: Array
    free_detections: Array

    @classmethod
    def none(cls, tracks: Array, detections: Array) -> Assignment:
        """Leave everything unmatched."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, tracks, detections)

    def of(self, tracks: Array, detections: Array) -> Assignment:
        """Translate positions in a selection into what was selected."""
        return Assignment(
            tracks[self.tracks],
            detections[self.detections],
            tracks[self.free_tracks],
            detections[self.free_detections],
        )


def assign(cost: Array, limit: float) -> Assignment:
    """Match so that the sum of `cost - limit` over the matched pairs is least.

    Leaving a pair unmatched costs `limit`, so no pair at or above it is ever matched. This is what
    `lap.lapjv(cost, extend_cost=True, cost_limit=limit)` computes; matching everything first and
    then dropping the dear pairs is a different thing (see `assign_then_keep`).

    Args:
        cost: `(T, D)`, infinite where a pair is forbidden, never NaN.
        limit: Least cost that is not matched any more.
    """
    return _solve(np.minimum(cost - limit, 0), cost < limit)


def assign_then_keep(cost: Array, allowed: Array) -> Assignment:
    """Match all that can be matched at the least total cost, then drop pairs that are not allowed.

    This is SORT's rule: a dear pair can take a detection away from a cheap one.

    Args:
        cost: `(T, D)`, finite.
        allowed: `(T, D)` bool.
    """
    return _solve(cost, allowed)


def assign_each_class(
    cost: Array, allowed: Array, track_classes: Array, detection_classes: Array
) -> Assignment:
    """Let every class `assign_then_keep` by itself, as if there were no other.

    Args:
        cost: `(T, D)`, as for `assign_then_keep`.
        allowed: As for `assign_then_keep`.
        track_classes: `(T,)`.
        detection_classes: `(D,)`.
    """
    taken = np.full(len(cost), -1)
    for each in np.unique(track_classes):
        rows = np.flatnonzero(track_classes == each)
        columns = np.flatnonzero(detection_classes == each)
        pairs = np.ix_(rows, columns)
        found = assign_then_keep(cost[pairs], allowed[pairs]).of(rows, columns)
        taken[found.tracks] = found.detections
    tracks = np.flatnonzero(taken >= 0)
    free = _rest(taken[tracks], len(detection_classes))
    return Assignment(tracks, taken[tracks], np.flatnonzero(taken < 0), free)


def assign_in_turn(cost: Array, limit: float, turns: Array) -> Assignment:
    """Let one group of tracks after the other `assign` what the earlier left (DeepSORT's cascade).

    Args:
        cost: `(T, D)`, as for `assign`.
        limit: As for `assign`.
        turns: `(T,)`; tracks of equal numbers choose together, the lowest first.
    """
    taken = np.full(len(cost), -1)
    free = np.arange(cost.shape[1])
    for turn in np.unique(turns):
        rows = np.flatnonzero(turns == turn)
        found = assign(cost[np.ix_(rows, free)], limit).of(rows, free)
        taken[found.tracks], free = found.detections, found.free_detections
    tracks = np.flatnonzero(taken >= 0)
    return Assignment(tracks, taken[tracks], np.flatnonzero(taken < 0), free)


def _solve(objective: Array, allowed: Array) -> Assignment:
    track_count, detection_count = objective.shape
    if objective.size == 0:
        return Assignment.none(np.arange(track_count), np.arange(detection_count))
    # Imported here because scipy.optimize takes longer to load than all else together.
    from scipy.optimize import linear_sum_assignment

    tracks, detections = linear_sum_assignment(objective)
    kept = allowed[tracks, detections]
    tracks, detections = tracks[kept], detections[kept]
    return Assignment(
        tracks, detections, _rest(tracks, track_count), _rest(detections, detection_count)
    )


def _rest(taken: Array, count: int) -> Array:
    free = np.ones(count, dtype=bool)
    free[taken] = False
    return np.flatnonzero(free)
