"""The camera's motion as text: how each image moved relative to the one before.

Rows are `frame a11 a12 tx a21 a22 ty`, separated by spaces or tabs, frames from 0 without gaps. A
point `(x, y)` of the previous frame is at `(a11 x + a12 y + tx, a21 x + a22 y + ty)` in this one.
The first row has no previous frame and is the identity.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yolox.formats.atomic import write_whole
from yolox.formats.text import read_text
from yolox.structures import InputError
from yolox.structures.boxes import Array

COLUMNS = 7


def read_camera_motion(path: Path) -> Array:
    """Read one sequence's camera motion.

    Returns:
        `(frames, 2, 3)` float64, affine maps from the previous image's pixels to this one's.

    Raises:
        InputError: Naming file, line and cure.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        cells = line.split()
        if len(cells) != COLUMNS:
            raise InputError(
                f"{place}: has {len(cells)} columns; give frame a11 a12 tx a21 a22 ty, "
                "separated by spaces"
            )
        try:
            row = [float(cell) for cell in cells]
        except ValueError as error:
            raise InputError(f"{place}: {error}; give numbers") from None
        if not np.isfinite(row).all():
            raise InputError(f"{place}: holds {line.strip()!r}; give finite numbers")
        if row[0] != len(rows):
            raise InputError(
                f"{place}: frame is {cells[0]}, {len(rows)} is due; frames count from 0, one a row"
            )
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: holds no camera motion; give one row a frame")
    return np.array(rows)[:, 1:].reshape(-1, 2, 3)


def write_camera_motion(path: Path, motion: Array) -> None:
    """Write one sequence's camera motion.

    Args:
        path: The file to write.
        motion: `(frames, 2, 3)`, as `read_camera_motion` gives it.
    """
    with write_whole(path) as file:
        for frame, warp in enumerate(np.reshape(motion, (-1, 6))):
            # Nine places: over a thousand frames their errors stay far below a pixel.
            file.write(f"{frame} {' '.join(f'{value:.9f}' for value in warp)}\n")
