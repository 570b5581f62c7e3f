"""An exported network at another precision, and how far that takes it from the original."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import numpy as np
import onnx
import onnxruntime

from yolox.export.half import to_half
from yolox.export.quantisation import quantise
from yolox.structures import InputError
from yolox.structures.boxes import Array

Precision = Literal["fp32", "fp16", "int8"]
# Locations below it are no detections to anybody.
_LEAST_SCORE = 0.1


class Deviation(NamedTuple):
    """How far two networks are apart on the same images.

    Attributes:
        scores: Largest and mean difference of scores, over locations that either scores above 0.1.
        pixels: Largest and mean difference of their boxes' numbers, in network pixels.
        likeness: Least and mean cosine of their embeddings; 1 without any.
    """

    scores: tuple[float, float]
    pixels: tuple[float, float]
    likeness: tuple[float, float]

    def format(self) -> str:
        """Put it in a line."""
        text = (
            f"scores differ by {self.scores[0]:.2g} at most and {self.scores[1]:.2g} in the mean, "
            f"boxes by {self.pixels[0]:.2g} and {self.pixels[1]:.2g} px"
        )
        if self.likeness == (1.0, 1.0):
            return text
        return f"{text}, embeddings are alike by {self.likeness[0]:.3f} at least"


def at_precision(
    model: onnx.ModelProto, precision: Precision, inputs: Iterable[Array] = ()
) -> onnx.ModelProto:
    """Write a precision into a network: what is not of 8 bits in `int8` is of 16.

    Args:
        model: From `export_onnx`.
        precision: Of the convolutions and what lies between them.
        inputs: Preprocessed batches for `int8` to calibrate on.

    Raises:
        InputError: It cannot be had.
    """
    if precision == "fp32":
        return model
    return to_half(quantise(model, inputs) if precision == "int8" else model)


def run_onnx(model: onnx.ModelProto, inputs: Iterable[Array]) -> list[list[Array]]:
    """Run a network on batches with ONNX Runtime on the CPU; give the outputs of each."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return [session.run(None, {name: pixels}) for pixels in inputs]


def deviation(said: Iterable[list[Array]], meant: Iterable[list[Array]]) -> Deviation:
    """Compare the outputs of two networks, batch by batch.

    Args:
        said: Rows `(B, N, 5 + C)` and maybe embeddings `(B, N, D)`.
        meant: The same of the other network.

    Raises:
        InputError: Some of what was said is no number: it was too large for its precision.
    """
    scores, pixels, alike = [], [], []
    for mine, theirs in zip(said, meant, strict=True):
        if not all(np.isfinite(output).all() for output in mine):
            raise InputError("some outputs are no numbers at this precision; take a higher one")
        own, other = (out[0][..., 4] * out[0][..., 5:].max(axis=-1) for out in (mine, theirs))
        seen = np.maximum(own, other) >= _LEAST_SCORE
        scores.append(np.abs(own - other)[seen])
        pixels.append(np.abs(mine[0] - theirs[0])[..., :4][seen].ravel())
        if len(mine) > 1:
            alike.append((mine[1] * theirs[1]).sum(axis=-1)[seen])
    return Deviation(
        _extremes(scores, np.max), _extremes(pixels, np.max), _extremes(alike, np.min, empty=1.0)
    )


def _extremes(
    parts: list[Array], extreme: Callable[[Array], float], empty: float = 0.0
) -> tuple[float, float]:
    values = np.concatenate(parts) if parts else np.empty(0)
    return (float(extreme(values)), float(values.mean())) if len(values) else (empty, empty)
