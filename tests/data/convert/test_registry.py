import pytest
from data.convert.miniatures import converted, sequence, text

from yolox.data.convert import CONVERTERS, convert, summarise
from yolox.structures import InputError

ROWS = ("1,7,1,2,3,4,1,1,1", "2,7,1,2,3,4,1,7,1", "3,8,1,2,3,4,1,1,0")


def test_unknown_names_and_folders(tmp_path):
    with pytest.raises(InputError, match=r"no converter 'mot18'; there are mot15, .* coco"):
        convert("mot18", tmp_path, tmp_path)
    with pytest.raises(InputError, match=r"gone: no such folder; give the folder of mot17"):
        convert("mot17", tmp_path / "gone", tmp_path)


@pytest.mark.parametrize("name", CONVERTERS)
def test_other_layouts_are_told_apart(tmp_path, name):
    text(tmp_path / "readme.txt", "nothing")
    with pytest.raises(InputError, match=f"is not laid out as {name} is: "):
        convert(name, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failure_leaves_old_files_whole_and_none_half(tmp_path):
    out = tmp_path / "out"
    sequence(tmp_path / "train" / "A-01", 3, *ROWS)
    converted("mot20", tmp_path, output=out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    text(tmp_path / "train" / "A-01" / "gt" / "gt.txt", *ROWS, "4,7,1,2,3,4,1,1,1")
    with pytest.raises(InputError, match="frame 4"):
        convert("mot20", tmp_path, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_image_roots_start_from_the_output(tmp_path):
    sequence(tmp_path / "set" / "train" / "A-01", 3, *ROWS)
    train, _ = converted("mot20", tmp_path / "set", output=tmp_path / "out")["train"]
    assert train["info"]["image_root"] == "../../set/train"
    assert (tmp_path / "out" / "train" / "A-01" / "gt" / "gt_val_half.txt").is_file()


def test_progress_is_told_of_all_sequences(tmp_path):
    seen = []

    def progress(items, what):
        for item in items:
            seen.append(what)
            yield item

    sequence(tmp_path / "train" / "A-01", 3, *ROWS)
    convert("mot20", tmp_path, tmp_path, progress=progress)
    assert seen == ["train", "train", "train", "halves"]


def test_summary(tmp_path):
    sequence(tmp_path / "train" / "A-01", 3, *ROWS, "1,9,1,2,0,4,1,1,1")
    sequence(tmp_path / "test" / "A-02", 1, images=False)
    (tmp_path / "test" / "A-02" / "img1").mkdir()
    lines = summarise(convert("mot20", tmp_path, tmp_path, on_error="skip")).splitlines()
    assert lines[0].split("  ")[0] == "file"
    assert [line.split() for line in lines[2:6]] == [
        ["train.json", "3", "2", "0", "2", "1", "1"],
        ["train_half.json", "2", "1", "0", "1", "1", "1"],
        ["val_half.json", "1", "1", "0", "1", "0", "0"],
        ["test.json", "0", "0", "0", "0", "0", "3"],
    ]
    assert "train.json: left out by rule: 1 static person" in lines
    assert any(
        line.startswith("train.json: left out: box without size, 1 times; first: ")
        and line.endswith("both must be above 0")
        for line in lines
    )
    assert "test.json: not written" in lines


def test_nothing_written_is_an_error_and_old_files_are_named(tmp_path):
    for split in ("train", "val"):
        sequence(tmp_path / split / "A-01", 3, *ROWS)
    converted("dancetrack", tmp_path)
    text(tmp_path / "train" / "A-01" / "gt" / "gt.txt", "x")
    results = convert("dancetrack", tmp_path, tmp_path, on_error="skip")
    line = "train.json: not written; the one there is of an earlier conversion"
    assert line in summarise(results).splitlines()
    text(tmp_path / "val" / "A-01" / "gt" / "gt.txt", "x")
    with pytest.raises(InputError) as error:
        convert("dancetrack", tmp_path, tmp_path, on_error="skip")
    assert str(error.value).startswith(
        f"{tmp_path}: nothing was written (train.json, val.json there: of an earlier conversion); "
        f"the first fault: {tmp_path}/train/A-01/gt/gt.txt:1: has 1 columns"
    )


def test_what_is_mended_is_not_called_left_out(tmp_path):
    sequence(tmp_path / "train" / "A-01", 3, *ROWS, "1,9,1,2,3,4,1,1,7")
    lines = summarise(convert("mot20", tmp_path, tmp_path, on_error="skip")).splitlines()
    assert any(
        line.startswith("train.json: mended: wrong visibility, 1 times; first: ") for line in lines
    )
