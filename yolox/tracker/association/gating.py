"""Which pairs may not be matched whatever they cost: a forbidden pair costs infinity."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array

# 0.95 quantile of the chi-squared distribution with four degrees of freedom.
CHI2_95_4DOF = 9.4877


def gate_by_class(cost: Array, track_classes: Array, detection_classes: Array) -> Array:
    """Forbid `(T, D)` pairs of `(T,)` and `(D,)` different classes."""
    return np.where(track_classes[:, None] == detection_classes, cost, np.inf)


def gate_by_motion(cost: Array, squared_distance: Array) -> Array:
    """Forbid `(T, D)` pairs that the motion model finds unlikely (DeepSORT, eq. 1-2).

    Args:
        cost: `(T, D)`.
        squared_distance: Squared Mahalanobis distance `(T, D)` of the four box coordinates.

    Returns:
        Cost `(T, D)`, infinite beyond the 95 % gate.
    """
    return np.where(squared_distance <= CHI2_95_4DOF, cost, np.inf)
