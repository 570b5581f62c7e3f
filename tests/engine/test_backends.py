"""Whatever runs a network, it finds the same in real frames; `pytest -s` prints how nearly."""

from importlib.util import find_spec

import numpy as np
import pytest
from engine.straight import run

from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detector import NetworkDetector
from yolox.engine.onnx_weights import read_onnx
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.exp import load_exp
from yolox.export.drawn_inputs import largest_difference
from yolox.export.ncnn_files import export_ncnn
from yolox.export.onnx_file import export_onnx
from yolox.formats.images import read_image
from yolox.models.build import yolox_nano
from yolox.structures.preprocessing import CURRENT

NEEDS = {"onnxruntime": [], "openvino": ["openvino"], "ncnn": ["ncnn", "pnnx"]}
SIZES = {"coco": (608, 1088), "shipped": (288, 512)}
# What was never trained on photographs finds little in them.
SCORE_THRESH = {"coco": 0.1, "shipped": 0.005}


@pytest.fixture(scope="module")
def images(shared_data):
    frames = sorted((shared_data / "frames").glob("*/img1/*.jpg"))
    assert len(frames) == 12
    return [read_image(frame) for frame in frames]


@pytest.fixture(scope="module", params=SIZES)
def weights(request):
    return request.param


@pytest.fixture(scope="module")
def model(weights, shared_data, root):
    if weights == "coco":
        model = yolox_nano(80)
        path = shared_data / "weights" / "yolox_nano_coco.onnx"
        load_model(model, read_onnx(path, model), preprocessing=CURRENT)
    else:
        model = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py").get_model()
        load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def files(model, weights, tmp_path_factory):
    """Write the network in the form that a backend reads, once; give its choice."""
    folder = tmp_path_factory.mktemp(weights)

    def choose(backend):
        for name in NEEDS[backend]:
            if find_spec(name) is None:
                pytest.skip(f"{name} is not installed")
        path = folder / ("nano" if backend == "ncnn" else "nano.onnx")
        if not path.exists():
            (export_ncnn if backend == "ncnn" else export_onnx)(path, model, SIZES[weights])
        runtime = None if backend == "ncnn" else backend
        return DetectorChoice(
            exported=path, runtime=runtime, score_thresh=SCORE_THRESH[weights], nms_thresh=0.7
        )

    return choose


@pytest.fixture(scope="module")
def expected(files, model, weights, images):
    files("onnxruntime")  # before the detector takes the model over
    if find_spec("ncnn") and find_spec("pnnx"):
        files("ncnn")
    detector = NetworkDetector(model, SIZES[weights], score_thresh=SCORE_THRESH[weights])
    return run(detector, images)


@pytest.mark.data
@pytest.mark.parametrize("backend", NEEDS)
def test_real_frames(files, weights, images, expected, backend):
    found = run(open_detector(files(backend)), images)
    kinds = ("boxes", "scores", "embeddings") if weights == "shipped" else ("boxes", "scores")
    largest, pixels = dict.fromkeys(kinds, 0.0), 0.0
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other) > 0
        # Equal scores may come in another order.
        apart = np.abs(one.boxes[:, None] - other.boxes[None]).max(axis=2)
        nearest = apart.argmin(axis=1)
        assert len(set(nearest)) == len(one)
        assert np.array_equal(one.class_ids, other.class_ids[nearest])
        pixels = max(pixels, np.abs(one.boxes - other.boxes[nearest]).max())
        for kind in kinds:
            said, meant = getattr(one, kind), getattr(other, kind)[nearest]
            largest[kind] = max(largest[kind], largest_difference([said], [meant], kind))
    print(f"{backend}, {weights}, {sum(map(len, found))} detections: {largest}, {pixels:.1e} px")
    assert max(largest.values()) <= 1e-3
