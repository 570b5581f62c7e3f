import shutil

import numpy as np
import pytest
from data.convert.miniatures import (
    box_rows,
    converted,
    identity_rows,
    image,
    image_rows,
    sequence,
    text,
)

from yolox.data.convert import convert
from yolox.formats.mot import read_ground_truth, read_sequence_info
from yolox.structures import InputError

FIRST = (
    "1,7,10,5,20,30,1,1,0.5",
    "2,7,11,5,20,30,1,1,1",
    "3,7,12.5,5,20,30,1,1,0.25",
    "1,3,-4,0,8.5,10,1,1,1",
    "4,3,-2,0,8,10,1,1,1",
    "1,9,40,5,20,30,0,1,1",  # not considered
    "1,4,50,5,20,30,1,7,1",  # a static person
    "2,5,60,5,20,30,0,3,1",  # a car
)
SECOND = ("1,7,1,2,3,4,1,1,1", "2,7,1,2,3,4,1,1,1", "3,8,1,2,3,4,1,1,0")


@pytest.fixture
def mot17(tmp_path):
    for detector in ("DPM", "FRCNN", "SDP"):
        sequence(tmp_path / "train" / f"MOT17-02-{detector}", 4, *FIRST)
        sequence(tmp_path / "train" / f"MOT17-04-{detector}", 3, *SECOND)
    sequence(tmp_path / "test" / "MOT17-01-DPM", 1)
    sequence(tmp_path / "test" / "MOT17-01-SDP", 1)
    return tmp_path


def test_mot17_takes_each_scene_once(mot17):
    documents = converted("mot17", mot17)
    assert list(documents) == ["train", "train_half", "val_half", "test"]
    train, conversion = documents["train"]
    assert train["info"] == {"dataset": "mot17", "split": "train", "image_root": "../train"}
    assert train["categories"] == [{"id": 1, "name": "pedestrian"}]
    assert train["videos"] == [
        {"id": 1, "file_name": "MOT17-02-FRCNN", "frame_rate": 25},
        {"id": 2, "file_name": "MOT17-04-FRCNN", "frame_rate": 25},
    ]
    assert image_rows(train) == [
        (1, "MOT17-02-FRCNN/img1/000001.jpg", 1, -1, 2, 1, 100, 50),
        (2, "MOT17-02-FRCNN/img1/000002.jpg", 2, 1, 3, 1, 100, 50),
        (3, "MOT17-02-FRCNN/img1/000003.jpg", 3, 2, 4, 1, 100, 50),
        (4, "MOT17-02-FRCNN/img1/000004.jpg", 4, 3, -1, 1, 100, 50),
        (5, "MOT17-04-FRCNN/img1/000001.jpg", 1, -1, 6, 2, 100, 50),
        (6, "MOT17-04-FRCNN/img1/000002.jpg", 2, 5, 7, 2, 100, 50),
        (7, "MOT17-04-FRCNN/img1/000003.jpg", 3, 6, -1, 2, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 1, 1, 2, [10, 5, 20, 30], 600, 0.5, 0),
        (2, 1, 1, 1, [-4, 0, 8.5, 10], 85, 1, 0),
        (3, 2, 1, 2, [11, 5, 20, 30], 600, 1, 0),
        (4, 3, 1, 2, [12.5, 5, 20, 30], 600, 0.25, 0),
        (5, 4, 1, 1, [-2, 0, 8, 10], 80, 1, 0),
        (6, 5, 1, 3, [1, 2, 3, 4], 12, 1, 0),
        (7, 6, 1, 3, [1, 2, 3, 4], 12, 1, 0),
        (8, 7, 1, 4, [1, 2, 3, 4], 12, 0, 0),
    ]
    assert identity_rows(train) == [
        (1, "mot17", "MOT17-02-FRCNN", 3),
        (2, "mot17", "MOT17-02-FRCNN", 7),
        (3, "mot17", "MOT17-04-FRCNN", 7),
        (4, "mot17", "MOT17-04-FRCNN", 8),
    ]
    assert conversion.by_rule == {"not considered": 1, "static person": 1, "car": 1}
    assert not conversion.faults


def test_halves_number_frames_anew_but_images_through(mot17):
    documents = converted("mot17", mot17)
    half, _ = documents["val_half"]
    assert image_rows(half) == [
        (4, "MOT17-02-FRCNN/img1/000004.jpg", 1, -1, -1, 1, 100, 50),
        (7, "MOT17-04-FRCNN/img1/000003.jpg", 1, -1, -1, 2, 100, 50),
    ]
    assert box_rows(half) == [
        (1, 4, 1, 1, [-2, 0, 8, 10], 80, 1, 0),
        (2, 7, 1, 2, [1, 2, 3, 4], 12, 0, 0),
    ]
    assert identity_rows(half) == [
        (1, "mot17", "MOT17-02-FRCNN", 3),
        (2, "mot17", "MOT17-04-FRCNN", 8),
    ]
    first, _ = documents["train_half"]
    assert [row[0] for row in image_rows(first)] == [1, 2, 3, 5, 6]
    assert [row[4] for row in image_rows(first)] == [2, 3, -1, 6, -1]
    below = mot17 / "train" / "MOT17-02-FRCNN" / "gt"
    assert (below / "gt_val_half.txt").read_text() == "1,3,-2.00,0.00,8.00,10.00,1,1,1.0000\n"
    assert len((below / "gt_train_half.txt").read_text().splitlines()) == 7
    assert not (mot17 / "train" / "MOT17-02-DPM" / "gt" / "gt_val_half.txt").exists()


def test_mot17_tests_on_all_sequences(mot17):
    test, _ = converted("mot17", mot17)["test"]
    assert image_rows(test) == [
        (1, "MOT17-01-DPM/img1/000001.jpg", 1, -1, -1, 1, 100, 50),
        (2, "MOT17-01-SDP/img1/000001.jpg", 1, -1, -1, 2, 100, 50),
    ]
    assert test["annotations"] == []
    assert test["identities"] == []


def test_mot15_has_no_classes(tmp_path):
    sequence(
        tmp_path / "train" / "ADL-Rundle-6",
        3,
        "1,1,10,5,20,30,1,-1,-1,-1",
        "2,1,10,5,20,30,1,-1,-1,-1",
        "2,2,50,5,20,30,0,-1,-1,-1",
    )
    documents = converted("mot15", tmp_path)
    assert list(documents) == ["train", "train_half", "val_half"]
    train, conversion = documents["train"]
    assert box_rows(train) == [
        (1, 1, 1, 1, [10, 5, 20, 30], 600, 1, 0),
        (2, 2, 1, 1, [10, 5, 20, 30], 600, 1, 0),
    ]
    assert conversion.by_rule == {"not considered": 1}


@pytest.mark.parametrize("name", ["mot16", "mot20"])
def test_mot16_and_mot20_take_all_sequences(tmp_path, name):
    sequence(tmp_path / "train" / "A-01", 3, *SECOND)
    sequence(tmp_path / "train" / "A-02", 3, *SECOND)
    documents = converted(name, tmp_path)
    assert list(documents) == ["train", "train_half", "val_half"]
    train, _ = documents["train"]
    assert [video["file_name"] for video in train["videos"]] == ["A-01", "A-02"]
    assert identity_rows(train) == [
        (1, name, "A-01", 7),
        (2, name, "A-01", 8),
        (3, name, "A-02", 7),
        (4, name, "A-02", 8),
    ]


def test_dancetrack_has_validation_and_eight_digits(tmp_path):
    row = "1,0,10,5,20,30,1,1,1"
    sequence(tmp_path / "train" / "dancetrack0001", 1, row, suffix="{:08d}.jpg")
    sequence(tmp_path / "val" / "dancetrack0004", 1, row, suffix="{:08d}.jpg", images=False)
    sequence(tmp_path / "test" / "dancetrack0003", 1, suffix="{:08d}.jpg")
    documents = converted("dancetrack", tmp_path)
    assert list(documents) == ["train", "val", "test"]
    val, _ = documents["val"]
    assert val["info"]["image_root"] == "../val"
    assert image_rows(val) == [(1, "dancetrack0004/img1/00000001.jpg", 1, -1, -1, 1, 100, 50)]
    assert box_rows(val) == [(1, 1, 1, 1, [10, 5, 20, 30], 600, 1, 0)]
    assert identity_rows(val) == [(1, "dancetrack", "dancetrack0004", 0)]


@pytest.mark.parametrize("top", ["", "dataset"])
def test_sportsmot_with_and_without_its_top_folder(tmp_path, top):
    row = "1,0,10,5,20,30,1,1,1"
    sequence(tmp_path / top / "train" / "v_-6Os86HzwCs_c001", 1, row)
    sequence(tmp_path / top / "val" / "v_00HRwkvvjtQ_c001", 1, row)
    documents = converted("sportsmot", tmp_path)
    assert list(documents) == ["train", "val"]
    root = "../dataset/val" if top else "../val"
    assert documents["val"][0]["info"]["image_root"] == root
    assert documents["val"][0]["images"][0]["file_name"] == "v_00HRwkvvjtQ_c001/img1/000001.jpg"


@pytest.mark.data
def test_real_mot17(shared_data, tmp_path):
    shutil.copytree(shared_data / "mot17" / "train", tmp_path / "train")
    documents = converted("mot17", tmp_path)
    train, first, second = (documents[name][0] for name in ("train", "train_half", "val_half"))
    assert [len(part["images"]) for part in (train, first, second)] == [5316, 2664, 2652]
    assert len(train["identities"]) == 546
    assert len(second["identities"]) == 339
    assert len(second["annotations"]) == 53890
    video_of = {record["id"]: record["video_id"] for record in second["images"]}
    names = {video["id"]: video["file_name"] for video in second["videos"]}
    boxes = [names[video_of[record["image_id"]]] for record in second["annotations"]]
    images = [names[record["video_id"]] for record in second["images"]]
    found = {name[6:8]: (images.count(name), boxes.count(name)) for name in names.values()}
    assert found == {
        "02": (299, 9880),
        "04": (524, 24178),
        "05": (418, 3357),
        "09": (262, 2879),
        "10": (326, 5923),
        "11": (449, 4517),
        "13": (374, 3156),
    }
    for name in names.values():
        below = tmp_path / "train" / name / "gt"
        whole = read_ground_truth(below / "gt.txt")
        half = read_ground_truth(below / "gt_val_half.txt")
        length = read_sequence_info(tmp_path / "train" / name / "seqinfo.ini").length
        cut = whole.cut(length // 2 + 2, length)
        assert np.array_equal(half.boxes, cut.boxes)
        assert np.array_equal(half.ids, cut.ids)
        assert np.array_equal(half.frames, cut.frames)


def _no_image(folder):
    (folder / "img1" / "000002.jpg").unlink()


def _broken_image(folder):
    (folder / "img1" / "000001.jpg").write_bytes(b"no image")


def _other_size(folder):
    image(folder / "img1" / "000002.jpg", 90, 40)


def _no_number(folder):
    image(folder / "img1" / "cover.jpg")


def _same_number(folder):
    image(folder / "img1" / "1.jpg")


def _beyond(folder):
    image(folder / "img1" / "000009.jpg")


def _row(row):
    def add(folder):
        text(folder / "gt" / "gt.txt", *SECOND, row)

    return add


BAD = {
    "missing image": (_no_image, r"img1: image 2 of 3 is missing"),
    "unreadable image": (_broken_image, r"000001\.jpg: cannot identify image file"),
    "wrong image size": (_other_size, r"000002\.jpg: is 90 × 40, but seqinfo\.ini says 100 × 50"),
    "wrong image name": (_no_number, r"cover\.jpg: give the image its number for a name"),
    "wrong image name twice": (_same_number, r"1\.jpg: has the number of 000001\.jpg; keep one"),
    "wrong visibility": (_row("2,9,1,2,3,4,1,1,1.5"), r"frame 2, id 9: visibility is 1\.5; give 0"),
    "wrong visibility below 0": (_row("2,9,1,2,3,4,1,1,-1"), r"frame 2, id 9: visibility is -1"),
    "image beyond the sequence": (_beyond, r"000009\.jpg: the sequence has frames 1 to 3"),
    "box without image": (_row("4,7,1,2,3,4,1,1,1"), r"gt\.txt: frame 4, id 7: .* no image"),
    "box outside the image": (
        _row("2,9,190,2,30,30,1,1,1"),
        r"gt\.txt: frame 2, id 9: the box 190, 2, 30, 30 lies outside the image of 100 × 50",
    ),
    "box without size": (_row("2,9,10,2,0,30,1,1,1"), r"frame 2, id 9: width and height are 0 and"),
    "wrong row": (_row("2,7,1,2,3,4,1,1,1"), r"gt\.txt:4: column 2 is 7; the id stands twice"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_stops_or_is_counted(tmp_path, kind):
    spoil, message = BAD[kind]
    kind = kind.removesuffix(" twice").removesuffix(" below 0")
    sequence(tmp_path / "train" / "A-01", 3, *SECOND)
    spoil(tmp_path / "train" / "A-01")
    with pytest.raises(InputError, match=rf"{message}.*--on-error skip$"):
        convert("mot20", tmp_path, tmp_path)
    assert not (tmp_path / "annotations").exists()
    train, conversion = converted("mot20", tmp_path, "skip")["train"]
    assert kind in conversion.faults
    assert conversion.faults[kind] == 1
    assert len(train["annotations"]) in (2, 3, 4)


BAD_SEQUENCES = {
    "no seqinfo": ("seqinfo.ini", None, r"A-02/seqinfo\.ini: not found"),
    "no rows": ("gt/gt.txt", "", r"A-02/gt/gt\.txt: holds no ground truth"),
    "no ground truth": ("gt/gt.txt", None, r"A-02/gt/gt\.txt: no such file"),
    "other columns": ("gt/gt.txt", "1 2 3\n", r"A-02/gt/gt\.txt:1: has 1 columns"),
}


@pytest.mark.parametrize("case", BAD_SEQUENCES)
def test_bad_sequences_stop_or_are_left_out(tmp_path, case):
    file, content, message = BAD_SEQUENCES[case]
    for name in ("A-01", "A-02"):
        sequence(tmp_path / "train" / name, 3, *SECOND)
    path = tmp_path / "train" / "A-02" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=message):
        convert("mot20", tmp_path, tmp_path)
    train, conversion = converted("mot20", tmp_path, "skip")["train"]
    assert conversion.faults == {"file or sequence as a whole": 1}
    assert len(train["images"]) == 3


def test_short_sequences_have_no_second_half(tmp_path):
    sequence(tmp_path / "train" / "A-01", 2, *SECOND[:2])
    with pytest.raises(InputError, match=r"A-01: a sequence of 2 frames has no half 'val'"):
        convert("mot20", tmp_path, tmp_path)
    assert list(converted("mot20", tmp_path, "skip")) == ["train", "train_half"]


def test_sequences_without_images(tmp_path):
    for name in ("A-01", "A-02"):
        sequence(tmp_path / "train" / name, 3, *SECOND)
    for path in (tmp_path / "train" / "A-02" / "img1").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="image 1 of 3 is missing"):
        convert("mot20", tmp_path, tmp_path)
    train, conversion = converted("mot20", tmp_path, "skip")["train"]
    assert len(train["images"]) == 3
    assert conversion.faults["empty sequence"] == 1
    assert "A-02: has no images" in conversion.examples["empty sequence"]


def test_images_keep_their_own_size(tmp_path):
    sequence(tmp_path / "train" / "A-01", 3, *SECOND)
    _other_size(tmp_path / "train" / "A-01")
    train, conversion = converted("mot20", tmp_path, "skip")["train"]
    assert [row[6:] for row in image_rows(train)] == [(100, 50), (90, 40), (100, 50)]
    assert conversion.mended == {"wrong image size"}


def test_other_folders_are_no_sequences(tmp_path):
    sequence(tmp_path / "A-01", 3, *SECOND)
    image(tmp_path / "A-01" / "img1" / "._000001.jpg")
    for name in ("annotations", ".cache", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / ".cache" / "gt").mkdir()
    train, _ = converted("mot20", tmp_path)["train"]
    assert [video["file_name"] for video in train["videos"]] == ["A-01"]
    assert [video["file_name"] for video in converted("mot20", tmp_path)["train"][0]["videos"]] == [
        "A-01"
    ]


def test_mot17_has_detectors_in_its_names(tmp_path):
    for name in ("A-01", "A-02"):
        sequence(tmp_path / "train" / name, 3, *SECOND)
    message = r"train: none of its 2 sequences is called \*-FRCNN \(first: A-01\); .* mot20 or"
    with pytest.raises(InputError, match=message):
        convert("mot17", tmp_path, tmp_path)
    sequence(tmp_path / "test" / "A-03", 1)
    assert list(converted("mot17", tmp_path, "skip")) == ["test"]


@pytest.mark.parametrize(("length", "right"), [(30, True), (31, False), (10_000_000, False)])
def test_lengths_without_images_are_checked_by_the_ground_truth(tmp_path, length, right):
    sequence(tmp_path / "train" / "A-01", 3, *SECOND, images=False)
    path = tmp_path / "train" / "A-01" / "seqinfo.ini"
    path.write_text(path.read_text().replace("seqLength=3", f"seqLength={length}"))
    if right:
        assert len(converted("mot20", tmp_path)["train"][0]["images"]) == length
    else:
        message = rf"A-01/seqinfo\.ini: seqLength is {length}, but the last frame of gt\.txt is 3"
        with pytest.raises(InputError, match=message):
            convert("mot20", tmp_path, tmp_path)


def test_no_images_are_invented(tmp_path):
    sequence(tmp_path / "train" / "A-01", 3, *SECOND)
    sequence(tmp_path / "test" / "A-02", 3, images=False)
    with pytest.raises(InputError, match=r"A-02: has neither ground truth nor the folder img1"):
        convert("mot20", tmp_path, tmp_path)
    assert "test" not in converted("mot20", tmp_path, "skip")


def test_images_count_from_1(tmp_path):
    sequence(tmp_path / "train" / "A-01", 3, *SECOND)
    image(tmp_path / "train" / "A-01" / "img1" / "000000.jpg")
    with pytest.raises(InputError, match=r"000000\.jpg: the sequence has frames 1 to 3"):
        convert("mot20", tmp_path, tmp_path)
