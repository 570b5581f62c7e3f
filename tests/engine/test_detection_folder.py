import json
import shutil
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
import torch

from yolox.data.preprocess import preprocess
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import write_sequence
from yolox.engine.detection_folder import (
    MADE_BY,
    detect_sequence,
    detect_sequences,
    list_devices,
    score_folder,
)
from yolox.engine.detector import NetworkDetector
from yolox.engine.open_detector import DetectorChoice
from yolox.engine.sequence_set import SequenceSet
from yolox.formats.mot import read_detections, write_detections
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


def network(model, **options):
    return NetworkDetector(model, SIZE, fused=False, channels_last=False, **options)


@pytest.fixture
def sequence(tmp_path):
    write_sequence(make_scene(4, 5, seed=1, width=320, height=180), "scene-001", tmp_path)
    return tmp_path / "train" / "scene-001"


def test_detections_are_those_of_each_image_alone(model, sequence):
    table = detect_sequence(network(model, score_thresh=1e-5), sequence, 1, 5, batch_size=2)
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


def test_a_part_keeps_its_frame_numbers(model, sequence):
    detector = network(model, score_thresh=1e-5)
    seen = []
    whole = detect_sequence(detector, sequence, 1, 5)
    part = detect_sequence(detector, sequence, 3, 4, on_frame=lambda: seen.append(1))
    assert set(part.frames.tolist()) == {3, 4}
    assert np.array_equal(part.boxes, whole.boxes[(whole.frames == 3) | (whole.frames == 4)])
    assert len(seen) == 2


def test_a_detector_alone_gives_no_embeddings_and_nothing_found_is_fine(sequence):
    model = yolox_nano(1)
    model.preprocessing = LEGACY
    table = detect_sequence(network(model, score_thresh=0.9), sequence, 1, 5)
    assert len(table) == 0
    assert table.embeddings is None


def test_images_that_are_missing_or_of_another_size(model, sequence):
    (sequence / "img1" / "000003.jpg").unlink()
    with pytest.raises(InputError, match=r"000003\.jpg: image 3 of frames 1 to 5 is missing"):
        detect_sequence(network(model), sequence, 1, 5)
    cv2.imwrite(str(sequence / "img1" / "000003.jpg"), np.zeros((90, 160, 3), np.uint8))
    with pytest.raises(InputError, match=r"000003\.jpg: is 160 × 90, but seqinfo\.ini says 320"):
        detect_sequence(network(model), sequence, 1, 5)
    assert len(set(detect_sequence(network(model), sequence, 1, 2).frames.tolist())) <= 2


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Three short sequences on which the weights of the project find people."""
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(("a", "b", "c")):
        scene = make_scene(8, 4 + seed, seed=seed, width=448, height=252)
        write_sequence(scene, name, folder)
    return SequenceSet.of_tree(folder / "train")


@pytest.fixture(scope="module")
def choice(root):
    return DetectorChoice(
        root / "exps/example/synthetic/yolox_nano_reid_long.py",
        root / "pretrained/yolox_nano_reid_synthetic.pth",
        score_thresh=0.1,
    )


@pytest.fixture(scope="module")
def whole(data, choice, tmp_path_factory):
    """The folder of all detections, made in one go."""
    folder = tmp_path_factory.mktemp("whole")
    done = list(detect_sequences(choice, data, folder))
    assert [one.name for one in done] == ["a", "b", "c"]
    assert [one.times.frames for one in done] == [4, 5, 6]
    assert all(one.detections > 10 for one in done)
    return folder


def assert_same(folder, other):
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    for name in names:
        if name.endswith(".txt"):
            assert (folder / name).read_text() == (other / name).read_text()
        elif name.endswith(".npy"):
            np.testing.assert_allclose(np.load(folder / name), np.load(other / name), atol=1e-5)


def test_a_folder_holds_rows_and_embeddings(whole):
    assert sorted(path.name for path in whole.iterdir()) == sorted(
        [MADE_BY, *(f"{name}.{kind}" for name in "abc" for kind in ("txt", "npy"))]
    )
    for name in "abc":
        table = read_detections(whole / f"{name}.txt")
        assert table.embeddings.shape == (len(table), 64)
    assert json.loads((whole / MADE_BY).read_text())["half"] == "all"


def test_batches_make_no_difference(whole, data, choice, tmp_path):
    list(detect_sequences(choice, data, tmp_path, batch_size=3))
    assert_same(tmp_path, whole)


@pytest.mark.slow
def test_processes_make_no_difference(whole, data, choice, tmp_path):
    done = list(detect_sequences(choice, data, tmp_path, processes=2))
    assert sorted(one.name for one in done) == ["a", "b", "c"]
    assert all(one.times.frames for one in done)
    assert_same(tmp_path, whole)


@pytest.mark.slow
def test_what_is_wrong_in_a_process_is_told(data, choice, tmp_path):
    with pytest.raises(InputError, match="tensors that do not fit"):
        list(
            detect_sequences(
                choice._replace(settings=("emb_dim", "32")), data, tmp_path, processes=2
            )
        )


def test_a_half_is_the_cut_of_the_whole(whole, data, choice, tmp_path):
    list(detect_sequences(choice, data._replace(half="val"), tmp_path))
    for name, first, last in (("a", 4, 4), ("b", 4, 5), ("c", 5, 6)):
        half = read_detections(tmp_path / f"{name}.txt")
        every = read_detections(whole / f"{name}.txt")
        assert set(half.frames.tolist()) == set(range(first, last + 1))
        cut = every.take((every.frames >= first) & (every.frames <= last))
        assert np.array_equal(half.boxes, cut.boxes)
        assert np.array_equal(half.scores, cut.scores)


def test_a_stopped_run_goes_on_with_what_is_missing(whole, data, choice, tmp_path):
    steps = detect_sequences(choice, data, tmp_path)
    assert next(steps).name == "a"
    steps.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "a.txt", MADE_BY]
    before = (tmp_path / "a.txt").stat().st_mtime_ns
    done = list(detect_sequences(choice, data, tmp_path))
    assert [(one.name, one.times is None) for one in done] == [
        ("a", True), ("b", False), ("c", False)
    ]  # fmt: skip
    assert (tmp_path / "a.txt").stat().st_mtime_ns == before
    assert_same(tmp_path, whole)
    assert all(one.times is None for one in detect_sequences(choice, data, tmp_path, processes=2))


def test_a_fault_leaves_the_sequences_before_it(data, choice, tmp_path):
    broken = tmp_path / "train"
    shutil.copytree(data.root, broken)
    (broken / "b" / "img1" / "000002.jpg").write_bytes(b"no image")
    steps = detect_sequences(choice, data._replace(root=broken), tmp_path / "found")
    assert next(steps).name == "a"
    with pytest.raises(InputError, match=r"b/img1/000002\.jpg: "):
        next(steps)
    assert {path.stem for path in (tmp_path / "found").glob("*.*")} == {"a", "made_by"}


@pytest.mark.parametrize(
    "other",
    [
        {"score_thresh": 0.2},
        {"nms_thresh": 0.5},
        {"size": (128, 224)},
        {"precision": "bf16"},
        {"classes": ("0",)},
        {"half": "val"},
        {"root": True},
        {"weights": True},
    ],
)
def test_other_detections_are_not_taken_for_these(whole, data, choice, tmp_path, other):
    folder = shutil.copytree(whole, tmp_path / "found")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    sequences, settings = data, dict(other)
    if "half" in other:
        sequences = data._replace(half=settings.pop("half"))
    if settings.pop("root", False):
        sequences = data._replace(root=shutil.copytree(data.root, tmp_path / "train"))
    if "weights" in settings:
        settings["weights"] = tmp_path / "other.pth"
        settings["weights"].write_bytes(b"other")
    choice = choice._replace(**settings)
    with pytest.raises(InputError, match=r"a\.txt: was not made by .*, or --overwrite it"):
        next(detect_sequences(choice, sequences, folder))
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_detections_of_nobody_knows_what_are_not_taken_either(whole, data, choice, tmp_path):
    shutil.copy(whole / "b.txt", tmp_path)
    with pytest.raises(InputError, match=r"b\.txt: was not made by these weights and settings"):
        next(detect_sequences(choice, data, tmp_path))
    (tmp_path / MADE_BY).write_text("{")
    with pytest.raises(InputError, match=rf"{MADE_BY}: is not JSON"):
        next(detect_sequences(choice, data, tmp_path))


def test_overwriting_leaves_no_old_ones_behind(whole, data, choice, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "found")
    sure = choice._replace(score_thresh=0.5)
    steps = detect_sequences(sure, data, folder, overwrite=True)
    assert next(steps).name == "a"
    steps.close()
    assert not (folder / "c.txt").exists()
    done = list(detect_sequences(sure, data, folder))
    assert [one.times is None for one in done] == [True, False, False]
    for name in "abc":
        assert read_detections(folder / f"{name}.txt").scores.min() >= 0.5
    some = data._replace(names=["a"])
    with pytest.raises(InputError, match=r"b\.txt: was not made by"):
        next(detect_sequences(choice, some, folder, overwrite=True))
    assert (folder / "a.txt").exists()


def test_what_is_wrong_is_said_before_any_work(data, choice, tmp_path):
    for wrong, message in (
        ({"weights": tmp_path / "gone.pth"}, r"gone\.pth: no such file"),
        ({"exp_file": None}, "no detector is named"),
        ({"settings": ("modle", "s")}, "did you mean model"),
    ):
        with pytest.raises(InputError, match=message):
            next(detect_sequences(choice._replace(**wrong), data, tmp_path / "found"))
    assert not (tmp_path / "found").exists()


def test_devices(monkeypatch):
    assert list_devices("cpu", 3) == ["cpu"] * 3
    assert list_devices("cuda:1", 1) == ["cuda:1"]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert list_devices("cuda", 2) == ["cuda:0", "cuda:1"]
    with pytest.raises(InputError, match=r"there are 2 GPUs, not 3; give fewer devices \(-d\)"):
        list_devices("cuda", 3)


def test_scores_of_a_folder(data, whole, tmp_path):
    scores = score_folder(data, whole)
    assert 0.5 < scores.ap50 <= 1
    assert scores.ap <= scores.ap50
    half = score_folder(data._replace(half="val"), whole)
    assert half != scores
    for name in "abc":  # of the half alone the same comes out
        table = read_detections(whole / f"{name}.txt")
        last = {"a": 3, "b": 3, "c": 4}[name]
        write_detections(tmp_path / f"{name}.txt", table.take(table.frames > last))
    assert score_folder(data._replace(half="val"), tmp_path) == half


KILLED = """
import sys
from pathlib import Path
from yolox.engine.detection_folder import detect_sequences
from yolox.engine.open_detector import DetectorChoice
from yolox.engine.sequence_set import SequenceSet

exp, weights, tree, folder = map(Path, sys.argv[1:])
for one in detect_sequences(
    DetectorChoice(exp, weights, score_thresh=0.1), SequenceSet.of_tree(tree), folder
):
    print(one.name, flush=True)
"""


@pytest.mark.slow
def test_a_killed_run_goes_on(whole, data, choice, tmp_path):
    command = [sys.executable, "-c", KILLED, choice.exp_file, choice.weights, data.root, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "a\n"
        time.sleep(0.05)
        process.kill()
    assert (tmp_path / "a.txt").exists()
    list(detect_sequences(choice, data, tmp_path))
    for path in tmp_path.glob(".*.part"):  # what was being written; nothing reads it
        path.unlink()
    assert_same(tmp_path, whole)
