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

CATEGORIES = [{"id": 3, "name": "dog"}, {"id": 17, "name": "cat"}]


def _image(number, name, **more):
    return {"id": number, "file_name": name, "width": 100, "height": 50} | more


def _box(number, image_id, box, **more):
    return {"id": number, "image_id": image_id, "category_id": 17, "bbox": box} | more


def _make(folder, images, annotations, below="images", name="train.json", **more):
    document = {"images": images, "annotations": annotations, "categories": CATEGORIES}
    dump(folder / "annotations" / name, document | more)
    for record in images:
        image(folder / below / record["file_name"])
    return folder


def _convert(folder, on_error="raise"):
    return converted("coco", folder, on_error, folder.parent / "out")


@pytest.mark.parametrize(
    ("below", "name"),
    [
        ("train", "train.json"),
        ("images/train", "train.json"),
        ("images", "train.json"),
        (".", "train.json"),
        ("train", "instances_train.json"),
    ],
)
def test_still_images_wherever_they_are(tmp_path, below, name):
    images = [_image(9, "b.jpg"), _image(4, "sub/a.jpg")]
    boxes = [
        _box(1, 4, [10, 5, 20, 30], iscrowd=1, category_id=3),
        _box(2, 9, [1, 2, 3.5, 4], area=3, segmentation=[]),
    ]
    root = _make(tmp_path / "pets", images, boxes, below, name)
    text(root / "annotations" / "captions_train.json" if "inst" in name else root / "x", "{}")
    train, _ = _convert(root)["train"]
    expected = "../../pets" if below == "." else f"../../pets/{below}"
    assert train["info"] == {"dataset": "coco", "split": "train", "image_root": expected}
    assert train["categories"] == CATEGORIES
    assert train["videos"] == [{"id": 1, "file_name": name.removesuffix(".json")}]
    assert image_rows(train) == [
        (1, "b.jpg", 1, -1, -1, 1, 100, 50),
        (2, "sub/a.jpg", 2, -1, -1, 1, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 1, 17, -1, [1, 2, 3.5, 4], 14, 1, 0),
        (2, 2, 3, -1, [10, 5, 20, 30], 600, 1, 1),
    ]


def test_videos_frames_and_identities(tmp_path):
    images = [
        _image(1, "k/2.jpg", video_id=7, frame_id=11),
        _image(2, "k/1.jpg", video_id=7, frame_id=10),
        _image(3, "m/1.jpg", video_id="m"),
        _image(4, "m/2.jpg", video_id="m"),
    ]
    boxes = [
        _box(1, 1, [10, 5, 20, 30], track_id=0, visibility=0.25),
        _box(2, 2, [10, 5, 20, 30], track_id=0),
        _box(3, 3, [10, 5, 20, 30], track_id=0, bbox_vis=[10, 5, 20, 15]),
        _box(4, 4, [10, 5, 20, 30], track_id=-1),
        _box(5, 4, [10, 5, 20, 30], track_id=None),
        _box(6, 4, [10, 5, 20, 30], instance_id="x"),
    ]
    videos = [{"id": 7, "name": "kitchen", "fps": 25}]
    root = _make(tmp_path / "pets", images, boxes, videos=videos)
    train, _ = _convert(root)["train"]
    assert train["videos"] == [
        {"id": 1, "file_name": "kitchen", "frame_rate": 25},
        {"id": 2, "file_name": "train-m"},
    ]
    assert image_rows(train) == [
        (1, "k/1.jpg", 1, -1, 2, 1, 100, 50),
        (2, "k/2.jpg", 2, 1, -1, 1, 100, 50),
        (3, "m/1.jpg", 1, -1, 4, 2, 100, 50),
        (4, "m/2.jpg", 2, 3, -1, 2, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 2, 17, 1, [10, 5, 20, 30], 600, 0.25, 0),
        (2, 1, 17, 1, [10, 5, 20, 30], 600, 1, 0),
        (3, 3, 17, 2, [10, 5, 20, 30], 600, 1, 0),
        (4, 4, 17, -1, [10, 5, 20, 30], 600, 1, 0),
        (5, 4, 17, -1, [10, 5, 20, 30], 600, 1, 0),
        (6, 4, 17, 3, [10, 5, 20, 30], 600, 1, 0),
    ]
    assert train["annotations"][2]["bbox_vis"] == [10, 5, 20, 15]
    assert identity_rows(train) == [
        (1, "coco", "pets/kitchen", 0),
        (2, "coco", "pets/train-m", 0),
        (3, "coco", "pets/train-m", "x"),
    ]


def test_one_file_of_tracks_is_one_video(tmp_path):
    images = [_image(1, "1.jpg"), _image(2, "2.jpg")]
    root = _make(tmp_path / "pets", images, [_box(1, 2, [10, 5, 20, 30], track_id=4)])
    train, _ = _convert(root)["train"]
    assert [row[2:5] for row in image_rows(train)] == [(1, -1, 2), (2, 1, -1)]
    assert identity_rows(train) == [(1, "coco", "pets/train", 4)]


def test_the_root_that_the_file_names_is_taken(tmp_path):
    info = {"image_root": "../elsewhere"}
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], [], "elsewhere", info=info)
    train, _ = _convert(root)["train"]
    assert train["info"]["image_root"] == "../../pets/elsewhere"


BAD_BOXES = {
    r"annotations\[1\]: bbox is \[1, 2\]; give left": _box(2, 1, [1, 2]),
    r"annotations\[1\]: category_id is 1, which": _box(2, 1, [1, 2, 3, 4], category_id=1),
    r"annotations\[1\]: track_id is \[\]; give": _box(2, 1, [1, 2, 3, 4], track_id=[]),
    r"annotations\[1\]: bbox is None; give left": _box(2, 1, None),
    r"annotations\[1\]: track_id is True; give": _box(2, 1, [1, 2, 3, 4], track_id=True),
    r"annotations\[1\]: iscrowd is 'no'; give 0": _box(2, 1, [1, 2, 3, 4], iscrowd="no"),
    r"annotations\[1\]: bbox_vis is 3; give": _box(2, 1, [1, 2, 3, 4], bbox_vis=3),
    r"annotations\[1\]: there is no image 8": _box(2, 8, [1, 2, 3, 4]),
    r"annotations\[1\]: the box .* lies outside": _box(2, 1, [1000, 2, 3, 4]),
    r"annotations\[1\]: width and height are -3 and": _box(2, 1, [10, 2, -3, 4]),
    r"annotations\[1\]: id 5 stands twice in frame 1": _box(2, 1, [1, 2, 3, 4], track_id=5),
}


@pytest.mark.parametrize("message", BAD_BOXES)
def test_bad_boxes_stop_or_are_counted(tmp_path, message):
    right = _box(1, 1, [1, 2, 3, 4], track_id=5)
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], [right, BAD_BOXES[message]])
    with pytest.raises(InputError, match=rf"train\.json: {message}"):
        _convert(root)
    train, conversion = _convert(root, "skip")["train"]
    assert conversion.faults.total() == 1
    assert len(train["annotations"]) == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400, "1", None])
def test_coordinates_are_numbers(tmp_path, number):
    boxes = [_box(1, 1, [number, 2, 3, 4])]
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], boxes)
    with pytest.raises(InputError, match=r"annotations\[0\]: bbox is \["):
        _convert(root)


def test_video_ids_are_numbers_or_texts(tmp_path):
    root = _make(tmp_path / "pets", [_image(1, "1.jpg", video_id=[1])], [])
    with pytest.raises(InputError, match=r"images\[0\]\.video_id is \[1\]; give a number"):
        _convert(root)


BAD_IMAGES = {
    "wrong image size": lambda path: image(path, 90, 40),
    "unreadable image": lambda path: path.write_bytes(b"x"),
    "missing image": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_bad_images_stop_or_are_counted(tmp_path, kind):
    root = _make(tmp_path / "pets", [_image(1, "1.jpg"), _image(2, "2.jpg")], [])
    BAD_IMAGES[kind](root / "images" / "2.jpg")
    with pytest.raises(InputError, match=r"2\.jpg|image 2 is 100 × 50 by the file, in truth 90"):
        _convert(root)
    _, conversion = _convert(root, "skip")["train"]
    assert conversion.faults == {kind: 1}


def test_clashing_frames_are_refused(tmp_path):
    images = [_image(1, "1.jpg", frame_id=1), _image(2, "2.jpg", frame_id=1)]
    root = _make(tmp_path / "pets", images, [])
    with pytest.raises(InputError, match=r"train\.json: frame_id in video train .* stands twice"):
        _convert(root)


def test_files_that_are_none(tmp_path):
    root = tmp_path / "pets"
    path = root / "annotations" / "train.json"
    for content, message in (
        ("[", "is not JSON"),
        ("[]", "holds a list"),
        ("{}", "has no list of images"),
        (
            json.dumps({"images": [_image(1, "1.jpg")], "categories": CATEGORIES}),
            "none of its images is in",
        ),
    ):
        text(path, content)
        with pytest.raises(InputError, match=rf"train\.json: .*{message}"):
            _convert(root)


def test_the_input_is_not_replaced(tmp_path):
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], [])
    before = (root / "annotations" / "train.json").read_bytes()
    with pytest.raises(InputError, match=r"train\.json: would be replaced; give another folder"):
        convert("coco", root, root)
    assert (root / "annotations" / "train.json").read_bytes() == before


@pytest.mark.parametrize("visibility", [5, -0.5, float("nan"), "x", None, True])
def test_visibility_is_mended_and_counted(tmp_path, visibility):
    boxes = [_box(1, 1, [1, 2, 3, 4], visibility=visibility)]
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], boxes)
    with pytest.raises(InputError, match=r"annotations\[0\]: visibility is .*; or have it mended"):
        _convert(root)
    train, conversion = _convert(root, "skip")["train"]
    assert conversion.faults == {"wrong visibility": 1}
    assert conversion.mended == {"wrong visibility"}
    assert [row[6] for row in box_rows(train)] == [1]


def test_videos_of_two_files_are_not_one(tmp_path):
    for name in ("train", "val"):
        images = [_image(1, f"{name}.jpg", video_id=1)]
        boxes = [_box(1, 1, [1, 2, 3, 4], track_id=5)]
        root = _make(tmp_path / "pets", images, boxes, name=f"{name}.json")
    documents = _convert(root)
    for name in ("train", "val"):
        assert identity_rows(documents[name][0]) == [(1, "coco", f"pets/{name}-1", 5)]


@pytest.mark.parametrize(
    ("videos", "message"),
    [
        (None, "videos is None; give a list or nothing"),
        (["a"], r"videos\[0\]\.id is None; give each"),
        ([{"id": {}}], r"videos\[0\]\.id is {}; give each"),
        ([{"id": 1}, {"id": 1}], r"videos\[1\]\.id is 1; give each"),
        ([{"id": 1, "name": "a"}, {"id": 2, "name": "a"}], "two videos are called 'a'"),
    ],
)
def test_wrong_videos(tmp_path, videos, message):
    images = [_image(1, "1.jpg", video_id=1), _image(2, "2.jpg", video_id=2)]
    root = _make(tmp_path / "pets", images, [], videos=videos)
    with pytest.raises(InputError, match=rf"train\.json: {message}"):
        _convert(root)


def test_crowds_with_one_id_do_not_clash(tmp_path):
    boxes = [_box(n, 1, [1, 2, 3, 4], track_id=5, iscrowd=int(n > 1)) for n in (1, 2, 3)]
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], boxes)
    train, conversion = _convert(root)["train"]
    assert [row[3] for row in box_rows(train)] == [1, -1, -1]
    assert not conversion.faults


@pytest.mark.parametrize(
    ("box", "right"),
    [
        ([110, 10, 10, 10], True),
        ([110.1, 10, 10, 10], False),
        ([-20, 10, 10, 10], True),
        ([-20.1, 10, 10, 10], False),
        ([10, -20, 10, 10], True),
        ([10, -20.1, 10, 10], False),
        ([10, 60, 10, 10], True),
        ([10, 60.1, 10, 10], False),
    ],
)
def test_boxes_may_leave_the_image_by_their_own_size(tmp_path, box, right):
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], [_box(1, 1, box)])
    _, conversion = _convert(root, "skip")["train"]
    assert conversion.faults == ({} if right else {"box outside the image": 1})


@pytest.mark.parametrize("side", [0.0009, -1])
def test_sides_too_small_to_write(tmp_path, side):
    root = _make(tmp_path / "pets", [_image(1, "1.jpg")], [_box(1, 1, [1, 2, 3, side])])
    _, conversion = _convert(root, "skip")["train"]
    assert conversion.faults == {"box without size": 1}


def test_frame_numbers_are_such_as_can_be(tmp_path):
    images = [_image(1, "1.jpg", frame_id=1), _image(2, "2.jpg", frame_id=2**70)]
    root = _make(tmp_path / "pets", images, [])
    with pytest.raises(InputError, match=r"train: has 1180591620717411303424 frames by its num"):
        _convert(root)
