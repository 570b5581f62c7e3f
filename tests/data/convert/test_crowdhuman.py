import json

import pytest
from data.convert.miniatures import box_rows, converted, image, image_rows, text

from yolox.data.convert import convert
from yolox.structures import InputError

FIRST = {
    "ID": "273271,c9db000d5146c15",
    "gtboxes": [
        {
            "fbox": [-10, 5, 40, 60],
            "vbox": [0, 5, 30, 30],
            "hbox": [0, 5, 9, 9],
            "tag": "person",
            "extra": {"box_id": 0, "occ": 1},
        },
        {"fbox": [50, 5, 10, 20], "vbox": [50, 5, 10, 20], "tag": "mask", "extra": {"ignore": 1}},
        {"fbox": [70, 5, 10, 20], "vbox": [70, 5, 10, 20], "tag": "mask", "extra": {}},
    ],
}
SECOND = {"ID": "b", "gtboxes": [{"fbox": [1, 2, 3, 4], "vbox": [1, 2, 3, 2], "tag": "person"}]}


LINES = json.dumps(FIRST), json.dumps(SECOND)


def _make(folder, images="CrowdHuman_train", lines=LINES):
    text(folder / "annotation_train.odgt", *lines)
    image(folder / images / "273271,c9db000d5146c15.jpg", 80, 70)
    image(folder / images / "b.jpg", 30, 20)
    return folder


@pytest.mark.parametrize("images", ["CrowdHuman_train", "Images"])
def test_full_boxes_and_crowds(tmp_path, images):
    train, conversion = converted("crowdhuman", _make(tmp_path, images))["train"]
    assert train["info"] == {
        "dataset": "crowdhuman",
        "split": "train",
        "image_root": f"../{images}",
    }
    assert train["categories"] == [{"id": 1, "name": "person"}]
    assert train["videos"] == [{"id": 1, "file_name": images}]
    assert image_rows(train) == [
        (1, "273271,c9db000d5146c15.jpg", 1, -1, -1, 1, 80, 70),
        (2, "b.jpg", 2, -1, -1, 1, 30, 20),
    ]
    assert box_rows(train) == [
        (1, 1, 1, -1, [-10, 5, 40, 60], 2400, 0.375, 0),
        (2, 1, 1, -1, [50, 5, 10, 20], 200, 1, 1),
        (3, 1, 1, -1, [70, 5, 10, 20], 200, 1, 0),  # as ByteTrack: the tag alone says nothing
        (4, 2, 1, -1, [1, 2, 3, 4], 12, 0.5, 0),
    ]
    assert train["annotations"][0]["bbox_vis"] == [0, 5, 30, 30]
    assert train["identities"] == []
    assert not conversion.by_rule
    assert not conversion.faults


BAD = {
    "file or sequence as a whole": ("{'ID':", r"annotation_train\.odgt:3: is not JSON"),
    "wrong record": (
        '{"ID": "c", "gtboxes": [{"fbox": [1, 2, 3]}]}',
        r"annotation_train\.odgt:3: gtboxes\[0\]\.fbox is \[1, 2, 3\]; give left",
    ),
    "missing image": ('{"ID": "d", "gtboxes": []}', r"CrowdHuman_train/d\.jpg: no such image"),
    "image twice": ('{"ID": "b", "gtboxes": []}', r"odgt:3: the image b\.jpg has a line already"),
    "box without size": (
        '{"ID": "c", "gtboxes": [{"fbox": [1, 2, 0, 4], "vbox": [1, 2, 3, 4]}]}',
        r"annotation_train\.odgt:3: gtboxes\[0\]: width and height are 0 and 4",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_lines_stop_or_are_counted(tmp_path, kind):
    line, message = BAD[kind]
    _make(tmp_path, lines=(*LINES, line))
    image(tmp_path / "CrowdHuman_train" / "c.jpg")
    with pytest.raises(InputError, match=message):
        convert("crowdhuman", tmp_path, tmp_path)
    train, conversion = converted("crowdhuman", tmp_path, "skip")["train"]
    assert conversion.faults == {kind: 1}
    assert len(train["annotations"]) == 4


def test_visible_boxes_are_boxes(tmp_path):
    people = [{"fbox": [1, 2, 3, 4], "vbox": [1, 2]}, {"fbox": [1, 2, 3, 4]}]
    _make(tmp_path, lines=(json.dumps({"ID": "b", "gtboxes": people}),))
    with pytest.raises(InputError, match=r"odgt:1: gtboxes\[0\]\.vbox is \[1, 2\]; give left"):
        convert("crowdhuman", tmp_path, tmp_path)
    train, _ = converted("crowdhuman", tmp_path, "skip")["train"]
    assert len(train["annotations"]) == 1


def test_records_without_their_fields(tmp_path):
    _make(tmp_path, lines=('{"ID": "b"}',))
    with pytest.raises(InputError, match=r"odgt:1: has no gtboxes"):
        convert("crowdhuman", tmp_path, tmp_path)


def test_images_must_be_there(tmp_path):
    text(tmp_path / "annotation_val.odgt", json.dumps(SECOND))
    with pytest.raises(InputError, match=r"Images: no such folder; unpack the images of"):
        convert("crowdhuman", tmp_path, tmp_path)


def test_visibility_where_nothing_is_visible_or_nobody_says(tmp_path):
    people = [{"fbox": [1, 2, 3, 4], "vbox": [10, 2, 3, 4]}, {"fbox": [1, 2, 3, 4]}]
    _make(tmp_path, lines=(json.dumps({"ID": "b", "gtboxes": people}),))
    train, _ = converted("crowdhuman", tmp_path)["train"]
    assert [row[6] for row in box_rows(train)] == [0, 1]
