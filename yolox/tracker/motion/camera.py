"""The camera's own motion, taken out of the tracks' states.

Aharon et al., "BoT-SORT: Robust Associations Multi-Pedestrian Tracking" (2022), 3.2, for states
whose coordinates are filtered apart: what a turn of the camera couples of x and y is left out.
"""

from __future__ import annotations

import numpy as np

from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.tracker.motion.kalman import COVARIANCE, POSITION, POSITION_VAR, VELOCITY, VELOCITY_VAR

# Beyond it an image would be turned inside out or shrunk to a point from one frame to the next.
_LEAST_AREA_CHANGE = 1e-3
_CURE = "give finite numbers that neither mirror nor flatten the image; 1 0 0 0 1 0 moves nothing"


def check_warp(warp: object) -> Array:
    """Check that a map between two frames is one; gives it as float64 `(2, 3)`.

    Raises:
        InputError: It has another shape, is not finite, or mirrors or flattens the image.
    """
    matrix: Array = np.asarray(warp, dtype=np.float64)
    if matrix.shape != (2, 3):
        raise InputError(
            f"camera_motion has shape {matrix.shape}; give (2, 3): the affine map from the last "
            "frame's pixels to this one's"
        )
    if not _are_maps(matrix[None])[0]:
        raise InputError(f"camera_motion is {matrix.tolist()}; {_CURE}")
    return matrix


def check_warps(warps: object, length: int) -> Array:
    """Check the maps of a whole sequence; gives them as float64 `(length, 2, 3)`.

    Raises:
        InputError: They have another shape, or one is not finite, mirrors or flattens the image.
    """
    matrices: Array = np.asarray(warps, dtype=np.float64)
    if matrices.shape != (length, 2, 3):
        raise InputError(
            f"camera_motion has shape {matrices.shape}; give ({length}, 2, 3): a map for each frame"
        )
    fit = _are_maps(matrices)
    if not fit.all():
        first = int(fit.argmin())
        raise InputError(f"camera_motion[{first}] is {matrices[first].tolist()}; {_CURE}")
    return matrices


def area_change(warps: Array) -> Array:
    """Compute by how much `(..., 2, 3)` maps change areas."""
    change: Array = warps[..., 0, 0] * warps[..., 1, 1] - warps[..., 0, 1] * warps[..., 1, 0]
    return change


def move_points(points: Array, warp: Array) -> Array:
    """Map `(N, 2)` points of the last frame to this one by a `(2, 3)` map."""
    moved: Array = _combine(points, warp[:, :2]) + warp[:, 2]
    return moved


def move_boxes(boxes: Array, warp: Array) -> Array:
    """Map `(..., 4)` xyxy boxes to this frame: the centre is moved, the sides grow by the zoom."""
    flat = boxes.reshape(-1, 4)
    centre = move_points((flat[:, :2] + flat[:, 2:]) / 2, warp)
    half = (flat[:, 2:] - flat[:, :2]) / 2 * np.sqrt(area_change(warp))
    return np.concatenate([centre - half, centre + half], axis=1).reshape(boxes.shape)


def move(state: Array, warp: Array, *, size_powers: tuple[int, int]) -> Array:
    """Bring states of the last frame into the pixels of this one.

    Args:
        state: `(N, 5, 4)`, the first two coordinates the centre's.
        warp: `(2, 3)`, as `check_warp` gives it.
        size_powers: By which power of a length the third and fourth coordinate grow: 1 for a
            width or height, 2 for an area, 0 for a ratio.

    Returns:
        New state `(N, 5, 4)`.
    """
    turn, zoom = warp[:, :2], np.sqrt(area_change(warp))
    growth = np.array([(1.0, zoom, zoom * zoom)[power] for power in size_powers])
    moved: Array = state.copy()
    moved[:, POSITION, :2] = move_points(state[:, POSITION, :2], warp)
    moved[:, VELOCITY, :2] = _combine(state[:, VELOCITY, :2], turn)
    moved[:, : VELOCITY + 1, 2:] = state[:, : VELOCITY + 1, 2:] * growth
    for variance in (POSITION_VAR, COVARIANCE, VELOCITY_VAR):
        moved[:, variance, :2] = _combine(state[:, variance, :2], turn * turn)
        moved[:, variance, 2:] = state[:, variance, 2:] * (growth * growth)
    return moved


def every(warps: Array, step: int) -> Array:
    """Join `(frames, 2, 3)` maps to those between frames 1, 1 + `step` and so on."""
    kept: Array = warps[::step].copy()
    for number in range(1, len(kept)):
        for warp in warps[(number - 1) * step + 1 : number * step][::-1]:
            turn = kept[number, :, :2].copy()
            kept[number, :, :2] = turn @ warp[:, :2]
            kept[number, :, 2] += turn @ warp[:, 2]
    return kept


def _are_maps(matrices: Array) -> Array:
    finite: Array = np.asarray(np.isfinite(matrices).all(axis=(1, 2)))
    # What is not finite is taken for flat.
    areas = area_change(np.where(finite[:, None, None], matrices, 0))
    kept: Array = areas >= _LEAST_AREA_CHANGE
    return kept


def _combine(pairs: Array, matrix: Array) -> Array:
    # Written out, since a matrix product rounds as its library likes and C++ is to do the same.
    x, y = pairs[:, 0], pairs[:, 1]
    combined = [matrix[0, 0] * x + matrix[0, 1] * y, matrix[1, 0] * x + matrix[1, 1] * y]
    return np.stack(combined, axis=1)
