import json

import pytest
from data.convert.miniatures import (
    box_rows,
    converted,
    dump,
    identity_rows,
    image,
    image_rows,
    text,
)

from yolox.data.convert import convert
from yolox.structures import InputError

VIDEO = "b1c66a42-6f7d68ca"


def _label(identity, category, x1, y1, x2, y2, crowd=False):
    attributes = {"occluded": False, "truncated": False, "crowd": crowd}
    box = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return {"id": identity, "category": category, "attributes": attributes, "box2d": box}


def _frame(index, labels):
    return {
        "name": f"{VIDEO}-{index + 1:07d}.jpg",
        "videoName": VIDEO,
        "frameIndex": index,
        "labels": labels,
    }


FRAMES = [
    _frame(1, None),
    _frame(
        0,
        [
            _label("00122063", "car", 10, 5, 29, 34),
            _label("00122070", "pedestrian", 40.5, 5, 44.5, 14, crowd=True),
            _label("00122071", "other vehicle", 60, 5, 70, 14),
            _label("00121990", "bicycle", 60, 5, 69, 14),
        ],
    ),
]


def _make(folder, document):
    dump(folder / "labels" / "box_track_20" / "val" / f"{VIDEO}.json", document)
    for frame in (1, 2):
        image(folder / "images" / "track" / "val" / VIDEO / f"{VIDEO}-{frame:07d}.jpg")
    return folder


@pytest.mark.parametrize("document", [FRAMES, {"frames": FRAMES, "config": None}])
def test_both_forms(tmp_path, document):
    val, conversion = converted("bdd100k", _make(tmp_path, document))["val"]
    assert val["info"]["image_root"] == "../images/track/val"
    assert val["videos"] == [{"id": 1, "file_name": VIDEO, "frame_rate": 5}]
    assert [(record["id"], record["name"]) for record in val["categories"]] == [
        (1, "pedestrian"),
        (2, "rider"),
        (3, "car"),
        (4, "truck"),
        (5, "bus"),
        (6, "train"),
        (7, "motorcycle"),
        (8, "bicycle"),
    ]
    assert image_rows(val) == [
        (1, f"{VIDEO}/{VIDEO}-0000001.jpg", 1, -1, 2, 1, 100, 50),
        (2, f"{VIDEO}/{VIDEO}-0000002.jpg", 2, 1, -1, 1, 100, 50),
    ]
    assert box_rows(val) == [
        (1, 1, 3, 2, [10, 5, 20, 30], 600, 1, 0),
        (2, 1, 1, -1, [40.5, 5, 5, 10], 50, 1, 1),
        (3, 1, 8, 1, [60, 5, 10, 10], 100, 1, 0),
    ]
    assert identity_rows(val) == [
        (1, "bdd100k", VIDEO, "00121990"),
        (2, "bdd100k", VIDEO, "00122063"),
    ]
    assert conversion.by_rule == {"other vehicle": 1}


WRONG_LABELS = {
    r"frame record 0, label 1: category is 'dog'; give pedestrian": _label("1", "dog", 1, 2, 3, 4),
    r"frame record 0, label 1: id is None; give text": _label(None, "car", 1, 2, 3, 4),
    r"frame record 0, label 1: box2d is None": {"id": "1", "category": "car", "box2d": None},
    r"frame record 0, label 1: category is None": "car",
}


@pytest.mark.parametrize("message", WRONG_LABELS)
def test_wrong_labels_stop_or_are_counted(tmp_path, message):
    right = _label("00122063", "car", 10, 5, 29, 34)
    _make(tmp_path, [_frame(0, [right, WRONG_LABELS[message]])])
    with pytest.raises(InputError, match=rf"{VIDEO}\.json: {message}"):
        convert("bdd100k", tmp_path, tmp_path)
    val, conversion = converted("bdd100k", tmp_path, "skip")["val"]
    assert conversion.faults == {"wrong record": 1}
    assert len(val["annotations"]) == 1


WRONG_FILES = {
    r"is not JSON": "[{",
    r"has no list of frames": "{}",
    r"frame record 0: has name 'a' and frameIndex None": '[{"name": "a"}]',
    r"frame record 0: has name 'a' and frameIndex -1": '[{"name": "a", "frameIndex": -1}]',
    r"frame record 0: has name 'a' and frameIndex True": '[{"name": "a", "frameIndex": true}]',
    r"frame record 0: labels is no list": '[{"name": "a", "frameIndex": 0, "labels": 7}]',
    r"two frames have the same frameIndex": json.dumps([_frame(0, []), _frame(0, [])]),
}


@pytest.mark.parametrize("message", WRONG_FILES)
def test_wrong_files_stop_or_are_left_out(tmp_path, message):
    _make(tmp_path, FRAMES)
    text(tmp_path / "labels" / "box_track_20" / "val" / "wrong.json", WRONG_FILES[message])
    with pytest.raises(InputError, match=rf"wrong\.json: {message}"):
        convert("bdd100k", tmp_path, tmp_path)
    val, conversion = converted("bdd100k", tmp_path, "skip")["val"]
    assert conversion.faults == {"file or sequence as a whole": 1}
    assert len(val["images"]) == 2


def test_missing_images_are_named(tmp_path):
    _make(tmp_path, [*FRAMES, _frame(2, [])])
    with pytest.raises(InputError, match=rf"{VIDEO}-0000003\.jpg: no such image"):
        convert("bdd100k", tmp_path, tmp_path)
    val, conversion = converted("bdd100k", tmp_path, "skip")["val"]
    assert conversion.faults == {"missing image": 1}
    assert len(val["images"]) == 2


def test_the_first_release_says_index(tmp_path):
    frame = {"name": f"{VIDEO}-0000001.jpg", "videoName": VIDEO, "index": 0, "labels": []}
    val, _ = converted("bdd100k", _make(tmp_path, [frame]))["val"]
    assert image_rows(val) == [(1, f"{VIDEO}/{VIDEO}-0000001.jpg", 1, -1, -1, 1, 100, 50)]
