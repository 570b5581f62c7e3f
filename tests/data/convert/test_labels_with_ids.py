import pytest
from data.convert.miniatures import box_rows, converted, identity_rows, image, image_rows, text

from yolox.data.convert import convert
from yolox.structures import InputError

ROW = "0 5 0.5 0.5 0.2 0.4"  # 100 × 50: centre 50, 25; 20 × 20


def _labelled(folder, name, *rows, size=(100, 50)):
    image(folder.parent / folder.name / f"{name}.png", *size)
    labels = str(folder).replace("images", "labels_with_ids")
    text(type(folder)(labels) / f"{name}.txt", *rows)


def test_citypersons_takes_the_list_and_no_ids(tmp_path):
    root = tmp_path / "Cityscapes"
    jena = root / "images" / "train" / "jena"
    _labelled(jena, "a", ROW)
    _labelled(jena, "b", "0 -1 0.1 0.2 0.4 0.8", size=(200, 100))
    _labelled(root / "images" / "val", "c", ROW)
    text(
        tmp_path / "data_path" / "citypersons.train",
        "Cityscapes/images/train/jena/b.png",
        "Cityscapes/images/train/jena/a.png",
    )
    train, conversion = converted("citypersons", root)["train"]
    assert train["info"]["image_root"] == ".."
    assert train["videos"] == [{"id": 1, "file_name": "Cityscapes"}]
    assert image_rows(train) == [
        (1, "images/train/jena/b.png", 1, -1, -1, 1, 200, 100),
        (2, "images/train/jena/a.png", 2, -1, -1, 1, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 1, 1, -1, [-20, -20, 80, 80], 6400, 1, 0),
        (2, 2, 1, -1, [40, 15, 20, 20], 400, 1, 0),
    ]
    assert train["identities"] == []
    assert not conversion.faults


def test_ethz_without_a_list_is_all_images(tmp_path):
    for name in ("eth01", "eth02"):
        _labelled(tmp_path / name / "images", "image_00000001_0", ROW)
    image(tmp_path / "eth02" / "images" / "image_00000002_0.png")
    text(tmp_path / "eth02" / "images" / "._image_00000002_0.png", "macOS")
    train, conversion = converted("ethz", tmp_path)["train"]
    assert image_rows(train) == [
        (1, "eth01/images/image_00000001_0.png", 1, -1, -1, 1, 100, 50),
        (2, "eth02/images/image_00000001_0.png", 2, -1, -1, 1, 100, 50),
        (3, "eth02/images/image_00000002_0.png", 3, -1, -1, 1, 100, 50),
    ]
    assert [row[3] for row in box_rows(train)] == [-1, -1]
    assert conversion.notes == {"images without a label file, kept without boxes": 1}
    assert not conversion.by_rule


def test_ids_are_of_the_whole_data_set(tmp_path):
    root = tmp_path / "own"
    _labelled(root / "images" / "x", "1", ROW, "0 -1 0.2 0.5 0.2 0.4")
    _labelled(root / "images" / "x", "2", "0 6 0.5 0.5 0.2 0.4")
    _labelled(root / "images" / "y", "1", "0 5.000000 5e-1 0.5 0.2 0.4")
    _labelled(root / "images" / "z", "1", "0 -1 0.5 0.5 0.2 0.4")
    _labelled(root / "images" / "z", "2")
    train, _ = converted("labels_with_ids", root)["train"]
    assert [video["file_name"] for video in train["videos"]] == ["images/x", "images/y", "images/z"]
    assert image_rows(train) == [
        (1, "images/x/1.png", 1, -1, 2, 1, 100, 50),
        (2, "images/x/2.png", 2, 1, -1, 1, 100, 50),
        (3, "images/y/1.png", 1, -1, -1, 2, 100, 50),
        (4, "images/z/1.png", 1, -1, -1, 3, 100, 50),
        (5, "images/z/2.png", 2, -1, -1, 3, 100, 50),
    ]
    assert box_rows(train) == [
        (1, 1, 1, 1, [40, 15, 20, 20], 400, 1, 0),
        (2, 1, 1, -1, [10, 15, 20, 20], 400, 1, 0),
        (3, 2, 1, 2, [40, 15, 20, 20], 400, 1, 0),
        (4, 3, 1, 1, [40, 15, 20, 20], 400, 1, 0),
        (5, 4, 1, -1, [40, 15, 20, 20], 400, 1, 0),
    ]
    assert identity_rows(train) == [
        (1, "labels_with_ids", "own", 5),
        (2, "labels_with_ids", "own", 6),
    ]


def test_id_0_is_somebody(tmp_path):
    _labelled(tmp_path / "images", "1", "0 0 0.5 0.5 0.2 0.4", "0 -7 0.5 0.5 0.2 0.4")
    train, _ = converted("labels_with_ids", tmp_path)["train"]
    assert [row[3] for row in box_rows(train)] == [1, -1]


def test_folders_in_folders_are_videos_of_their_own(tmp_path):
    for name in ("a/1", "a/b/1", "a/c"):
        folder, _, stem = name.rpartition("/")
        _labelled(tmp_path / "images" / folder, stem, ROW)
    train, _ = converted("labels_with_ids", tmp_path)["train"]
    assert [video["file_name"] for video in train["videos"]] == ["images/a", "images/a/b"]
    files = [record["file_name"] for record in train["images"]]
    assert files == ["images/a/1.png", "images/a/c.png", "images/a/b/1.png"]


BAD = {
    "0 5 0.5 0.5 0.2": ("wrong row", r"a\.txt:2: has 5 columns; give class, id, x of the centre"),
    "0 5 0.5 nan 0.2 0.4": ("wrong row", r"a\.txt:2: y of the centre is 'nan'; give a finite"),
    "0 5.5 0.5 0.5 0.2 0.4": ("wrong row", r"a\.txt:2: id is '5\.5'; give a whole number"),
    "0 inf 0.5 0.5 0.2 0.4": ("wrong row", r"a\.txt:2: id is 'inf'; give a whole number"),
    "0 1e400 0.5 0.5 0.2 0.4": ("wrong row", r"a\.txt:2: id is '1e400'; give a whole number"),
    "0 5 0.5 0.5 inf 0.4": ("wrong row", r"a\.txt:2: width is 'inf'; give a finite number"),
    "3 5 0.5 0.5 0.2 0.4": ("wrong row", r"a\.txt:2: class is 3; people are 0"),
    "0 5 500 250 20 20": ("box outside the image", r"a\.txt:2: the box .* are the units right"),
    "0 5 0.5 0.5 0 0.4": ("box without size", r"a\.txt:2: width and height are 0 and 20"),
    "0 5 0.4 0.5 0.2 0.4": ("id clash", r"a\.txt:2: id 5 stands twice in frame 1"),
}


@pytest.mark.parametrize("row", BAD)
def test_bad_rows_stop_or_are_counted(tmp_path, row):
    kind, message = BAD[row]
    _labelled(tmp_path / "images", "a", ROW, row)
    with pytest.raises(InputError, match=message):
        convert("labels_with_ids", tmp_path, tmp_path)
    train, conversion = converted("labels_with_ids", tmp_path, "skip")["train"]
    assert conversion.faults == {kind: 1}
    assert len(train["annotations"]) == 1


def test_lists_name_images_that_are_there(tmp_path):
    root = tmp_path / "ETHZ"
    _labelled(root / "eth01" / "images", "a", ROW)
    text(root / "eth.train", "ETHZ/eth01/images/a.png", "ETHZ/eth01/images/b.png")
    with pytest.raises(InputError, match=r"eth01/images/b\.png: no such image"):
        convert("ethz", root, root)
    train, conversion = converted("ethz", root, "skip")["train"]
    assert len(train["images"]) == 1
    assert conversion.faults == {"missing image": 1}
    text(root / "eth.train", "a.png")
    with pytest.raises(InputError, match=r"eth\.train:1: is 'a\.png'; give FOLDER"):
        convert("ethz", root, root)
