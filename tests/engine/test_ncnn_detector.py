import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from engine.straight import run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detector import ClassFilter, NetworkDetector
from yolox.engine.ncnn_detector import NcnnDetector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.exp import load_exp
from yolox.export.ncnn_files import export_ncnn
from yolox.structures import InputError

SIZE = (256, 448)


@pytest.fixture(autouse=True)
def installed():
    for name in ("ncnn", "pnnx"):
        pytest.importorskip(name, reason=f"{name} is not installed")


def shipped(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    path = tmp_path_factory.mktemp("ncnn") / "nano"
    export_ncnn(path, shipped(root), SIZE, class_names=["person"])
    return path


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 3, seed=5, width=448, height=252)))


@pytest.fixture(scope="module")
def expected(root, images):
    return run(NetworkDetector(shipped(root), SIZE), images)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_folder_says_what_its_network_says(folder, images, expected, batch_size):
    detector = open_detector(DetectorChoice(exported=folder))
    assert (detector.size, detector.score_thresh, detector.nms_thresh) == (SIZE, 0.1, 0.7)
    assert list(detector.class_names) == ["person"]
    for one, other in zip(run(detector, images, batch_size), expected, strict=True):
        assert len(one) == len(other) > 0
        np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-3)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-3)
        np.testing.assert_allclose(one.embeddings, other.embeddings, atol=1e-3)


def test_thresholds_and_classes(folder, images, expected):
    choice = DetectorChoice(exported=folder, score_thresh=0.6, classes=("person",))
    detector = open_detector(choice)
    assert isinstance(detector, ClassFilter)
    for one, every in zip(run(detector, images), expected, strict=True):
        assert len(one) == (every.scores >= 0.6).sum() < len(every)
    few = NcnnDetector(folder, nms_thresh=0.01)
    assert sum(map(len, run(few, images))) < sum(map(len, expected))


def test_bfloat16_by_option(folder, images, expected):
    found = run(
        open_detector(DetectorChoice(exported=folder, precision="bf16", score_thresh=0.5)), images
    )
    for one, every in zip(found, expected, strict=True):
        other = every.take(every.scores >= 0.5)
        # What scores near the threshold may fall on the other side.
        assert abs(len(one) - len(other)) <= 1
        away = np.abs(one.boxes[:, None] - other.boxes[None]).max(axis=2).min(axis=1)
        assert 0.01 < np.median(away) < 2  # in single precision it is 0.001 at most


def test_threads_do_not_mix_images_up(folder, images):
    detector = NcnnDetector(folder)
    prepared = [[detector.prepare(image)] for image in images]
    expected = [detector.finish(detector.infer(one), one)[0] for one in prepared]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(detector.infer, prepared * 4))
    for turn, output in enumerate(outputs):
        (found,) = detector.finish(output, prepared[turn % len(images)])
        np.testing.assert_array_equal(found.boxes, expected[turn % len(images)].boxes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "openvino"}, "ncnn runs it, and it says what input it expects; leave --runt"),
        ({"preprocessing": "legacy"}, "leave --runtime and --preprocessing out"),
        ({"size": (64, 96)}, "was exported for 256 × 448, not 64 × 96; leave the size out, or exp"),
        ({"precision": "fp16"}, "runs as it was exported; leave --fp16"),
        ({"compiled": True}, "runs as it was exported"),
        ({"device": "meta"}, "ncnn runs it on the CPU; give --device cpu"),
        ({"score_thresh": 2.0}, "score_thresh is 2.0; give a number from 0 to 1"),
        ({"nms_thresh": -1.0}, "nms_thresh is -1.0; give a number from 0 to 1"),
        ({"classes": ("cow",)}, "the detector knows no class 'cow'"),
        ({"settings": ("test_conf", "0.1")}, "is a whole detector; leave -f, -c and KEY VALUE out"),
    ],
)
def test_what_does_not_go(folder, options, message):
    with pytest.raises(InputError, match=message):
        open_detector(DetectorChoice(exported=folder)._replace(**options))


def without(name):
    return lambda copy: (copy / name).unlink()


def with_blob(name, other):
    def change(copy):
        param = (copy / "network.param").read_text()
        (copy / "network.param").write_text(param.replace(name, other))

    return change


def with_text(key, value):
    def change(copy):
        texts = json.loads((copy / "network.json").read_text())
        texts[key] = value
        (copy / "network.json").write_text(json.dumps(texts))

    return change


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without("network.json"), r"network\.json: no such file; give a folder that"),
        (without("network.bin"), r"network\.bin: no such file"),
        (without("network.param"), r"network\.param: no such file"),
        (lambda copy: (copy / "network.json").write_text("{"), r"network\.json: is not JSON"),
        (lambda copy: (copy / "network.json").write_text("[]"), "does not say what it is; write"),
        (lambda copy: (copy / "network.json").write_text("{}"), "does not say what it is; write"),
        (lambda copy: (copy / "network.param").write_text("1\n"), r"ncnn cannot read network\.par"),
        (
            lambda copy: os.truncate(copy / "network.bin", 9999),
            r"cannot read network\.param and ne",
        ),
        (with_blob("in0", "data"), r"network\.param: has data, out0, out1, not in0 and out0 and"),
        (
            with_blob("out1", "more"),
            r"has in0, more, out0, not in0 and out0 and out1; export it an",
        ),
        (with_text("boxes", "round"), "says that its boxes are 'round', unknown to this version"),
        (with_text("embedding_dim", "32"), r"puts out .*; a YOLOX puts out .* and \(1, 2352, 32\)"),
    ],
)
def test_damaged_folders(folder, tmp_path, damage, message):
    shutil.copytree(folder, tmp_path / "copy")
    damage(tmp_path / "copy")
    with pytest.raises(InputError, match=message):
        NcnnDetector(tmp_path / "copy")


def test_what_is_no_folder(folder, tmp_path):
    with pytest.raises(InputError, match=r"gone: no such folder; write one with tools/export_ncnn"):
        NcnnDetector(tmp_path / "gone")
    with pytest.raises(InputError, match=r"network\.bin: is a file, not a folder; write one with"):
        NcnnDetector(folder / "network.bin")


def test_without_ncnn(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ncnn", None)
    with pytest.raises(InputError, match="install ncnn: pip install ncnn"):
        NcnnDetector(folder)
