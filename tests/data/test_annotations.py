import json
import random

import numpy as np
import pytest
from data.painted import Person, document, write

from yolox.data.annotations import Objects, read_annotations
from yolox.data.convert import convert
from yolox.structures import InputError


@pytest.fixture
def made():
    """Three images; the second one is empty, and track ids have gaps."""
    return document(
        [(40, 60), (40, 60), (50, 70)],
        [
            [Person((1, 2, 3, 4), 900), Person((-5, 6, 7, 80), 17, category_id=3, visibility=0.25)],
            [],
            [Person((2.5, 0, 9, 9), 17), Person((0, 0, 2, 2), -1), Person((5, 5, 1, 1), 3)],
        ],
    )


def test_columns(tmp_path, made):
    read = read_annotations(write(tmp_path, made))
    assert len(read) == 3
    assert read.root.resolve() == (tmp_path / "img").resolve()
    assert read.files == ["000001.png", "000002.png", "000003.png"]
    assert read.image_ids.tolist() == [10, 11, 12]
    assert read.sizes.tolist() == [[60, 40], [60, 40], [70, 50]]
    assert read.frames.tolist() == [1, 2, 3]
    assert read.videos.tolist() == [1, 1, 1]
    assert read.video_names == {1: "street"}
    assert read.class_names == ("person", "rider")
    assert read.starts.tolist() == [0, 2, 2, 5]
    assert read.num_identities == 3
    assert read.track_ids.tolist() == [3, 17, 900]

    first = read.of_image(0)
    assert first.boxes.tolist() == [[1, 2, 4, 6], [-5, 6, 2, 86]]
    assert first.class_ids.tolist() == [0, 1]
    assert first.identities.tolist() == [2, 1]
    assert first.visibility.tolist() == [1, 0.25]
    assert [len(column) for column in read.of_image(1)] == [0, 0, 0, 0]
    assert read.of_image(1).boxes.shape == (0, 4)
    assert read.of_image(2).identities.tolist() == [1, -1, 0]


def test_types(tmp_path, made):
    objects = read_annotations(write(tmp_path, made)).objects
    assert [column.dtype for column in objects] == [np.float32, np.int64, np.int64, np.float32]


def test_the_order_of_records_does_not_matter(tmp_path, made):
    expected = read_annotations(write(tmp_path, made))
    random.Random(1).shuffle(made["annotations"])
    made["categories"].sort(key=lambda record: record["id"])
    read = read_annotations(write(tmp_path, made))
    for image in range(3):
        ours, theirs = (
            sorted(zip(*(c.tolist() for c in one.of_image(image)), strict=True))
            for one in (read, expected)
        )
        assert ours == theirs
    assert read.class_names == expected.class_names
    assert read.track_ids.tolist() == expected.track_ids.tolist()


def test_a_file_without_any_annotation(tmp_path, made):
    made["annotations"] = []
    read = read_annotations(write(tmp_path, made))
    assert read.starts.tolist() == [0, 0, 0, 0]
    assert read.num_identities == 0
    assert read.of_image(2).boxes.shape == (0, 4)


def test_crowds_are_left_out_with_whatever_is_wrong_in_them(tmp_path, made):
    made["annotations"][0] |= {"iscrowd": 1, "bbox": [0, 0, 0, 0]}
    read = read_annotations(write(tmp_path, made))
    assert read.starts.tolist() == [0, 1, 1, 4]
    assert read.track_ids.tolist() == [3, 17]


def test_a_file_of_byte_track(tmp_path, made):
    """Its converters write no `info`, no `visibility`, no `iscrowd`; CrowdHuman's no track id."""
    del made["info"]
    for record in made["annotations"]:
        del record["visibility"], record["iscrowd"]
    del made["annotations"][0]["track_id"]
    path = write(tmp_path, made)
    with pytest.raises(InputError, match=r"made.json: info.image_root is missing; name the folder"):
        read_annotations(path)
    read = read_annotations(path, tmp_path / "elsewhere")
    assert read.root == tmp_path / "elsewhere"
    assert (read.objects.visibility == 1).all()
    assert read.objects.identities.tolist() == [-1, 1, 1, -1, 0]
    assert read.track_ids.tolist() == [3, 17]


@pytest.mark.parametrize("image_root", ["img", "../pictures", "."])
def test_images_are_found_from_the_json(tmp_path, made, image_root):
    made["info"]["image_root"] = image_root
    assert read_annotations(write(tmp_path, made)).root == tmp_path / image_root


ABSENT = object()


@pytest.mark.parametrize(
    ("records", "row", "field", "value", "message"),
    [
        ("images", 1, "frame_id", ABSENT, r"images\[1\].frame_id is missing; convert it with"),
        ("images", 2, "video_id", ABSENT, r"images\[2\].video_id is missing; convert it with"),
        ("images", 0, "width", "wide", r"images\[0\].width is 'wide'; give a whole"),
        ("images", 0, "height", 0, r"images\[0\].*height.* 0"),
        ("images", 0, "width", -3, r"images\[0\].*width.* -3"),
        ("images", 0, "width", float("nan"), r"images\[0\].*width.* nan"),
        ("images", 0, "file_name", ABSENT, r"images\[0\].file_name is missing"),
        ("images", 0, "id", 11, "two images have the same id"),
        ("annotations", 4, "image_id", 99, r"annotations\[4\].image_id is 99, which no image has"),
        ("annotations", 3, "category_id", 2, r"annotations\[3\].category_id is 2, which no cat"),
        ("annotations", 0, "bbox", ABSENT, r"annotations\[0\].bbox is missing; tools"),
        ("annotations", 0, "bbox", None, r"annotations\[0\].bbox is None; give left"),
        ("annotations", 1, "bbox", [1, 2, 3], r"annotations\[1\].bbox is \[1, 2, 3\]; give left,"),
        ("annotations", 1, "bbox", [1, 2, 0, 4], r"annotations\[1\].bbox is \[1, 2, 0, 4\]; give"),
        ("annotations", 1, "bbox", [1, 2, 4, 0], r"annotations\[1\].bbox is .*above 0"),
        ("annotations", 1, "bbox", [1, 2, 4, -1], r"annotations\[1\].bbox is .*above 0"),
        ("annotations", 2, "bbox", [float("nan"), 2, 3, 4], r"annotations\[2\].bbox is \[nan,"),
        ("annotations", 2, "bbox", [1, 2, float("inf"), 4], r"annotations\[2\].bbox is .*inf"),
        ("annotations", 2, "bbox", [1, 2, "3", 4], r"annotations\[2\].bbox is .*'3'"),
        ("annotations", 2, "bbox", [1, None, 3, 4], r"annotations\[2\].bbox is .*None"),
        # Single precision makes nothing of it, and its area is divided by.
        ("annotations", 2, "bbox", [1000, 2, 1e-5, 4], r"annotations\[2\].bbox is .*1e-05"),
        ("annotations", 2, "bbox", [0, 0, 1e39, 4], r"annotations\[2\].bbox is .*1e\+39"),
        ("annotations", 1, "track_id", "seven", r"annotations\[1\].track_id is 'seven'"),
        ("annotations", 1, "track_id", 1.5, r"annotations\[1\].track_id is 1.5"),
        ("annotations", 1, "visibility", "half", r"annotations\[1\].visibility is 'half'"),
        ("annotations", 1, "visibility", float("nan"), r"annotations\[1\].visibility is nan"),
        ("annotations", 1, "visibility", 1.5, r"annotations\[1\].visibility is 1.5"),
    ],
)
def test_a_bad_record_is_named(tmp_path, made, records, row, field, value, message):
    if value is ABSENT:
        del made[records][row][field]
    else:
        made[records][row][field] = value
    with pytest.raises(InputError, match=f"made.json: {message}"):
        read_annotations(write(tmp_path, made))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "holds a list"),
        ("{}", "no list of images"),
        ('{"images": []}', "no list of images"),
        ('{"images": [3], "categories": []}', r"images\[0\]"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, text, message):
    (tmp_path / "made.json").write_text(text)
    with pytest.raises(InputError, match=f"made.json: .*{message}"):
        read_annotations(tmp_path / "made.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json"):
        read_annotations(tmp_path / "none.json")


def test_no_categories(tmp_path, made):
    made["categories"] = []
    with pytest.raises(InputError, match="no list of categories"):
        read_annotations(write(tmp_path, made))


def test_join_and_take():
    nobody = Objects.join([])
    assert [column.dtype for column in nobody] == [np.float32, np.int64, np.int64, np.float32]
    assert nobody.boxes.shape == (0, 4)
    two = Objects(
        np.arange(8, dtype=np.float32).reshape(2, 4),
        np.array([0, 1]),
        np.array([5, -1]),
        np.array([1, 0.5], dtype=np.float32),
    )
    both = Objects.join([two, two.take(np.array([False, True])), two.take(slice(0))])
    assert both.identities.tolist() == [5, -1, -1]
    assert both.boxes[2].tolist() == [4, 5, 6, 7]


@pytest.mark.data
def test_real_frames(shared_data, tmp_path):
    written = convert("mot17", shared_data / "frames", tmp_path, on_error="skip")
    path = next(one.path for one in written if one.document is not None)
    read = read_annotations(path)
    assert all((read.root / name).is_file() for name in read.files)
    labels = [r for r in json.loads(path.read_text())["annotations"] if not r.get("iscrowd")]
    assert read.starts[-1] == len(labels) > 100
    known = read.objects.identities
    assert np.array_equal(np.unique(known[known >= 0]), np.arange(read.num_identities))
    # Amodal: somebody leaves the image.
    whose = np.repeat(np.arange(len(read)), np.diff(read.starts))
    low, high = read.objects.boxes[:, :2], read.objects.boxes[:, 2:]
    assert ((low < 0) | (high > read.sizes[whose])).any()
