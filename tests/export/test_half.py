import numpy as np
import onnx
import pytest
from export.graphs import pictures, small, types
from onnx import TensorProto
from onnx.reference import ReferenceEvaluator

from yolox.export.convolutions import before_convolutions, last_convolutions
from yolox.export.half import to_half
from yolox.export.precision import run_onnx
from yolox.structures import InputError


def test_what_is_before_convolutions():
    graph = small().graph
    assert before_convolutions(graph) == set("asmdurtj") | {"c1", "c2", "last"}
    assert last_convolutions(graph) == {"last"}


def test_convolutions_are_half_and_the_rest_is_not():
    model = small()
    before = model.SerializeToString()
    half = to_half(model)
    onnx.checker.check_model(half, full_check=True)
    kinds = types(half)
    for name in [*"asmdurtj", "c1", "c2", "last", "images_half"]:
        assert kinds[name] == TensorProto.FLOAT16, name
    for name in ("images", "last_float", "output"):
        assert kinds[name] == TensorProto.FLOAT, name
    weights = {one.name: one.data_type for one in half.graph.initializer}
    assert weights.pop("scales") == TensorProto.FLOAT
    assert set(weights.values()) == {TensorProto.FLOAT16}
    assert [one.value for one in half.metadata_props] == ["yes"]
    assert model.SerializeToString() == before


def test_casts_are_not_repeated():
    casts = [node.name for node in to_half(small()).graph.node if node.op_type == "Cast"]
    assert casts == ["images_half", "last_float"]


def test_it_computes_what_the_graph_says():
    model, inputs = small(), pictures(3)
    half = to_half(model)
    said, meant = run_onnx(half, inputs), run_onnx(model, inputs)
    slow = ReferenceEvaluator(half)
    for mine, theirs, pixels in zip(said, meant, inputs, strict=True):
        np.testing.assert_allclose(mine[0], theirs[0], rtol=0.02)
        assert np.abs(mine[0] / theirs[0] - 1).max() > 1e-4
        # Sums are rounded in another order.
        np.testing.assert_allclose(mine[0], slow.run(None, {"images": pixels})[0], rtol=0.01)


def test_a_weight_too_large():
    weight = np.full((4, 4, 1, 1), 7e4)
    with pytest.raises(InputError, match=r"w3 has 7e\+04, half precision ends at 65504; take fp32"):
        to_half(small(w3=weight))
