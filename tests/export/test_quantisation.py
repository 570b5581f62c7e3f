import numpy as np
import onnx
import pytest
from export.graphs import pictures, small, types
from onnx import TensorProto, numpy_helper

from yolox.export.half import to_half
from yolox.export.precision import at_precision, run_onnx
from yolox.export.quantisation import quantise, quantise_weight
from yolox.structures import InputError


def test_weights_by_hand():
    weight = np.array([[1.27, -0.5], [0.0, 0.0], [-2.54, 0.031]], dtype=np.float32)
    whole, scales = quantise_weight(weight[:, :, None, None])
    np.testing.assert_allclose(scales, [0.01, np.finfo(np.float16).tiny, 0.02], rtol=1e-6)
    assert whole.dtype == np.int8
    assert whole[..., 0, 0].tolist() == [[127, -50], [0, 0], [-127, 2]]


def test_which_convolutions_and_how():
    model = small()
    before = model.SerializeToString()
    quantised = quantise(model, pictures(4))
    onnx.checker.check_model(quantised, full_check=True)
    nodes = {node.output[0]: node for node in quantised.graph.node}
    read = {name: list(nodes[name].input) for name in ("a", "d", "c1", "c2", "last")}
    assert read == {
        "a": ["images_rounded", "w1_rounded", "b1"],
        "d": ["m", "w2"],  # depthwise
        "c1": ["t_rounded", "w3_rounded"],
        "c2": ["t_rounded", "w4_rounded"],
        "last": ["j", "w5"],
    }
    kinds = [node.op_type for node in quantised.graph.node]
    assert (kinds.count("QuantizeLinear"), kinds.count("DequantizeLinear")) == (2, 5)
    assert types(quantised)["t_int8"] == TensorProto.INT8
    constants = {one.name: one for one in quantised.graph.initializer}
    assert "w1" not in constants
    assert numpy_helper.to_array(constants["int8_zero"]) == 0  # symmetric
    assert numpy_helper.to_array(constants["w1_scale"]).shape == (4,)
    assert quantised.opset_import[0].version == 19
    assert [one.value for one in quantised.metadata_props] == ["yes"]
    assert model.SerializeToString() == before


def test_it_computes_nearly_the_same():
    model, inputs = small(), pictures(4)
    meant = run_onnx(model, inputs)
    for changed in (quantise(model, inputs), at_precision(model, "int8", inputs)):
        onnx.checker.check_model(changed, full_check=True)
        for mine, theirs in zip(run_onnx(changed, inputs), meant, strict=True):
            apart = np.abs(np.log(mine[0]) - np.log(theirs[0]))
            assert 1e-3 < apart.max() < 0.1


def test_the_rest_is_half():
    kinds = types(to_half(quantise(small(), pictures(2))))
    assert {kinds[name] for name in ("a", "m", "d", "t_rounded", "last")} == {TensorProto.FLOAT16}
    assert (kinds["t_int8"], kinds["output"]) == (TensorProto.INT8, TensorProto.FLOAT)


def test_other_precisions():
    model = small()
    assert at_precision(model, "fp32") is model
    assert types(at_precision(model, "fp16"))["last"] == TensorProto.FLOAT16


def test_nothing_to_calibrate_on():
    with pytest.raises(InputError, match="nothing to calibrate on; give images like those to come"):
        quantise(small(), [])
