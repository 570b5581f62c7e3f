"""Which part of an ONNX graph is the convolutional network, and which reads its results."""

from __future__ import annotations

from collections.abc import Iterable

import onnx


def before_convolutions(graph: onnx.GraphProto) -> set[str]:
    """Name what the convolutions put out, and all that leads to one of them.

    The rest - probabilities, boxes, embeddings of unit length - has exponentials, squares and
    numbers as large as images are wide.
    """
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    return {
        name
        for node in _ancestors(graph, convolutions) + convolutions
        for name in node.output
        if name
    }


def last_convolutions(graph: onnx.GraphProto) -> set[str]:
    """Name the outputs of the convolutions that no other follows: those of the predictions."""
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    followed = {name for node in _ancestors(graph, convolutions) for name in node.output}
    return {node.output[0] for node in convolutions} - followed


def _ancestors(graph: onnx.GraphProto, nodes: Iterable[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """List the nodes that others need, directly or by way of further ones."""
    maker = {name: node for node in graph.node for name in node.output}
    found: dict[str, onnx.NodeProto] = {}
    waiting = [name for node in nodes for name in node.input]
    while waiting:
        node = maker.get(waiting.pop())
        if node is not None and node.output[0] not in found:
            found[node.output[0]] = node
            waiting += node.input
    return list(found.values())
