import pytest
from data.convert.miniatures import box_rows, converted, identity_rows, image, image_rows, text

from yolox.data.convert import convert
from yolox.structures import InputError

ROWS = (
    "1,0,10,5,20,30,1,4,0,0",  # a car
    "2,0,11,5,20,30,1,4,1,2",
    "1,3,40,5,5,10,1,10,0,0",  # a motor
    "1,4,50,5,5,10,0,1,0,0",  # a pedestrian that does not count
    "1,0,60,0,30,30,0,0,0,0",  # ignored regions
    "1,0,0,30,30,10,0,0,0,0",
    "2,8,60,5,5,10,1,11,0,0",  # others
)


def _make(folder, *rows):
    top = folder / "VisDrone2019-MOT-val"
    for name in ("uav0000086_00000_v", "uav0000117_02622_v"):
        for frame in (1, 2):
            image(top / "sequences" / name / f"{frame:07d}.jpg")
        text(top / "annotations" / f"{name}.txt", *(rows or ROWS))
    return folder


def test_classes_crowds_and_identities(tmp_path):
    documents = converted("visdrone", _make(tmp_path))
    assert list(documents) == ["val"]
    val, conversion = documents["val"]
    assert val["info"]["image_root"] == "../VisDrone2019-MOT-val/sequences"
    assert [(record["id"], record["name"]) for record in val["categories"]] == [
        (1, "pedestrian"),
        (2, "people"),
        (3, "bicycle"),
        (4, "car"),
        (5, "van"),
        (6, "truck"),
        (7, "tricycle"),
        (8, "awning-tricycle"),
        (9, "bus"),
        (10, "motor"),
    ]
    assert image_rows(val) == [
        (1, "uav0000086_00000_v/0000001.jpg", 1, -1, 2, 1, 100, 50),
        (2, "uav0000086_00000_v/0000002.jpg", 2, 1, -1, 1, 100, 50),
        (3, "uav0000117_02622_v/0000001.jpg", 1, -1, 4, 2, 100, 50),
        (4, "uav0000117_02622_v/0000002.jpg", 2, 3, -1, 2, 100, 50),
    ]
    assert box_rows(val)[:6] == [
        (1, 1, 4, 1, [10, 5, 20, 30], 600, 1, 0),
        (2, 2, 4, 1, [11, 5, 20, 30], 600, 1, 0),
        (3, 1, 10, 2, [40, 5, 5, 10], 50, 1, 0),
        (4, 1, 1, -1, [50, 5, 5, 10], 50, 1, 1),
        (5, 1, 1, -1, [60, 0, 30, 30], 900, 1, 1),
        (6, 1, 1, -1, [0, 30, 30, 10], 300, 1, 1),
    ]
    assert box_rows(val)[6:8] == [
        (7, 3, 4, 3, [10, 5, 20, 30], 600, 1, 0),
        (8, 4, 4, 3, [11, 5, 20, 30], 600, 1, 0),
    ]
    assert identity_rows(val) == [
        (1, "visdrone", "uav0000086_00000_v", 0),
        (2, "visdrone", "uav0000086_00000_v", 3),
        (3, "visdrone", "uav0000117_02622_v", 0),
        (4, "visdrone", "uav0000117_02622_v", 3),
    ]
    assert conversion.by_rule == {"others": 2}


BAD = {
    "1,1,10,5,20,30,1,12,0,0": ("wrong row", r"v\.txt:2: class is 12; give one from 0 to 11"),
    "1,1,10,5,20,30,1": ("wrong row", r"v\.txt:2: has 7 columns; give frame, id, left"),
    "3,1,10,5,20,30,1,1,0,0": ("box without image", r"v\.txt:2: is of frame 3, of which"),
}


@pytest.mark.parametrize("row", BAD)
def test_bad_rows_stop_or_are_counted(tmp_path, row):
    kind, message = BAD[row]
    _make(tmp_path, ROWS[0], row)
    with pytest.raises(InputError, match=message):
        convert("visdrone", tmp_path, tmp_path)
    val, conversion = converted("visdrone", tmp_path, "skip")["val"]
    assert conversion.faults == {kind: 2}
    assert len(val["annotations"]) == 2


def _no_image(top):
    (top / "sequences" / "uav0000086_00000_v" / "0000001.jpg").unlink()


def _no_labels(top):
    (top / "annotations" / "uav0000086_00000_v.txt").unlink()


def _no_sequence(top):
    text(top / "annotations" / "uav1.txt", ROWS[0])


def _from_nought(top):
    image(top / "sequences" / "uav0000086_00000_v" / "0000000.jpg")


SPOILT = {
    "missing image": (
        _no_image,
        r"uav0000086_00000_v: no image has a number from 1 to 1, .* 0000002\.jpg",
    ),
    "file or sequence as a whole": (_no_labels, r"uav0000086_00000_v\.txt: no such file"),
    "empty sequence": (_no_sequence, r"uav1: has no images"),
    "image beyond the sequence": (_from_nought, r"0000000\.jpg: the first image has number 1"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_spoilt_trees_stop_or_are_counted(tmp_path, kind):
    spoil, message = SPOILT[kind]
    spoil(_make(tmp_path, ROWS[1]) / "VisDrone2019-MOT-val")
    with pytest.raises(InputError, match=message):
        convert("visdrone", tmp_path, tmp_path)
    _, conversion = converted("visdrone", tmp_path, "skip")["val"]
    assert conversion.faults == {kind: 1}
