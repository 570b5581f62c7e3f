import json
from pathlib import Path

import pytest

from yolox.formats.coco import image_root, read_coco, write_coco
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
        (_document(images=["a"]), r"a\.json: images\[0\]\.id is missing; mend"),
        (_document(annotations=[{"image_id": "1"}]), r"annotations\[0\]\.image_id is '1'; mend"),
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
