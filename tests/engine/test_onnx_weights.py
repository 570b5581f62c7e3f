import numpy as np
import pytest
import torch

from yolox.data.preprocess import preprocess
from yolox.engine.checkpoint import load_model
from yolox.engine.onnx_weights import read_onnx
from yolox.models.build import yolox_nano, yolox_tiny
from yolox.postprocess import postprocess
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT


def test_what_is_no_onnx_file_is_refused(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.onnx: is no ONNX file"):
        read_onnx(tmp_path / "a.onnx", yolox_nano())
    with pytest.raises(InputError, match=r"gone\.onnx: no such file"):
        read_onnx(tmp_path / "gone.onnx", yolox_nano())


@pytest.mark.data
def test_another_size_is_refused(shared_data):
    path = shared_data / "weights" / "yolox_nano_coco.onnx"
    with pytest.raises(
        InputError, match="has 113 convolutions, the model 83; build the size that was"
    ):
        read_onnx(path, yolox_tiny(80))
    with pytest.raises(InputError, match="build the size and classes exported"):
        read_onnx(path, yolox_nano(1))


@pytest.mark.data
def test_real_weights_give_the_real_output(shared_data):
    cv2 = pytest.importorskip("cv2")
    onnxruntime = pytest.importorskip("onnxruntime")
    path = shared_data / "weights" / "yolox_nano_coco.onnx"
    model = yolox_nano(80)
    assert load_model(model, read_onnx(path, model), preprocessing=CURRENT) == []
    model.eval()
    session = onnxruntime.InferenceSession(str(path))
    images = sorted((shared_data / "frames").glob("*/img1/*.jpg"))
    assert len(images) == 12
    people = []
    for image in images:
        pixels, fitted = preprocess(cv2.imread(str(image)), (416, 416), model.preprocessing)
        with torch.inference_mode():
            output = model(torch.from_numpy(pixels)[None])
        raw = output.predictions
        ours = torch.cat(
            [raw.offsets, raw.objectness.sigmoid()[..., None], raw.classes.sigmoid()], dim=-1
        )
        (original,) = session.run(None, {"images": pixels[None]})
        np.testing.assert_allclose(ours.numpy(), original, atol=1e-3)
        (found,) = postprocess(output, [fitted], score_thresh=0.3, nms_thresh=0.45)
        people.append(int((found.class_ids == 0).sum()))
        assert (found.boxes[:, [0, 1]] > -200).all()
        assert (found.boxes[:, [2, 3]] < [2120, 1280]).all()
    assert min(people) >= 10
