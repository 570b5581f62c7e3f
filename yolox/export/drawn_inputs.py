"""Inputs on which an exported network is compared with torch, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yolox.data.preprocess import preprocess
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Preprocessing

# Largest difference to torch: of probabilities and embeddings, of pixels, and of larger pixels
# relative to them.
TOLERANCE = 1e-3


def draw_inputs(
    sizes: Sequence[tuple[int, int]], counts: Sequence[int], preprocessing: Preprocessing
) -> list[Array]:
    """Draw people, in batches `(B, 3, H, W)` of every count at every size."""
    (scene,) = render(make_scene(8, 1, seed=5, width=640, height=360))
    inputs = []
    for size in sizes:
        picture, _ = preprocess(scene, size, preprocessing)
        mirrored = np.ascontiguousarray(picture[:, :, ::-1])
        inputs += [np.stack([picture, mirrored] * count)[:count] for count in counts]
    return inputs


def largest_difference(said: Sequence[Array], meant: Sequence[Array], name: str) -> float:
    """Give the largest difference of outputs, of numbers above 1 relative to them.

    Raises:
        InputError: It is above `TOLERANCE`, or the shapes differ; `name` says of what.
    """
    shapes, wanted = ([output.shape for output in outputs] for outputs in (said, meant))
    if shapes != wanted:
        raise InputError(f"{name}: puts out {shapes} where torch puts out {wanted}")
    apart = [
        (np.abs(one - other) / np.maximum(1, np.abs(other))).max(initial=0)
        for one, other in zip(said, meant, strict=True)
    ]
    difference = float(np.max(apart))
    if not difference <= TOLERANCE:  # also NaN
        raise InputError(
            f"{name}: differs from torch by {difference:.2g}, not {TOLERANCE:g} at most"
        )
    return difference
