import json
from pathlib import Path

import pytest

from yolox.data.annotations import read_annotations
from yolox.formats.coco import image_root, read_coco, read_converted, write_coco
from yolox.structures import InputError


def _document(**more):
    image = {"id": 1, "file_name": "a.jpg", "width": 9, "height": 9, "frame_id": 1, "video_id": 1}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    category = {"id": 1, "name": "person"}
    return {"images": [image], "annotations": [box], "categories": [category]} | more


def test_documents_read_back(tmp_path):
    path = tmp_path / "annotations" / "a.json"
    write_coco(path, _document())
    assert read_coco(path) == _document()
    assert b" " not in path.read_bytes()


def test_annotations_may_be_absent(tmp_path):
    path = tmp_path / "a.json"
    document = _document()
    del document["annotations"]
    path.write_text(json.dumps(document))
    assert read_coco(path)["annotations"] == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("[1,", r"a\.json: is not JSON: "),
        ([], r"a\.json: holds a list; a COCO file holds an object"),
        ({}, r"a\.json: has no list of images; is it a COCO file\?"),
        (_document(images=[]), r"a\.json: has no list of images"),
        (_document(annotations={}), r"a\.json: has no list of annotations"),
        (_document(categories=[]), r"a\.json: has no list of categories"),
        (_document(images=["a"]), r"a\.json: images\[0\] is 'a'; give an object"),
        (
            _document(annotations=[{"image_id": "1"}]),
            r"annotations\[0\]\.image_id is '1'; give a whole",
        ),
        (_document(categories=[{"id": 1}]), r"categories\[0\]\.name is missing"),
        (_document(images=_document()["images"] * 2), r"two images have the same id"),
    ],
)
def test_wrong_documents_name_record_and_cure(tmp_path, document, message):
    path = tmp_path / "a.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(InputError, match=message):
        read_coco(path)


def test_plain_coco_says_what_to_do(tmp_path):
    path = tmp_path / "a.json"
    document = _document()
    del document["images"][0]["frame_id"]
    write_coco(path, document)
    assert read_coco(path, of_video=False)
    message = r"images\[0\]\.frame_id is missing; convert it with tools/convert_dataset\.py coco"
    with pytest.raises(InputError, match=message):
        read_coco(path)


def test_image_root(tmp_path):
    path = tmp_path / "annotations" / "a.json"
    assert image_root(path, {"info": {"image_root": "../train"}}) == Path(path.parent, "../train")
    for info in ({}, None, {"image_root": 3}):
        with pytest.raises(InputError, match=r"a\.json: info\.image_root is missing"):
            image_root(path, {"info": info})


def _wrong(name, field, value):
    """A document whose first record of a list has something wrong in a field."""
    document = _document(videos=[{"id": 1, "file_name": "a"}], info={"image_root": "."})
    document[name][0][field] = value
    return document


NAN, INF = float("nan"), float("inf")
WRONG = {
    ("images", "width"): (NAN, INF, -1, 0, 0.5, 640.5, 1e7, 10**400, "9", None, True, [9]),
    ("images", "height"): (NAN, INF, -1, 0, 0.5, 1e7, False),
    ("images", "id"): (2**70, 1.0, True, None),
    ("images", "frame_id"): (2**70, -(2**63) - 1, "1", 1.5, None, True),
    ("images", "video_id"): (2**63, "a", {}, None),
    ("images", "file_name"): ("a\0.jpg", 3, None),
    ("annotations", "bbox"): (
        *([number, 2, 3, 4] for number in ("1", None, [1], 10**400, 1e12, -1e300, NAN, True)),
        *([1, 2, 3, side] for side in (0, -4, NAN, INF)),
        [1, 2, 3],
        [],
        {},
        None,
    ),
    ("annotations", "track_id"): ("a", None, [], 1.5, 2**70, True),
    ("annotations", "visibility"): ("x", NAN, 5, -0.1, None, True),
    ("annotations", "iscrowd"): ("no", 2, None, NAN, []),
    ("annotations", "image_id"): (2**70, 7, {}),
    ("annotations", "category_id"): (True, 7, "1"),
    ("categories", "name"): (3, None),
    ("videos", "id"): ("a", {}, None, 2**70),
}


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [(*place, value) for place, values in WRONG.items() for value in values],
)
def test_wrong_values_name_record_and_cure(tmp_path, name, field, value):
    path = tmp_path / "a.json"
    write_coco(path, _wrong(name, field, value))
    with pytest.raises(InputError, match=rf"a\.json: {name}\[0\]\.{field} is .*; ") as error:
        read_annotations(path)
    assert len(str(error.value)) < 300 + len(str(path))


@pytest.mark.parametrize("videos", [3, None, "a", [3], [{}], [{"id": 1}, {"id": 1}]])
def test_wrong_videos(tmp_path, videos):
    path = tmp_path / "a.json"
    write_coco(path, _document(videos=videos))
    with pytest.raises(InputError, match=r"a\.json: (two )?videos"):
        read_coco(path)


def test_ids_stand_once(tmp_path):
    path = tmp_path / "a.json"
    write_coco(path, _document(categories=[{"id": 1, "name": "dog"}, {"id": 1, "name": "cat"}]))
    with pytest.raises(InputError, match="two categories have the same id"):
        read_coco(path)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("annotations", "track_id", -(2**63)),
        ("annotations", "visibility", 0),
        ("annotations", "iscrowd", True),
        ("annotations", "bbox", [-1e7, 1e7, 3, 1e7]),
        ("images", "width", 1_000_000.0),
        ("images", "frame_id", 0),
    ],
)
def test_values_at_the_limits_are_right(tmp_path, name, field, value):
    path = tmp_path / "a.json"
    write_coco(path, _wrong(name, field, value))
    assert len(read_annotations(path)) == 1


def test_crowds_may_be_without_size(tmp_path):
    path = tmp_path / "a.json"
    document = _wrong("annotations", "bbox", [1, 2, 0, 4])
    document["annotations"][0]["iscrowd"] = 1
    write_coco(path, document)
    assert len(read_annotations(path).objects.boxes) == 0


def _converted():
    document = _document(videos=[{"id": 1, "file_name": "a"}])
    document["images"][0] |= {"prev_image_id": -1, "next_image_id": -1}
    document["annotations"][0] |= {"track_id": 4, "iscrowd": 0}
    who = {"track_id": 4, "dataset": "mot17", "sequence": "a", "raw_id": 7}
    return document | {"identities": [who]}


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        ("videos", None, None, "videos is missing; give a list, or convert"),
        ("identities", None, None, "does not say who its track_ids are; convert it"),
        ("identities", None, 3, "identities is 3; give a list"),
        ("identities", None, [7], r"identities\[0\] is 7; give an object"),
        ("identities", "raw_id", None, r"identities\[0\]\.raw_id is missing; convert"),
        ("identities", "raw_id", 1.5, r"identities\[0\]\.raw_id is 1\.5; give a whole"),
        ("identities", "track_id", None, r"identities\[0\]\.track_id is missing"),
        ("identities", "track_id", "4", r"identities\[0\]\.track_id is '4'; give"),
        ("identities", "track_id", 5, r"annotations\[0\]\.track_id is 4, which no identity has"),
        ("images", "prev_image_id", None, r"images\[0\]\.prev_image_id is missing; convert"),
        ("images", "video_id", 3, r"images\[0\]\.video_id is 3, which no video has"),
        ("annotations", "iscrowd", None, r"annotations\[0\]\.iscrowd is missing"),
        ("annotations", "track_id", None, r"annotations\[0\]\.track_id is missing"),
        ("annotations", "image_id", 8, r"annotations\[0\]\.image_id is 8, which no image has"),
        ("annotations", "category_id", 8, r"category_id is 8, which no category has"),
    ],
)
def test_edited_conversions(tmp_path, name, field, value, message):
    path = tmp_path / "a.json"
    document = _converted()
    write_coco(path, document)
    assert read_converted(path) == document
    place, key = (document, name) if field is None else (document[name][0], field)
    if value is None:
        del place[key]
    else:
        place[key] = value
    write_coco(path, document)
    with pytest.raises(InputError, match=rf"a\.json: .*{message}"):
        read_converted(path)


def test_a_missing_file_is_named_once(tmp_path):
    with pytest.raises(InputError) as caught:
        read_coco(tmp_path / "gone.json")
    assert str(caught.value) == f"{tmp_path / 'gone.json'}: no such file"
