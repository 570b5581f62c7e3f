"""The convolutions of an ONNX network in 8 bits, written into the graph.

Before each convolution its input and its weights are rounded to 255 levels and scaled back
(QuantizeLinear, DequantizeLinear); a runtime sees by that where to compute with integers. Levels
are symmetric, of weights one scale a channel, as TensorRT wants it.

Some convolutions stay as they are: those of the predictions, whose numbers become sizes and scores,
and depthwise ones, each channel of which reads one channel alone: the largest of the channels, from
which all get their levels, leaves to others too few. Those are the least of the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper, version_converter

from yolox.export.calibration import LEVELS, measure
from yolox.export.convolutions import last_convolutions
from yolox.structures import InputError
from yolox.structures.boxes import Array

# The first version of the operators that takes scales of half precision.
OPSET = 19
_ZERO = "int8_zero"
# Scales may be in half precision, where smaller numbers have fewer digits.
_LEAST_SCALE = float(np.finfo(np.float16).tiny)


def quantise(model: onnx.ModelProto, inputs: Iterable[Array]) -> onnx.ModelProto:
    """Give a copy with convolutions of 8 bits.

    Args:
        model: Float32, as `export_onnx` writes it.
        inputs: Preprocessed batches `(B, 3, H, W)` to calibrate on, such as it will be run on.

    Raises:
        InputError: There are no inputs.
    """
    quantised = _upgrade(model)
    graph = quantised.graph
    last = last_convolutions(graph)
    chosen = [
        node
        for node in graph.node
        if node.op_type == "Conv" and node.output[0] not in last and not _is_grouped(node)
    ]
    names = list(dict.fromkeys(node.input[0] for node in chosen))
    magnitudes = measure(quantised, names, inputs)
    if not any(one.counts.any() for one in magnitudes.values()):
        raise InputError("there is nothing to calibrate on; give images like those to come")
    scales = {name: max(one.scale(), _LEAST_SCALE) for name, one in magnitudes.items()}
    rounding = _Rounding(graph, scales)
    outputs = {node.output[0] for node in chosen}
    nodes = []
    for node in graph.node:
        if node.output[0] in outputs:
            nodes += rounding.of_convolution(node)
        nodes.append(node)
    used = {name for node in nodes for name in node.input}
    weights = [one for one in graph.initializer if one.name in used]
    del graph.node[:], graph.value_info[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*weights, *rounding.constants])
    return quantised


def quantise_weight(weight: Array) -> tuple[Array, Array]:
    """Round a convolution's weight `(O, I, H, W)`: int8, and the scale `(O,)` of each channel."""
    largest = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    scales = np.maximum(largest / LEVELS, _LEAST_SCALE).astype(np.float32)
    return np.rint(weight / scales[:, None, None, None]).astype(np.int8), scales


class _Rounding:
    """The nodes and constants that round inputs and weights."""

    def __init__(self, graph: onnx.GraphProto, scales: Mapping[str, float]) -> None:
        self.weights = {one.name: one for one in graph.initializer}
        self.scales = scales
        self.rounded: set[str] = set()
        self.constants = [numpy_helper.from_array(np.int8(0), _ZERO)]

    def of_convolution(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        """Let a convolution read what is rounded; give the nodes that go before it."""
        values, weight = node.input[:2]
        node.input[0], node.input[1] = f"{values}_rounded", f"{weight}_rounded"
        nodes = []
        if values not in self.rounded:
            self.rounded.add(values)
            scale = self._constant(np.float32(self.scales[values]), f"{values}_scale")
            nodes += [
                helper.make_node("QuantizeLinear", [values, scale, _ZERO], [f"{values}_int8"]),
                helper.make_node(
                    "DequantizeLinear", [f"{values}_int8", scale, _ZERO], [f"{values}_rounded"]
                ),
            ]
        if weight not in self.rounded:
            self.rounded.add(weight)
            whole, scales = quantise_weight(numpy_helper.to_array(self.weights[weight]))
            names = [
                self._constant(whole, f"{weight}_int8"),
                self._constant(scales, f"{weight}_scale"),
            ]
            nodes.append(helper.make_node("DequantizeLinear", names, [f"{weight}_rounded"], axis=0))
        return nodes

    def _constant(self, values: Array | np.float32, name: str) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name


def _is_grouped(convolution: onnx.NodeProto) -> bool:
    return any(one.name == "group" and one.i > 1 for one in convolution.attribute)


def _upgrade(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give a copy whose operators are of `OPSET` at least."""
    version = next(one.version for one in model.opset_import if not one.domain)
    copy = onnx.ModelProto()
    copy.CopyFrom(model if version >= OPSET else version_converter.convert_version(model, OPSET))
    copy.ir_version = model.ir_version
    del copy.metadata_props[:]
    copy.metadata_props.extend(model.metadata_props)
    return copy
