"""How alike one person's views are and those of different people, learned while tracking.

Every network has a scale of its own: what is near for one is far for another. In a frame that has
been matched, all detections but a track's own certainly show others, and a clean match by place
certainly shows the same person. Distances between people are taken as normally distributed, those
between views of one person as gamma distributed: most are next to nothing, and a few, where
somebody turns or is half hidden, are several times as large. A distance is read as a log-likelihood
ratio, which holds for any network.

A calibration is a `(2, 3)` float64 array: a row for the same person and one for different people,
each with the number of distances, their sum and the sum of their squares.
"""

from __future__ import annotations

import math

import numpy as np

from yolox.structures.boxes import Array

# Share of what is known that a frame leaves: half is forgotten in 70 frames.
FADING = 0.99

# Distances of each kind before anything is trusted.
ENOUGH = 50

# The least lead of different people over one person, in standard deviations, that is trusted.
LEAST_SEPARATION = 1.0

# IoU from which on a box is near.
NEAR = 0.3

# Keeps the variance above 0 where all distances of a kind are equal.
LEAST_SPREAD = 1e-3


def nothing_known() -> Array:
    """Start a calibration."""
    return np.zeros((2, 3))


def learn(calibration: Array, same: Array, different: Array) -> Array:
    """Add the distances of a frame; gives the new calibration.

    Args:
        calibration: `(2, 3)`.
        same: `(N,)` distances between views of the same person.
        different: `(M,)` distances between views of different people.
    """
    learned: Array = calibration.copy()
    for kind, distances in enumerate((same, different)):
        if len(distances):  # what was learned does not fade while there is nothing to learn
            added = [len(distances), distances.sum(), np.square(distances).sum()]
            learned[kind] = FADING * learned[kind] + added
    return learned


def evidence(calibration: Array, distances: Array) -> Array:
    """Compute how much distances speak for the same person.

    Args:
        calibration: `(2, 3)`.
        distances: Of any shape.

    Returns:
        Log-likelihood ratios of that shape: positive for the same person, negative for different
        people; 0 as long as too little is known, or where looks do not tell people apart. Beyond
        either mean it is what it is there, so that it never rises with the distance.
    """
    if separation(calibration) < LEAST_SEPARATION:
        return np.zeros_like(distances)
    (same, different), (same_variance, variance) = _means_and_variances(calibration)
    between = np.clip(distances, same, different)
    ratio: Array = _log_gamma(between, same, same_variance) - _log_normal(
        between, different, variance
    )
    return ratio


def separation(calibration: Array) -> float:
    """Compute by how much different people lead over one person, in standard deviations.

    Args:
        calibration: `(2, 3)`.

    Returns:
        The lead; 0 as long as too little is known.
    """
    if (calibration[:, 0] < ENOUGH).any():
        return 0.0
    (same, different), variances = _means_and_variances(calibration)
    return float((different - same) / np.sqrt(variances.mean()))


def certain_pairs(overlap: Array) -> tuple[Array, Array]:
    """Find who is where by place alone: tracks and detections that have nobody else near them.

    Args:
        overlap: IoU `(T, D)` of all tracks with all detections.

    Returns:
        `(K,)` rows of the tracks and `(K,)` of their detections.
    """
    tracks, detections = np.nonzero(overlap > NEAR)
    certain = alone(overlap, tracks, detections)
    return tracks[certain], detections[certain]


def alone(overlap: Array, tracks: Array, detections: Array) -> Array:
    """Tell which matches are certain by their place: they overlap, and nobody else is near.

    Args:
        overlap: IoU `(T, D)` of all tracks with all detections.
        tracks: `(K,)` rows of the matched tracks.
        detections: `(K,)` their detections.

    Returns:
        `(K,)` bool.
    """
    near = overlap > NEAR
    only = (near[tracks].sum(axis=1) == 1) & (near[:, detections].sum(axis=0) == 1)
    certain: Array = near[tracks, detections] & only
    return certain


def _means_and_variances(calibration: Array) -> tuple[Array, Array]:
    number = calibration[:, 0]
    mean = np.maximum(calibration[:, 1] / number, LEAST_SPREAD)
    return mean, np.maximum(calibration[:, 2] / number - mean**2, LEAST_SPREAD**2)


def _log_gamma(values: Array, mean: float, variance: float) -> Array:
    """Compute the logarithm of the gamma density that has this mean and variance."""
    shape, scale = mean**2 / variance, variance / mean
    at_one = -math.lgamma(shape) - shape * math.log(scale)
    density: Array = at_one + (shape - 1) * np.log(values) - values / scale
    return density


def _log_normal(values: Array, mean: float, variance: float) -> Array:
    """Compute the logarithm of the normal density."""
    density: Array = -((values - mean) ** 2) / (2 * variance) - math.log(2 * math.pi * variance) / 2
    return density
