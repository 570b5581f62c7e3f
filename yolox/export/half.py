"""The convolutions of an ONNX network in half precision, written into the graph.

Runtimes with strong types compute as the graph says. Inputs and outputs stay float32, and so does
what follows the last convolutions: the exponential of a size, a square or a pixel's number above
2048 is more than half precision holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from yolox.export.convolutions import before_convolutions
from yolox.structures import InputError

# How much larger or smaller an image becomes; runtimes want to know it exactly.
_KEPT = {("Resize", 1), ("Resize", 2)}
_LARGEST = float(np.finfo(np.float16).max)


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give a copy whose convolutions, and all that leads to them, are float16.

    Args:
        model: Float32, as `export_onnx` writes it, or with its convolutions quantised.

    Raises:
        InputError: A weight is too large for half precision.
    """
    halved = onnx.ModelProto()
    halved.CopyFrom(model)
    graph = halved.graph
    casts = _Casts(model.graph, _float_names(model))
    nodes = [one for node in graph.node for one in casts.around(node)]
    used = {name for node in nodes for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.node[:], graph.value_info[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *casts.weights.values()])
    return halved


class _Casts:
    """What has to be put between the parts of different precision."""

    def __init__(self, graph: onnx.GraphProto, floats: set[str]) -> None:
        self.in_half = before_convolutions(graph)
        self.constants = {one.name: one for one in graph.initializer}
        self.floats = floats
        self.weights: dict[str, onnx.TensorProto] = {}
        self.done: set[str] = set()

    def around(self, node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
        """Give the casts that a node's inputs need and are not there yet, then the node."""
        half = node.output[0] in self.in_half
        for place, name in enumerate(node.input):
            if name not in self.floats or (node.op_type, place) in _KEPT:
                continue
            if half == (name in self.in_half):
                continue
            if name not in self.constants:
                other = f"{name}_{'half' if half else 'float'}"
                if other not in self.done:
                    self.done.add(other)
                    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
                    yield helper.make_node("Cast", [name], [other], name=other, to=kind)
                node.input[place] = other
            elif half:
                node.input[place] = self._half_weight(name)
        yield node

    def _half_weight(self, name: str) -> str:
        other = f"{name}_half"
        if other not in self.weights:
            values = numpy_helper.to_array(self.constants[name])
            if np.abs(values).max(initial=0) > _LARGEST:
                raise InputError(
                    f"weight {name} has {np.abs(values).max():.4g}, half precision ends at "
                    f"{_LARGEST:g}; take fp32"
                )
            self.weights[other] = numpy_helper.from_array(values.astype(np.float16), other)
        return other


def _float_names(model: onnx.ModelProto) -> set[str]:
    """Name the tensors of float32; ONNX's own inference finds those that are not listed."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    values = [*graph.value_info, *graph.input, *graph.output]
    found = {one.name for one in values if one.type.tensor_type.elem_type == TensorProto.FLOAT}
    return found | {one.name for one in graph.initializer if one.data_type == TensorProto.FLOAT}
