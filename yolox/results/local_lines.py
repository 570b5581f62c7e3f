"""Tracks without jitter: every box on a straight line through its neighbours in time.

Local linear regression (Cleveland, "Robust Locally Weighted Regression and Smoothing Scatterplots",
1979) with Gaussian weights and a bandwidth in frames. Unlike a weighted mean it keeps a steady walk
as it is, also at the ends of a track, where all neighbours lie on one side.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from yolox.structures import TrackTable, check_range
from yolox.structures.boxes import Array

CENTRE_FRAMES = 3.0
SIZE_FRAMES = 4.0

# Neighbours beyond this many standard deviations are left out; they would weigh a hundredth.
REACH = 3.0


def smooth_on_lines(
    table: TrackTable,
    *,
    longer_than: float = 5,
    centre_frames: float = CENTRE_FRAMES,
    size_frames: float = SIZE_FRAMES,
) -> TrackTable:
    """Smooth every track's boxes; frames, ids and scores stay.

    Centre and size are smoothed apart, since a detector's sides jump more than its centres.

    Args:
        table: Tracks of one sequence, with gaps filled before.
        longer_than: Tracks with more boxes are smoothed.
        centre_frames: Standard deviation of the weights for the centre, in frames.
        size_frames: The same for width and height.

    Returns:
        The same rows in the same order, with other boxes.

    Raises:
        InputError: A bandwidth is out of range.
    """
    check_range(0.1, 1000, centre_frames=centre_frames, size_frames=size_frames)
    _, track, lengths = np.unique(table.ids, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(lengths[track] > longer_than)
    rows = rows[np.lexsort((table.frames[rows], table.ids[rows]))]
    frames, ids, boxes = table.frames[rows], table.ids[rows], table.boxes[rows]
    centre = _on_lines(frames, ids, (boxes[:, :2] + boxes[:, 2:]) / 2, centre_frames)
    size = _on_lines(frames, ids, boxes[:, 2:] - boxes[:, :2], size_frames)
    half = np.maximum(size, 0) / 2  # a line through shrinking boxes can run below nothing
    smoothed = table.boxes.copy()
    smoothed[rows] = np.concatenate([centre - half, centre + half], axis=1)
    return dataclasses.replace(table, boxes=smoothed)


def _on_lines(frames: Array, ids: Array, values: Array, deviation: float) -> Array:
    """Give the value of each row's own line at its frame.

    Args:
        frames: `(N,)`, rising within a track.
        ids: `(N,)`, one track after the other.
        values: `(N, K)`.
        deviation: Of the weights, in frames.
    """
    weight = np.ones(len(frames))  # Σ w, of the row itself at first
    moment, spread = np.zeros(len(frames)), np.zeros(len(frames))  # Σ w t and Σ w t²
    # Differences to the row's own value: they stay small, and a row alone keeps its value exactly.
    total, lever = np.zeros_like(values), np.zeros_like(values)  # Σ w y and Σ w t y
    # A track has a box a frame at most, so no neighbour is more rows away than frames.
    for step in range(1, min(int(REACH * deviation), len(frames) - 1) + 1):
        apart = frames[step:] - frames[:-step]
        near = np.flatnonzero((ids[step:] == ids[:-step]) & (apart <= REACH * deviation))
        time = apart[near].astype(float)
        share = np.exp(-0.5 * (time / deviation) ** 2)
        change = values[near + step] - values[near]
        for own, sign in ((near, 1), (near + step, -1)):
            weight[own] += share
            moment[own] += sign * share * time
            spread[own] += share * time**2
            total[own] += sign * share[:, None] * change
            lever[own] += (share * time)[:, None] * change
    # The least squares line's value at t = 0; where a row has no neighbour there is no slope.
    scale = weight * spread - moment**2
    found = scale > 0
    correction = np.zeros_like(values)
    correction[found] = (
        spread[found, None] * total[found] - moment[found, None] * lever[found]
    ) / scale[found, None]
    smoothed: Array = values + correction
    return smoothed
