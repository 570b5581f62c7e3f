"""The camera that pans, zooms and shakes: an affine map from canvas to image for every frame."""

from __future__ import annotations

import numpy as np

from yolox.data.synthetic.presets import Preset
from yolox.structures.boxes import Array

# Hertz: a hand follows what it films slowly, and trembles fast.
FOLLOWING = (0.06, 0.22)
TREMBLING = (1.5, 5.0)


def camera_poses(
    preset: Preset, times: Array, width: int, height: int, random: np.random.Generator
) -> Array:
    """Move the camera.

    Args:
        preset: How far it moves.
        times: `(F,)` seconds.
        width: Image width in pixels.
        height: Image height in pixels.
        random: Source of the motion.

    Returns:
        `(F, 2, 3)`, from canvas to image pixels; the identity for a camera that stands.
    """
    pan = preset.pan * width * sway(times, FOLLOWING, random)
    tilt = preset.pan * height / 4 * sway(times, FOLLOWING, random)
    zoom = 1 + preset.zoom * (1 + sway(times, FOLLOWING, random)) / 2
    roll = np.deg2rad(preset.roll) * sway(times, (0.3, 1.5), random)
    shake = preset.shake * height
    x = pan + shake * sway(times, TREMBLING, random)
    y = tilt + shake * sway(times, TREMBLING, random)

    turn = zoom[:, None, None] * np.stack(
        [np.stack([np.cos(roll), -np.sin(roll)], 1), np.stack([np.sin(roll), np.cos(roll)], 1)], 1
    )
    centre = np.array([width / 2, height / 2])
    seen = centre + np.stack([x, y], 1)  # what of the canvas stands in the middle of the image
    shift = centre - np.einsum("fij,fj->fi", turn, seen)
    return np.concatenate([turn, shift[:, :, None]], axis=2)


def motion_between(poses: Array) -> Array:
    """Give the `(F, 2, 3)` warps from each frame's image to the next, the identity for the first.

    Args:
        poses: `(F, 2, 3)` from canvas to image.
    """
    square = squared(poses)
    motion = np.tile(np.eye(3), (len(poses), 1, 1))
    motion[1:] = square[1:] @ np.linalg.inv(square[:-1])
    return motion[:, :2]


def squared(poses: Array) -> Array:
    """Complete `(F, 2, 3)` affine maps to the `(F, 3, 3)` that can be inverted and chained."""
    square = np.tile(np.eye(3), (len(poses), 1, 1))
    square[:, :2] = poses
    return square


def warp_points(warp: Array, points: Array) -> Array:
    """Map `(..., 2)` points by `(..., 2, 3)` affine maps; leading axes broadcast."""
    x, y = points[..., 0], points[..., 1]
    mapped = [warp[..., i, 0] * x + warp[..., i, 1] * y + warp[..., i, 2] for i in (0, 1)]
    return np.stack(mapped, axis=-1)


def sway(times: Array, hertz: tuple[float, float], random: np.random.Generator) -> Array:
    """Stray smoothly within ±1: three waves of random frequency and phase, in continuous time."""
    weights = np.array([0.55, 0.3, 0.15])
    frequency = random.uniform(*hertz, 3)
    phase = random.uniform(0, 2 * np.pi, 3)
    swaying: Array = np.sin(2 * np.pi * np.outer(times, frequency) + phase) @ weights
    return swaying
