"""How large the numbers inside an ONNX network are, by running it on images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from yolox.structures.boxes import Array

BINS = 2048
# Largest number of a symmetric int8.
LEVELS = 127


class Magnitudes:
    """A histogram of absolute values whose range grows with them."""

    def __init__(self) -> None:
        self.counts = np.zeros(BINS, dtype=np.int64)
        self.top = 0.0

    def add(self, values: Array) -> None:
        """Count values; two bins become one as often as they are larger than any before."""
        sizes = np.abs(values).ravel()
        largest = float(sizes.max(initial=0))
        if self.top == 0:
            self.top = largest
        while largest > self.top:
            pairs = self.counts.reshape(-1, 2).sum(axis=1)
            self.counts = np.concatenate([pairs, np.zeros_like(pairs)])
            self.top *= 2
        if self.top > 0:
            self.counts += np.histogram(sizes, BINS, (0, self.top))[0]

    def scale(self) -> float:
        """Choose the step between numbers of 8 bits that errs least, in the mean of squares.

        Below the largest number that is left, rounding errs by a twelfth of the step's square; what
        is larger is cut off there.
        """
        if self.top == 0:
            return 1.0
        edges = np.linspace(0, self.top, BINS + 1)[1:]
        middles = edges - edges[0] / 2
        # Of what lies beyond each edge: how many, their sum and the sum of their squares.
        many, sums, squares = (
            np.cumsum((self.counts * middles**power)[::-1])[::-1] - self.counts * middles**power
            for power in range(3)
        )
        cut_off = squares - 2 * edges * sums + edges**2 * many
        rounded = (self.counts.sum() - many) * (edges / LEVELS) ** 2 / 12
        return float(edges[np.argmin(cut_off + rounded)] / LEVELS)


def measure(
    model: onnx.ModelProto, names: Sequence[str], inputs: Iterable[Array]
) -> dict[str, Magnitudes]:
    """Run a network and count what is in its tensors.

    Args:
        model: With one input.
        names: Tensors of float32.
        inputs: Batches `(B, 3, H, W)` float32, one run each.

    Returns:
        Of each tensor its values' magnitudes.
    """
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    (taken,) = (one.name for one in model.graph.input)
    inside = [name for name in names if name != taken]
    del opened.graph.output[:]
    opened.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inside
    )
    session = onnxruntime.InferenceSession(
        opened.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found = {name: Magnitudes() for name in names}
    for pixels in inputs:
        values = dict(zip(inside, session.run(inside, {taken: pixels}), strict=True))
        for name, magnitudes in found.items():
            magnitudes.add(values.get(name, pixels))
    return found
