"""A detector finds on a GPU what it finds on a CPU."""

import numpy as np
import pytest
import torch
from engine.straight import run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.data.synthetic.writing import write_sequence
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detection_folder import detect_sequences
from yolox.engine.detector import NetworkDetector
from yolox.engine.open_detector import DetectorChoice
from yolox.engine.sequence_set import SequenceSet
from yolox.exp import load_exp
from yolox.formats.mot import read_detections
from yolox.structures.boxes import box_iou

pytestmark = pytest.mark.gpu
SIZE = (256, 448)
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"
WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"


@pytest.fixture(scope="module")
def trained(root):
    """Make the network whose weights come with the project; each detector changes its own."""
    exp = load_exp(root / EXP)
    checkpoint = read_checkpoint(root / WEIGHTS)

    def make():
        model = exp.get_model()
        load_model(model, checkpoint)
        return model

    return make


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 4, seed=5, width=448, height=252)))


@pytest.fixture(scope="module")
def expected(trained, images):
    return run(NetworkDetector(trained(), SIZE, score_thresh=0.3), images, 1)


def assert_near(found, expected, *, pixels, score, cosine):
    """Check that each image's detections are the same, in whatever order."""
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other)
        sure = other.take(other.scores > 0.5)
        assert len(sure) > 2
        for row in range(len(sure)):
            away = np.abs(one.boxes - sure.boxes[row]).max(axis=1)
            near = away.argmin()
            assert away[near] < pixels
            assert abs(one.scores[near] - sure.scores[row]) < score
            assert one.embeddings[near] @ sure.embeddings[row] > 1 - cosine


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("options", [{}, {"fused": False}, {"channels_last": False}])
def test_detections_are_those_of_the_cpu(gpu, trained, images, expected, options, batch_size):
    detector = NetworkDetector(trained(), SIZE, device=gpu, score_thresh=0.3, **options)
    found = run(detector, images, batch_size)
    assert_near(found, expected, pixels=0.05, score=1e-3, cosine=1e-4)


@pytest.mark.parametrize(("precision", "score"), [("fp16", 0.02), ("bf16", 0.05)])
def test_half_precision_finds_the_same_people(gpu, trained, images, expected, precision, score):
    """Neighbouring locations come to the same score: which of them stands for a person is luck."""
    detector = NetworkDetector(trained(), SIZE, device=gpu, precision=precision, score_thresh=0.3)
    found = run(detector, images, 2)
    for one, other in zip(found, expected, strict=True):
        assert abs(len(one) - len(other)) <= 2
        sure = other.take(other.scores > 0.5)
        assert len(sure) > 2
        near = box_iou(one.boxes, sure.boxes) > 0.7
        near &= np.abs(one.scores[:, None] - sure.scores) < score
        near &= one.embeddings @ sure.embeddings.T > 0.9
        assert near.any(axis=0).all()
        assert one.embeddings.dtype == np.float32


def test_a_folder_of_detections(gpu, root, tmp_path):
    """Through the whole line: files, threads, batches, both devices the same."""
    scene = make_scene(6, 6, seed=2, width=448, height=252)
    for name in ("one", "two"):
        write_sequence(scene, name, tmp_path / "scene")
    chosen = SequenceSet.of_tree(tmp_path / "scene" / "train", "all", ["*"])
    tables = {}
    for device in ("cpu", "cuda"):
        choice = DetectorChoice(
            root / EXP, root / WEIGHTS, device=device, size=SIZE, score_thresh=0.3
        )
        folder = tmp_path / device
        done = list(detect_sequences(choice, chosen, folder, batch_size=4))
        assert [one.name for one in done] == ["one", "two"]
        tables[device] = read_detections(folder / "one.txt")
    cpu, cuda = tables["cpu"], tables["cuda"]
    assert cuda.frames.tolist() == cpu.frames.tolist()
    by_frame = [np.sort(table.scores) for table in (cpu, cuda)]
    assert np.abs(by_frame[0] - by_frame[1]).max() < 2e-3


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the compiler's own
def test_a_compiled_network_finds_the_same(gpu, trained, images, expected):
    detector = NetworkDetector(trained(), SIZE, device=gpu, compiled=True, score_thresh=0.3)
    found = run(detector, images, 2)
    assert_near(found, expected, pixels=0.05, score=1e-3, cosine=1e-4)


def test_a_gpu_waits_where_a_stage_ends(gpu, trained, images):
    """Else each stage's time would be another's."""
    detector = NetworkDetector(trained(), SIZE, device=gpu)
    detector.infer([detector.prepare(image) for image in images])
    assert torch.cuda.current_stream(gpu).query()
