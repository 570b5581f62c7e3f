"""OpenVINO beside ONNX Runtime."""

import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest
from engine.exported import YoloxOutput, export
from engine.straight import assert_near, run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.onnx_detector import OnnxDetector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.exp import load_exp
from yolox.export.onnx_file import OnnxOptions, export_onnx
from yolox.structures import InputError
from yolox.structures.preprocessing import LEGACY

SIZE = (256, 448)
needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None, reason="openvino is not installed"
)


@pytest.fixture(scope="module")
def model(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    """A file with everything that a runtime may stumble over: open axes and embeddings."""
    path = tmp_path_factory.mktemp("file") / "nano.onnx"
    options = OnnxOptions(batch=None, suppressed=True)
    export_onnx(path, model, SIZE, options, class_names=["person"])
    return path


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 5, seed=5, width=448, height=252)))


@needs_openvino
def test_openvino_says_what_onnx_runtime_says(file, images):
    expected = run(OnnxDetector(file), images)
    found = run(OnnxDetector(file, runtime="openvino"), images)
    assert_near(found, expected, pixels=1e-3, scores=1e-3, alike=1 - 1e-5)


@needs_openvino
def test_bfloat16_by_option(file, images):
    expected = run(OnnxDetector(file, score_thresh=0.6), images)
    choice = DetectorChoice(exported=file, runtime="openvino", precision="bf16", score_thresh=0.6)
    detector = open_detector(choice)
    hint = detector.session.compiled.get_property("INFERENCE_PRECISION_HINT")
    assert "bf" in str(hint)
    # What scores near the threshold may fall on the other side.
    found = run(detector, images)
    assert abs(sum(map(len, found)) - sum(map(len, expected))) <= 2


@needs_openvino
def test_files_of_yoloxs_own_tool(model, images, tmp_path):
    path = export(YoloxOutput(model, decoded=False), tmp_path / "a.onnx", SIZE)
    expected, found = (
        run(OnnxDetector(path, LEGACY, runtime=runtime), images[:1])
        for runtime in ("onnxruntime", "openvino")
    )
    np.testing.assert_allclose(found[0].boxes, expected[0].boxes, atol=1e-3)


@needs_openvino
def test_threads_do_not_mix_images_up(file, images):
    detector = OnnxDetector(file, runtime="openvino")
    prepared = [[detector.prepare(image)] for image in images]
    expected = [detector.finish(detector.infer(one), one)[0] for one in prepared]

    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(detector.infer, prepared * 4))
    for turn, output in enumerate(outputs):
        (found,) = detector.finish(output, prepared[turn % len(images)])
        np.testing.assert_array_equal(found.boxes, expected[turn % len(images)].boxes)


@needs_openvino
def test_openvino_is_for_the_cpu_here(file):
    with pytest.raises(InputError, match="OpenVINO runs it on the CPU; give --device cpu"):
        OnnxDetector(file, runtime="openvino", device="cuda")


def test_what_is_not_there(file, monkeypatch):
    with pytest.raises(InputError, match="leave --bf16 out or add --runtime openvino"):
        OnnxDetector(file, bf16=True)
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(InputError, match="install OpenVINO: pip install openvino"):
        OnnxDetector(file, runtime="openvino")
