"""Suppression as a part of an ONNX file, for programs that have none of their own."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import compose, parser

# Of one class in one image; runtimes set memory aside for as many.
MOST_BOXES = 1000

# A location counts for its best class alone. The operator wants more than its threshold, not as
# much as it.
_GRAPH = """
<ir_version: {ir_version}, opset_import: ["" : {opset}]>
suppress (float[B, N, M] rows{vectors_in}) => (float[K, 7] detections{vectors_out}) {{
    zero = Constant<value_ints=[0]>()
    four = Constant<value_ints=[4]>()
    five = Constant<value_ints=[5]>()
    last = Constant<value_ints=[2]>()
    far = Constant<value_ints=[{far}]>()
    most = Constant<value_ints=[{most}]>()
    overlap = Constant<value_floats=[{nms_thresh!r}]>()
    least = Constant<value_floats=[{below!r}]>()
    half = Constant<value_floats=[0.5]>()
    pair = Constant<value_ints=[0, 2]>()
    triple = Constant<value_ints=[0, 2, 1]>()
    number = Constant<value_ints=[1]>()
    switch = Constant<value_floats=[-2.0, 0.0]>()

    boxes = Slice(rows, zero, four, last)
    objectness = Slice(rows, four, five, last)
    classes = Slice(rows, five, far, last)
    products = Mul(objectness, classes)
    best = ArgMax<axis=2, keepdims=0>(classes)
    shape = Shape(classes)
    count = Gather(shape, last)
    others = OneHot<axis=-1>(best, count, switch)
    scores = Add(products, others)
    by_class = Transpose<perm=[0, 2, 1]>(scores)
    selected = NonMaxSuppression<center_point_box=1>(boxes, by_class, most, overlap, least)

    places = Gather<axis=1>(selected, pair)
    kept = GatherND(boxes, places)
    centres = Slice(kept, zero, last, number)
    sizes = Slice(kept, last, four, number)
    halves = Mul(sizes, half)
    top_left = Sub(centres, halves)
    bottom_right = Add(centres, halves)
    cells = Gather<axis=1>(selected, triple)
    flat_score = GatherND(scores, cells)
    score = Unsqueeze(flat_score, number)
    whole = Cast<to=1>(selected)
    image = Slice(whole, zero, number, number)
    class_id = Slice(whole, number, last, number)
    detections = Concat<axis=1>(image, top_left, bottom_right, score, class_id)
    {gather_vectors}
}}
"""


def append_suppression(
    model: onnx.ModelProto, *, score_thresh: float, nms_thresh: float
) -> onnx.ModelProto:
    """Let a network put out detections in place of all locations.

    Args:
        model: Puts out decoded `output` `(B, N, 5 + C)` and perhaps `embeddings` `(B, N, D)`.
        score_thresh: Least score of a detection.
        nms_thresh: Largest overlap of two detections of a class that both stay.

    Returns:
        A network that puts out `detections` `(K, 7)`: image of the batch, x1, y1, x2, y2 in network
        pixels, score, class; and `kept_embeddings` `(K, D)`. At most `MOST_BOXES` an image's class.
    """
    vectors = any(output.name == "embeddings" for output in model.graph.output)
    text = _GRAPH.format(
        ir_version=model.ir_version,
        opset=next(one.version for one in model.opset_import if not one.domain),
        vectors_in=", float[B, N, D] vectors" if vectors else "",
        vectors_out=", float[K, D] kept_embeddings" if vectors else "",
        gather_vectors="kept_embeddings = GatherND(vectors, places)" if vectors else "",
        far=np.iinfo(np.int32).max,
        most=MOST_BOXES,
        nms_thresh=float(np.float32(nms_thresh)),
        below=float(np.nextafter(np.float32(score_thresh), np.float32(-1))),
    )
    joints = [("output", "rows"), ("embeddings", "vectors")][: 1 + vectors]
    tail = compose.add_prefix(
        parser.parse_model(text), "suppress_", rename_inputs=False, rename_outputs=False
    )
    merged: onnx.ModelProto = compose.merge_models(model, tail, io_map=joints)
    return merged
