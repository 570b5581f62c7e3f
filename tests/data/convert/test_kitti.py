import pytest
from data.convert.miniatures import box_rows, converted, identity_rows, image, image_rows, text

from yolox.data.convert import convert
from yolox.structures import InputError

REST = "1.5 1.6 4.1 2.0 1.5 8.4 -1.5"


def _row(frame, identity, kind, box):
    return f"{frame} {identity} {kind} 0 0 -1.7 {box} {REST}"


ROWS = (
    _row(0, -1, "DontCare", "60.5 0 90.5 30"),
    _row(0, 2, "Car", "10.25 5 30.25 35"),
    _row(1, 2, "Car", "11 5 31 35"),
    _row(0, 0, "Person", "40 5 45 15"),
    _row(1, 1, "Misc", "40 5 45 15"),
)


def _make(folder, *rows):
    for frame in (0, 1):
        image(folder / "training" / "image_02" / "0000" / f"{frame:06d}.png")
    text(folder / "training" / "label_02" / "0000.txt", *(rows or ROWS))
    return folder


def test_frames_count_from_one_and_regions_are_crowds(tmp_path):
    _make(tmp_path)
    image(tmp_path / "testing" / "image_02" / "0007" / "000000.png")
    documents = converted("kitti", tmp_path)
    train, conversion = documents["train"]
    assert train["info"]["image_root"] == "../training/image_02"
    assert train["videos"] == [{"id": 1, "file_name": "0000", "frame_rate": 10}]
    assert [(record["id"], record["name"]) for record in train["categories"]] == [
        (1, "Car"),
        (2, "Van"),
        (3, "Truck"),
        (4, "Pedestrian"),
        (5, "Person_sitting"),
        (6, "Cyclist"),
        (7, "Tram"),
    ]
    assert image_rows(train) == [
        (1, "0000/000000.png", 1, -1, 2, 1, 100, 50),
        (2, "0000/000001.png", 2, 1, -1, 1, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 1, 1, -1, [60.5, 0, 30, 30], 900, 1, 1),
        (2, 1, 1, 2, [10.25, 5, 20, 30], 600, 1, 0),
        (3, 2, 1, 2, [11, 5, 20, 30], 600, 1, 0),
        (4, 1, 5, 1, [40, 5, 5, 10], 50, 1, 0),
    ]
    assert identity_rows(train) == [(1, "kitti", "0000", 0), (2, "kitti", "0000", 2)]
    assert conversion.by_rule == {"Misc": 1}
    test, _ = documents["test"]
    assert image_rows(test) == [(1, "0007/000000.png", 1, -1, -1, 1, 100, 50)]
    assert test["annotations"] == []


BAD = {
    _row(0, 3, "Bike", "1 2 3 4"): ("wrong row", r"0000\.txt:2: type is 'Bike'; give one of Car"),
    _row(0, 3, "Car", "1 2 3 x"): ("wrong row", r"0000\.txt:2: bottom is 'x'; give a finite"),
    "0 3 Car": ("wrong row", r"0000\.txt:2: has 3 columns"),
    _row(0, 3, "Car", "5 2 1 4"): ("box without size", r"0000\.txt:2: width and height are -4 and"),
    _row(2, 3, "Car", "1 2 3 4"): ("box without image", r"0000\.txt:2: is of frame 3"),
}


@pytest.mark.parametrize("row", BAD)
def test_bad_rows_stop_or_are_counted(tmp_path, row):
    kind, message = BAD[row]
    _make(tmp_path, ROWS[1], row)
    with pytest.raises(InputError, match=message):
        convert("kitti", tmp_path, tmp_path)
    train, conversion = converted("kitti", tmp_path, "skip")["train"]
    assert conversion.faults == {kind: 1}
    assert len(train["annotations"]) == 1


def test_images_have_sizes_of_their_own_and_numbers(tmp_path):
    _make(tmp_path)
    folder = tmp_path / "training" / "image_02" / "0000"
    image(folder / "000001.png", 90, 40)
    train, conversion = converted("kitti", tmp_path)["train"]
    assert [row[6:] for row in image_rows(train)] == [(100, 50), (90, 40)]
    image(folder / "1.png")
    with pytest.raises(InputError, match=r"1\.png: has the number of 000001\.png"):
        convert("kitti", tmp_path, tmp_path)
    (folder / "1.png").rename(folder / "a.png")
    with pytest.raises(InputError, match=r"a\.png: give the image its number"):
        convert("kitti", tmp_path, tmp_path)
    (folder / "a.png").rename(folder / ".a.png")
    (folder / "000000.png").write_bytes(b"x")
    _, conversion = converted("kitti", tmp_path, "skip")["train"]
    assert conversion.faults == {"unreadable image": 1, "box without image": 3}


def test_negative_ids_are_nobody(tmp_path):
    _make(tmp_path, _row(0, -1, "Car", "1 2 3 4"), _row(0, -1, "Car", "5 2 7 4"))
    train, conversion = converted("kitti", tmp_path)["train"]
    assert [row[3] for row in box_rows(train)] == [-1, -1]
    assert not conversion.faults


def test_an_empty_test_split_is_a_fault_of_its_own(tmp_path):
    _make(tmp_path)
    (tmp_path / "testing" / "image_02").mkdir(parents=True)
    train, test = convert("kitti", tmp_path, tmp_path, on_error="skip")
    assert len(train.document["images"]) == 2
    assert not train.conversion.faults
    assert test.document is None
    assert test.conversion.faults == {"file or sequence as a whole": 1}
