"""Small networks written out as ONNX."""

import numpy as np
import onnx
from onnx import helper, numpy_helper, parser

from yolox.formats.network_metadata import NetworkMetadata
from yolox.structures.preprocessing import LEGACY

# Two convolutions in a row, one beside the second on the same input, a depthwise one between, and
# an exponential at the end; a is read twice.
_TEXT = """
<ir_version: 10, opset_import: ["" : 18]>
small (float[B, 3, H, W] images) => (float[B, 2, M, N] output) {
    a = Conv<pads=[1, 1, 1, 1]>(images, w1, b1)
    s = Sigmoid(a)
    m = Mul(a, s)
    d = Conv<group=4, pads=[1, 1, 1, 1]>(m, w2)
    u = Resize<mode="nearest">(m, , scales)
    r = Resize<mode="nearest">(d, , scales)
    t = Add(u, r)
    c1 = Conv(t, w3)
    c2 = Conv(t, w4)
    j = Add(c1, c2)
    last = Conv(j, w5)
    output = Exp(last)
}
"""
SHAPES = {
    "w1": (4, 3, 3, 3),
    "b1": (4,),
    "w2": (4, 1, 3, 3),
    "w3": (4, 4, 1, 1),
    "w4": (4, 4, 1, 1),
    "w5": (2, 4, 1, 1),
}


def small(**changes):
    """Give the network, some of its weights changed."""
    random = np.random.default_rng(3)
    weights = {name: random.normal(0, 0.4, shape) for name, shape in SHAPES.items()} | changes
    weights["scales"] = np.array([1, 1, 2, 2])
    model = parser.parse_model(_TEXT)
    model.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(values, dtype=np.float32), name)
        for name, values in weights.items()
    )
    onnx.checker.check_model(model, full_check=True)
    helper.set_model_props(model, {"kept": "yes"})
    return model


def types(model):
    """Give the element type of every tensor, by ONNX's strict inference."""
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    values = [*graph.input, *graph.value_info, *graph.output]
    return {one.name: one.type.tensor_type.elem_type for one in values}


def pictures(count, *, seed=0, batch=2, side=8):
    random = np.random.default_rng(seed)
    return [random.normal(0, 1, (batch, 3, side, side)).astype(np.float32) for _ in range(count)]


_YOLOX = """
<ir_version: 10, opset_import: ["" : 18]>
network (float[B, 3, H, W] images) => (float[B, N, 6] output) {
    c1 = Conv<strides=[8, 8]>(images, w1)
    s = Sigmoid(c1)
    m = Mul(c1, s)
    c2 = Conv(m, w2)
    c3 = Conv(c2, w3)
    flat = Reshape(c3, shape)
    rows = Transpose<perm=[0, 2, 1]>(flat)
    output = Sigmoid(rows)
}
"""


def like_exported(path, *, batch=None, **texts):
    """Write what `export_onnx` could have written, of two convolutions; fixed if batch is given."""
    random = np.random.default_rng(3)
    model = parser.parse_model(_YOLOX)
    model.graph.initializer.extend(
        numpy_helper.from_array(random.normal(0, scale, shape).astype(np.float32), name)
        for name, shape, scale in (
            ("w1", (8, 3, 8, 8), 0.1),
            ("w2", (8, 8, 1, 1), 1),
            ("w3", (6, 8, 1, 1), 1),
        )
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, 6, -1]), "shape"))
    metadata = NetworkMetadata(LEGACY, ["person"], (64, 96), "decoded", 0, "ab12")
    helper.set_model_props(model, metadata.to_texts() | texts)
    if batch:
        axes = model.graph.input[0].type.tensor_type.shape.dim
        for axis, length in zip(axes, (batch, 3, 64, 96), strict=True):
            axis.dim_value = length
    onnx.save(model, str(path))
    return path
