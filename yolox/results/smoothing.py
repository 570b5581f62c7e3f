"""Tracks without jitter: Gaussian process regression over time.

Du et al., "StrongSORT: Make DeepSORT Great Again" (2023), section 4.2, Gaussian-smoothed
interpolation: gaps are filled linearly (`yolox.results.interpolation`), then every coordinate of a
track is replaced by the mean of a Gaussian process that saw it with noise.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import scipy.linalg

from yolox.structures import TrackTable, check_range
from yolox.structures.boxes import Array

# Regression costs the cube of the boxes: longer tracks go in windows of LONGEST // 2 boxes. What
# lies MARGIN length scales beyond a window moves it by less than a hundredth of a pixel.
LONGEST = 2000
MARGIN = 20

TAU = 10.0
NOISE = 1e-4


def smooth_tracks(
    table: TrackTable, *, longer_than: float = 5, tau: float = TAU, noise: float = NOISE
) -> TrackTable:
    """Smooth every track's boxes; frames, ids and scores stay.

    The kernel is `exp(-(t - t')² / 2λ²)` with the paper's length scale of `λ = τ ln(τ³ / l)` frames
    for a track of l boxes: long tracks are smoothed less. From τ³ boxes on the paper's scale is
    not positive; here it is at least 1.

    Args:
        table: Tracks of one sequence, with gaps filled before.
        longer_than: Tracks with more boxes are smoothed.
        tau: Sets the length scale; larger is smoother.
        noise: Variance of the noise as a share of the process's, the paper's σ²; larger is
            smoother.

    Returns:
        The same rows in the same order, with other boxes.

    Raises:
        InputError: `tau` or `noise` is out of range.
    """
    check_range(1, 30, tau=tau)  # beyond, the windows' margins would fill the memory
    check_range(1e-6, 1e3, noise=noise)
    boxes = table.boxes.copy()
    by_track = np.lexsort((table.frames, table.ids))
    starts = np.flatnonzero(np.diff(table.ids[by_track])) + 1
    for rows in np.split(by_track, starts):
        if len(rows) > max(longer_than, 1):
            boxes[rows] = _smooth(
                table.frames[rows], table.boxes[rows], length_scale(len(rows), tau), noise
            )
    # A box of no width could otherwise be turned inside out.
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2])
    return dataclasses.replace(table, boxes=boxes)


def length_scale(boxes: int, tau: float) -> float:
    """Give the kernel's length scale in frames for a track of so many boxes."""
    return max(tau * math.log(tau**3 / boxes), 1.0)


def _smooth(frames: Array, boxes: Array, scale: float, noise: float) -> Array:
    """Smooth `(N, 4)` boxes of one track at `(N,)` rising frames, in windows if they are many."""
    middle = boxes.mean(axis=0)
    count, margin = len(boxes), math.ceil(MARGIN * scale)
    width = count if count <= LONGEST else LONGEST // 2
    parts = []
    for start in range(0, count, width):
        stop = min(start + width, count)
        low, high = max(start - margin, 0), min(stop + margin, count)
        part = _regress(frames[low:high], boxes[low:high] - middle, scale, noise)
        parts.append(part[start - low : stop - low])
    smoothed: Array = middle + np.concatenate(parts)
    return smoothed


def _regress(frames: Array, values: Array, scale: float, noise: float) -> Array:
    """Give the posterior mean `K (K + σ² I)⁻¹ p` at the observed frames."""
    distance = (frames[:, None] - frames[None, :]) / scale
    covariance = np.exp(-0.5 * distance**2)
    np.fill_diagonal(covariance, 1 + noise)
    weights = scipy.linalg.solve(covariance, values, assume_a="pos")
    mean: Array = values - noise * weights  # K w = p − σ² w
    return mean
