import cv2
import numpy as np
import pytest
from data.painted import Person, painted, street

from yolox.data.convert import convert
from yolox.data.dataset import EvaluationView, MOTDataset
from yolox.data.preprocess import letterbox
from yolox.formats.images import read_image
from yolox.structures import InputError

SIZES = [(40, 60), (61, 83), (100, 30)]


@pytest.fixture
def dataset(tmp_path):
    return street(tmp_path, SIZES)


def test_items_are_as_they_are(dataset):
    assert len(dataset) == 3
    for index, size in enumerate(SIZES):
        sample = dataset[index]
        assert sample.image.shape == (*size, 3)
        np.testing.assert_array_equal(
            sample.image, cv2.imread(str(dataset.annotations.root / f"00000{index + 1}.png"))
        )
        for ours, theirs in zip(sample.objects, dataset.annotations.of_image(index), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert sample.index == index
        assert sample.letterbox is None
        assert sample.faults == ()
        assert dataset.size(index) == size
        np.testing.assert_array_equal(dataset.read(index), sample.image)
        assert dataset.read(index, 4).shape == (-(-size[0] // 4), -(-size[1] // 4), 3)


def test_training_reads_fast(tmp_path):
    dataset = painted(tmp_path, [(40, 60)], [[Person((3, 5, 20, 20))]], suffix=".jpg")
    path = tmp_path / "img" / "000001.jpg"
    np.testing.assert_array_equal(dataset.read(0), read_image(path, fast=True))
    np.testing.assert_array_equal(dataset[0].image, read_image(path))
    assert (dataset.read(0) != dataset[0].image).any()


def test_from_a_path(tmp_path, dataset):
    by_path = MOTDataset(tmp_path / "made.json")
    np.testing.assert_array_equal(by_path[1].image, dataset[1].image)
    (tmp_path / "img").rename(tmp_path / "moved")
    moved = MOTDataset(tmp_path / "made.json", tmp_path / "moved")
    np.testing.assert_array_equal(moved[1].image, moved[1].image)
    with pytest.raises(InputError, match=r"img/000002.png: no such image"):
        by_path[1]


@pytest.mark.parametrize("size", [(64, 96), (32, 32), (50, 400)])
def test_evaluation_sees_what_inference_sees(dataset, size):
    view = EvaluationView(dataset, size)
    assert len(view) == 3
    for index in range(3):
        sample, whole = view[index], dataset[index]
        expected, fitted = letterbox(whole.image, size)
        np.testing.assert_array_equal(sample.image, expected)
        assert sample.letterbox == fitted
        assert sample.index == index
        assert sample.objects.boxes.dtype == np.float32
        np.testing.assert_allclose(
            sample.letterbox.to_image(sample.objects.boxes), whole.objects.boxes, atol=1e-3
        )
        for ours, theirs in zip(sample.objects[1:], whole.objects[1:], strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_evaluation_keeps_every_box_whole(tmp_path):
    """Also one that is hardly in the image: what counts is for the metrics to say."""
    people = [[Person((-50, -50, 51, 51)), Person((0, 0, 0.5, 0.5)), Person((39, 0, 500, 9))]]
    dataset = painted(tmp_path, [(40, 40)], people)
    sample = EvaluationView(dataset, (20, 20))[0]
    assert sample.objects.boxes.tolist() == [
        [-25, -25, 0.5, 0.5], [0, 0, 0.25, 0.25], [19.5, 0, 269.5, 4.5],
    ]  # fmt: skip


@pytest.mark.data
def test_real_frames(shared_data, tmp_path):
    written = convert("mot17", shared_data / "frames", tmp_path, on_error="skip")
    for one in written:
        if one.document is None:
            continue
        dataset = MOTDataset(one.path)
        view = EvaluationView(dataset, (256, 480))
        for index in range(len(dataset)):
            whole = dataset[index]
            path = dataset.annotations.root / dataset.annotations.files[index]
            np.testing.assert_array_equal(whole.image, cv2.imread(str(path)))
            np.testing.assert_array_equal(whole.image, read_image(path))
            np.testing.assert_array_equal(view[index].image, letterbox(whole.image, (256, 480))[0])


def test_images_belong_to_a_path(dataset, tmp_path):
    with pytest.raises(InputError, match="already know their images; give a path"):
        MOTDataset(dataset.annotations, tmp_path)
