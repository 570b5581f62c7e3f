"""Constant-velocity Kalman filter of many tracks at once (Kalman, 1960).

The trackers of the SORT family filter four box coordinates. Their noise is diagonal and the motion
couples a coordinate only with its own velocity, so the usual 8×8 filter falls apart into four
filters of two numbers each: no matrix is ever inverted, and the result is the same.

A state is one float64 array `(N, 5, 4)`: N tracks, four coordinates, and for each coordinate the
five numbers named by the constants below.
"""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array

POSITION, VELOCITY, POSITION_VAR, COVARIANCE, VELOCITY_VAR = range(5)


def initiate(measurement: Array, position_var: Array, velocity_var: Array) -> Array:
    """Start tracks at rest where they were measured.

    Args:
        measurement: `(N, 4)` coordinates.
        position_var: Variance of the coordinates, `(N, 4)` or `(4,)`.
        velocity_var: Variance of the velocities, `(N, 4)` or `(4,)`.

    Returns:
        State `(N, 5, 4)`.
    """
    state = np.zeros((len(measurement), 5, measurement.shape[1]))
    state[:, POSITION] = measurement
    state[:, POSITION_VAR] = position_var
    state[:, VELOCITY_VAR] = velocity_var
    return state


def predict(
    state: Array, position_noise: Array, velocity_noise: Array, *, dt: float | Array = 1.0
) -> Array:
    """Move every track ahead in time.

    Args:
        state: `(N, 5, 4)`.
        position_noise: Process variance of the coordinates a frame, `(N, 4)` or `(4,)`.
        velocity_noise: Process variance of the velocities a frame, `(N, 4)` or `(4,)`.
        dt: Frames, one number or `(N, 1)`; the noise grows with it.

    Returns:
        New state `(N, 5, 4)`.
    """
    position, velocity, position_var, covariance, velocity_var = state.transpose(1, 0, 2)
    predicted = np.empty_like(state)
    predicted[:, POSITION] = position + dt * velocity
    predicted[:, VELOCITY] = velocity
    predicted[:, POSITION_VAR] = (
        position_var + 2 * dt * covariance + dt * dt * velocity_var + dt * position_noise
    )
    predicted[:, COVARIANCE] = covariance + dt * velocity_var
    predicted[:, VELOCITY_VAR] = velocity_var + dt * velocity_noise
    return predicted


def update(state: Array, measurement: Array, measurement_noise: Array) -> Array:
    """Correct every track by its own measurement.

    Args:
        state: `(N, 5, 4)`.
        measurement: `(N, 4)`.
        measurement_noise: Variance of the measurement, `(N, 4)` or `(4,)`.

    Returns:
        New state `(N, 5, 4)`.
    """
    position, velocity, position_var, covariance, velocity_var = state.transpose(1, 0, 2)
    innovation_var = position_var + measurement_noise
    gain = position_var / innovation_var
    velocity_gain = covariance / innovation_var
    innovation = measurement - position
    updated = np.empty_like(state)
    updated[:, POSITION] = position + gain * innovation
    updated[:, VELOCITY] = velocity + velocity_gain * innovation
    updated[:, POSITION_VAR] = position_var - gain * position_var
    updated[:, COVARIANCE] = covariance - gain * covariance
    updated[:, VELOCITY_VAR] = velocity_var - velocity_gain * covariance
    return updated


def squared_mahalanobis(state: Array, measurement: Array, measurement_noise: Array) -> Array:
    """Compute how unlikely each measurement is for each track.

    Args:
        state: `(N, 5, 4)`, predicted.
        measurement: `(M, 4)`.
        measurement_noise: Variance of the measurement, `(N, 4)` or `(4,)`.

    Returns:
        Squared distance `(N, M)`, chi-squared with four degrees of freedom.
    """
    innovation = measurement[None, :, :] - state[:, None, POSITION]
    variance = state[:, POSITION_VAR] + measurement_noise
    distance: Array = np.einsum("nmk,nk->nm", innovation**2, 1 / variance)
    return distance
