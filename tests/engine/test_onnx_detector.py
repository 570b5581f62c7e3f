import numpy as np
import pytest
import torch
from engine.exported import YoloxOutput, export
from engine.straight import run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine import onnx_detector
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detector import NetworkDetector
from yolox.engine.onnx_detector import OnnxDetector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.exp import load_exp
from yolox.formats.images import read_image
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

SIZE = (256, 448)
KINDS = {
    "raw": {"decoded": False},
    "decoded": {"decoded": True},
    "batches of two": {"decoded": False, "batch": 2},
    "any batch": {"decoded": True, "open_axes": {0: "batch"}},
    "any size": {"decoded": False, "open_axes": {0: "batch", 2: "height", 3: "width"}},
}


@pytest.fixture(scope="module")
def model(root):
    """The detector whose weights come with the project, without its ReID head."""
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_detector.py")
    model = exp.get_model()
    checkpoint = read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth")
    load_model(model, checkpoint, partial=True)
    return model.eval()


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 3, seed=5, width=448, height=252)))


@pytest.fixture(scope="module")
def expected(model, images):
    return run(NetworkDetector(model, SIZE, fused=False), images, 1)


def assert_same(found, expected, *, atol):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other) > 0
        mine, theirs = np.argsort(one.scores), np.argsort(other.scores)
        np.testing.assert_allclose(one.scores[mine], other.scores[theirs], atol=atol)
        np.testing.assert_allclose(one.boxes[mine], other.boxes[theirs], atol=10 * atol)
        assert np.array_equal(one.class_ids[mine], other.class_ids[theirs])


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    """Give the file of a kind, exported once."""
    folder = tmp_path_factory.mktemp("onnx")

    def of(kind):
        path = folder / f"{kind}.onnx"
        if not path.exists():
            options = dict(KINDS[kind])
            network = YoloxOutput(model, decoded=options.pop("decoded"))
            export(network, path, SIZE, **options)
        return path

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_says_what_its_network_says(exported, images, expected, kind):
    detector = OnnxDetector(exported(kind), LEGACY, SIZE)
    assert (detector.size, detector.classes) == (SIZE, 1)
    assert detector.boxes == ("decoded" if KINDS[kind]["decoded"] else "raw")
    for batch_size in (1, 2, 3):
        assert_same(run(detector, images, batch_size), expected, atol=1e-3)


def test_thresholds_and_names(exported, images, expected):
    detector = OnnxDetector(exported("raw"), LEGACY, score_thresh=0.6, class_names=["person"])
    assert list(detector.class_names) == ["person"]
    for one, every in zip(run(detector, images, 1), expected, strict=True):
        assert len(one) == (every.scores >= 0.6).sum() < len(every)
    few = OnnxDetector(exported("raw"), LEGACY, nms_thresh=0.01)
    assert sum(map(len, run(few, images, 1))) < sum(map(len, expected))


def test_a_file_that_leaves_its_size_open_runs_at_others(exported, images):
    detector = OnnxDetector(exported("any size"), LEGACY, (192, 320))
    (found,) = run(detector, images[:1], 1)
    assert len(found)
    assert detector.size == (192, 320)


class _Rows(torch.nn.Module):
    def forward(self, images):
        return images.mean(dim=1)


class _Two(torch.nn.Module):
    def forward(self, images):
        return images.mean(dim=1), images.sum(dim=1)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("raw", {"size": (96, 160)}, r"exported for 256 × 448, not 96 × 160; leave the size out"),
        ("any size", {}, r"leaves its size open; give it: --tsize H W"),
        ("any size", {"size": (100, 160)}, r"input is \[100, 160\]; give multiples of 32"),
        ("raw", {"class_names": ["a", "b"]}, r"raw\.onnx: has 1 classes, 2 names are given"),
        ("raw", {"score_thresh": -0.5}, "score_thresh is -0.5; give a number from 0 to 1"),
        ("raw", {"nms_thresh": 7}, "nms_thresh is 7; give a number from 0 to 1"),
    ],
)
def test_what_does_not_go(exported, kind, options, message):
    with pytest.raises(InputError, match=message):
        OnnxDetector(exported(kind), LEGACY, **options)


def test_what_is_no_onnx_file(tmp_path):
    with pytest.raises(InputError, match=r"gone\.onnx: no such file"):
        OnnxDetector(tmp_path / "gone.onnx", LEGACY)
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.onnx: is no ONNX file that can be run"):
        OnnxDetector(tmp_path / "a.onnx", LEGACY)


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (RuntimeError(), InputError, r"that can be run \(RuntimeError\); export it anew"),
        (RuntimeError("no\nmore"), InputError, r"that can be run \(no\); export it anew"),
        (MemoryError("too large"), MemoryError, "too large"),
    ],
)
def test_what_a_runtime_says(exported, monkeypatch, error, raised, message):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(onnx_detector, "open_session", fails)
    with pytest.raises(raised, match=message):
        OnnxDetector(exported("decoded"), LEGACY)


@pytest.mark.parametrize(
    ("network", "size", "message"),
    [
        (_Rows(), (64, 96), r"puts out \(1, 64, 96\); a YOLOX puts out \(1, 126, 5 \+ classes\)"),
        (_Two(), (64, 96), r"puts out \(1, 64, 96\), \(1, 64, 96\); a YOLOX puts out"),
    ],
)
def test_other_networks_are_refused(tmp_path, network, size, message):
    path = export(network, tmp_path / "other.onnx", size)
    with pytest.raises(InputError, match=message):
        OnnxDetector(path, LEGACY)


def test_networks_that_take_no_images_are_refused(tmp_path):
    path = export(_Rows(), tmp_path / "other.onnx", (64, 96, 1))
    with pytest.raises(
        InputError, match=r"takes \[1, 3, 64, 96, 1\]; a YOLOX takes \(B, 3, H, W\)"
    ):
        OnnxDetector(path, LEGACY)


@pytest.mark.data
def test_the_published_file_runs_as_its_weights_in_the_project_do(shared_data, root):
    path = shared_data / "weights" / "yolox_nano_coco.onnx"
    frames = sorted((shared_data / "frames").glob("*/img1/*.jpg"))
    images = [read_image(frame) for frame in frames]
    assert len(images) == 12
    whole = open_detector(
        DetectorChoice(exported=path, preprocessing="current", classes=("person",), nms_thresh=0.65)
    )
    weights = open_detector(
        DetectorChoice(
            root / "exps/default/yolox_nano.py",
            path,
            ("preprocessing", "current"),
            size=(416, 416),
            score_thresh=0.1,
            nms_thresh=0.65,
            classes=("person",),
        )
    )
    assert list(whole.class_names) == list(weights.class_names)
    assert whole.detector.preprocessing == CURRENT
    found, expected = run(whole, images, 5), run(weights, images, 1)
    assert min(map(len, found)) > 5
    assert_same(found, expected, atol=1e-3)
