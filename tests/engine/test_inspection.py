import json

import cv2
import numpy as np
import pytest

from yolox.data.annotations import read_annotations
from yolox.data.dataset import MOTDataset
from yolox.data.mosaic import Augmentation
from yolox.data.training import TrainingView
from yolox.engine.inspection import (
    draw_pictures,
    draw_samples,
    draw_statistics,
    unreadable_images,
)


@pytest.fixture
def annotations(tmp_path):
    """Five blue images, 320 × 240, with one person in each."""
    (tmp_path / "images").mkdir()
    for number in range(1, 6):
        cv2.imwrite(
            str(tmp_path / f"images/{number}.png"), np.full((240, 320, 3), (200, 0, 0), "u1")
        )
    document = {
        "info": {"image_root": "images"},
        "images": [
            {"id": i, "file_name": f"{i}.png", "width": 320, "height": 240, "frame_id": i,
             "video_id": 1}
            for i in range(1, 6)
        ],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "track_id": 4, "bbox": [100, 60, 60, 150]}
            for i in range(1, 6)
        ],
        "categories": [{"id": 1, "name": "person"}],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(document))
    return read_annotations(tmp_path / "a.json")


def test_samples_have_their_boxes(annotations, tmp_path):
    assert draw_samples(tmp_path / "out", annotations, 3) == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.jpg", "3.jpg", "5.jpg"]
    drawn = cv2.imread(str(tmp_path / "out" / "3.jpg")).astype(int)
    assert abs(drawn[200, 200] - (200, 0, 0)).max() < 10
    assert abs(drawn[150, 100] - (200, 0, 0)).max() > 50


def test_missing_images_are_grey_and_named(annotations, tmp_path):
    (tmp_path / "images" / "5.png").unlink()
    (fault,) = draw_samples(tmp_path / "out", annotations, 2)
    assert "5.png: no such image" in fault
    drawn = cv2.imread(str(tmp_path / "out" / "5.jpg")).astype(int)
    assert abs(drawn[10, 10] - 114).max() < 5
    assert unreadable_images(annotations, range(5)) == [fault]


def test_training_pictures(annotations, tmp_path):
    view = TrainingView(MOTDataset(annotations), Augmentation(), seed=1)
    assert draw_pictures(tmp_path / "out", view, (128, 192), 3) == []
    pictures = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in pictures] == ["000.jpg", "001.jpg", "002.jpg"]
    assert cv2.imread(str(pictures[0])).shape == (128, 192, 3)


def test_images_that_training_cannot_read_are_named(annotations, tmp_path):
    for number in (1, 2, 3):
        (tmp_path / "images" / f"{number}.png").unlink()
    view = TrainingView(MOTDataset(annotations), Augmentation(), seed=1, on_error="skip")
    faults = draw_pictures(tmp_path / "out", view, (128, 192), 3)
    assert any(".png: no such image" in fault for fault in faults)
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_statistics(annotations, tmp_path):
    draw_statistics(tmp_path / "s.png", "title", annotations)
    assert cv2.imread(str(tmp_path / "s.png")).min() < 100
