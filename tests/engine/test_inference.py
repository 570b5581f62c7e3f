import cv2
import numpy as np
import pytest
import torch

from yolox.data.preprocess import preprocess
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import write_sequence
from yolox.engine.inference import detect_sequence
from yolox.models.build import ReIDOptions, yolox_nano
from yolox.postprocess import postprocess
from yolox.structures import InputError
from yolox.structures.preprocessing import LEGACY

SIZE = (96, 160)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = yolox_nano(1, ReIDOptions("fused", 16)).eval()
    model.preprocessing = LEGACY
    return model


@pytest.fixture
def sequence(tmp_path):
    write_sequence(make_scene(4, 5, seed=1, width=320, height=180), "scene-001", tmp_path)
    return tmp_path / "train" / "scene-001"


def test_detections_are_those_of_each_image_alone(model, sequence):
    table = detect_sequence(model, sequence, SIZE, score_thresh=1e-5, batch_size=2)
    assert set(table.frames.tolist()) == {1, 2, 3, 4, 5}
    for frame in range(1, 6):
        image = cv2.imread(str(sequence / "img1" / f"{frame:06d}.jpg"))
        pixels, fitted = preprocess(image, SIZE, LEGACY)
        with torch.inference_mode():
            output = model(torch.from_numpy(pixels)[None])
        (alone,) = postprocess(
            output, [fitted], score_thresh=1e-5, nms_thresh=0.7, reid_head=model.reid_head
        )
        found = table.at(frame)
        assert len(found) == len(alone) > 0
        # The same set: scores of an untrained network lie close, so the order may differ.
        order, expected = np.lexsort(found.boxes.T), np.lexsort(alone.boxes.T)
        np.testing.assert_allclose(found.boxes[order], alone.boxes[expected], atol=1e-2)
        np.testing.assert_allclose(found.embeddings[order], alone.embeddings[expected], atol=1e-3)


def test_a_detector_alone_gives_no_embeddings_and_nothing_found_is_fine(sequence):
    model = yolox_nano(1).eval()
    model.preprocessing = LEGACY
    table = detect_sequence(model, sequence, SIZE, score_thresh=0.9)
    assert len(table) == 0
    assert table.embeddings is None


def test_images_that_are_missing_or_of_another_size(model, sequence):
    (sequence / "img1" / "000003.jpg").unlink()
    with pytest.raises(InputError, match=r"000003\.jpg: image 3 of frames 1 to 5 is missing"):
        detect_sequence(model, sequence, SIZE)
    cv2.imwrite(str(sequence / "img1" / "000003.jpg"), np.zeros((90, 160, 3), np.uint8))
    with pytest.raises(InputError, match=r"000003\.jpg: is 160 × 90, but seqinfo\.ini says 320"):
        detect_sequence(model, sequence, SIZE)


def test_a_model_without_weights(sequence):
    with pytest.raises(InputError, match="preprocessing is not set"):
        detect_sequence(yolox_nano(1).eval(), sequence, SIZE)
