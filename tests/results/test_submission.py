import zipfile

import numpy as np
import pytest

from yolox.formats.mot import list_sequences, read_tracks, track_lines, write_tracks
from yolox.metrics.tracking import ScoredSequence, evaluate
from yolox.results.benchmarks import Extent
from yolox.results.submission import (
    check_results,
    clip_boxes,
    format_contents,
    format_faults,
    read_faults,
    write_zip,
)
from yolox.structures import TrackTable, TruthTable

ROW = "1,1,10,20,30,40,0.9,-1,-1,-1\n"
SMALL = Extent(8, 100, 80)


def _write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.txt").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("present", "sources"),
    [
        (["MOT17-01"], ["MOT17-01"] * 3),
        (["MOT17-01-SDP"], ["MOT17-01-SDP"] * 3),
        (["MOT17-01-DPM", "MOT17-01-FRCNN", "MOT17-01-SDP"],
         ["MOT17-01-DPM", "MOT17-01-FRCNN", "MOT17-01-SDP"]),
        (["MOT17-01", "MOT17-01-SDP"], ["MOT17-01", "MOT17-01", "MOT17-01-SDP"]),
        (["MOT17-01-FRCNN", "MOT17-01-SDP"],
         ["MOT17-01-FRCNN", "MOT17-01-FRCNN", "MOT17-01-SDP"]),
    ],
)  # fmt: skip
def test_mot17_is_submitted_three_times(tmp_path, present, sources):
    for number, name in enumerate(present, start=1):
        (tmp_path / f"{name}.txt").write_text(ROW.replace("1,1,", f"1,{number},", 1))
    submission = check_results(tmp_path, {"MOT17-01": SMALL})
    assert not submission.faults
    assert [(entry.name, entry.source) for entry in submission.entries] == [
        (f"MOT17-01-{detector}", source)
        for detector, source in zip(("DPM", "FRCNN", "SDP"), sources, strict=True)
    ]
    for entry in submission.entries:
        assert entry.tracks.ids.tolist() == [present.index(entry.source) + 1]


def test_missing_and_unwanted_sequences(tmp_path):
    three = {f"MOT17-01-{detector}": ROW for detector in ("DPM", "FRCNN", "SDP")}
    _write(tmp_path, **three, **{"MOT17-01": ROW, "MOT17-02": ROW, "mot17-03": ROW})
    faults = check_results(tmp_path, {"MOT17-01": SMALL, "MOT17-03": SMALL}).faults
    assert faults == {
        "MOT17-03": [f"{tmp_path}/MOT17-03.txt: not found; track that sequence too"],
        "MOT17-01": [f"{tmp_path}/MOT17-01.txt: not needed beside those of the three detectors; "
                     "take it out"],
        "MOT17-02": [f"{tmp_path}/MOT17-02.txt: not wanted; take it out, or give the split that "
                     "has it (--split, --gt)"],
        "mot17-03": [f"{tmp_path}/mot17-03.txt: not wanted; take it out, or give the split that "
                     "has it (--split, --gt)"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("9,1,10,20,30,40,1", r": frame 9, id 1: the sequence has 8 frames; take the row out"),
        ("0,1,10,20,30,40,1", r":2: column 1 is 0; frames count from 1"),
        ("2,0,10,20,30,40,1", r": frame 2, id 0: ids count from 1; add 1 to all of them"),
        ("2,-1,10,20,30,40,1", r":2: column 2 is -1; ids may not be negative"),
        ("2,1.5,10,20,30,40,1", r":2: column 2 is 1.5; give a whole number"),
        ("1,1,10,20,30,40,1", r":2: column 2 is 1; the id stands twice in this frame"),
        ("2,1,nan,20,30,40,1", r":2: column 3 is nan; give a finite number"),
        ("2,1,10,20,0,40,1", r": frame 2, id 1: width and height must be above 0"),
        ("2,1,10,20,30,0.004,1", r": frame 2, id 1: width and height must be above 0"),
        ("2,1,10,20,30,-4,1", r":2: column 6 is -4; width and height may not be negative"),
        ("2,1,10,20,30,40,inf", r":2: column 7 is inf; give a finite number"),
        ("2,1,10,20,30", r":2: has 5 columns, the first row has 7"),
        ("2,1,10,20,30,x,1", r":2: column 6 is 'x'; give a number"),
    ],
)
def test_faults_of_rows(tmp_path, row, message):
    path = tmp_path / "a.txt"
    path.write_text(f"1,1,10,20,30,40,1\n{row}\n1,2,10,20,30,40,1\n")
    _, faults = read_faults(path, 8)
    assert len(faults) == 1
    assert message in faults[0]
    assert faults[0].startswith(str(path))


def test_a_class_that_is_none_leaves_its_row_out(tmp_path):
    (tmp_path / "a.txt").write_text("1,1,10,20,30,40,1,0.5\n2,1,10,20,30,40,1,2\n")
    table, faults = read_faults(tmp_path / "a.txt", 8)
    assert faults == [f"{tmp_path}/a.txt:1: column 8 is 0.5; give a whole number"]
    assert (table.frames.tolist(), table.class_ids.tolist()) == ([2], [2])


def test_a_file_that_cannot_be_read_is_one_fault(tmp_path):
    (tmp_path / "a.txt").write_text("1 1 10 20 30 40\n")
    assert "has 1 columns, comma-separated" in read_faults(tmp_path / "a.txt", 8)[1][0]
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    assert "is not text" in read_faults(tmp_path / "a.txt", 8)[1][0]


def test_all_faults_of_all_files_are_counted_and_the_first_shown(tmp_path):
    bad = "".join(f"{frame},0,1,1,2,nan,1\n{frame},0,1,1,2,2,1\n" for frame in range(1, 10))
    _write(tmp_path, a=ROW, b=bad, c="9,1,1,1,0,1,1\n")
    faults = check_results(tmp_path, dict.fromkeys("abc", SMALL)).faults
    # b: 9 x NaN, 9 x id 0, frame 9 beyond the end; c: frame 9 and no width.
    assert {name: len(found) for name, found in faults.items()} == {"b": 19, "c": 2}
    lines = format_faults(faults).splitlines()
    assert lines[0] == "b: 19 faults"
    assert lines[6] == "  and 14 more"
    assert lines[7] == "c: 2 faults"
    assert len(lines) == 10
    assert format_faults({"a": ["bad"]}) == "a: 1 fault\n  bad"


def test_notes(tmp_path):
    _write(
        tmp_path,
        empty="",
        half=ROW,
        classes="8,1,1,1,5,5,1,2,-1,-1\n8,2,1,1,5,5,1,3,-1,-1\n",
        wide="8,1,-5,70,200,30,1\n8,2,10,10,20,20,1\n",
    )
    names = ("empty", "half", "classes", "wide")
    submission = check_results(tmp_path, dict.fromkeys(names, SMALL))
    assert not submission.faults
    assert submission.notes == [
        "empty: no boxes at all",
        "half: ends with frame 1 of 8; results of a half?",
        "classes: has class 2, 3; the server takes every row for a pedestrian",
        "1 boxes reach beyond the image; right in MOT17, whose truth does so; --clip cuts",
    ]


def test_clip(tmp_path):
    rows = ["8,1,-5,70,200,30,1", "8,2,10,10,20,20,1", "8,3,100,5,20,20,1", "8,4,-30,5,30,20,1"]
    _write(tmp_path, a="\n".join(rows))
    submission = check_results(tmp_path, {"a": SMALL}, clip=True)
    assert submission.notes == ["3 boxes reach beyond the image; cut, 2 of them dropped"]
    tracks = submission.entries[0].tracks
    assert tracks.ids.tolist() == [1, 2]
    np.testing.assert_array_equal(tracks.boxes, [[0, 70, 100, 80], [10, 10, 30, 30]])
    inside = clip_boxes(tracks, SMALL)
    np.testing.assert_array_equal(inside.boxes, tracks.boxes)


def test_the_zip_is_flat_and_always_the_same(tmp_path):
    _write(tmp_path / "r", a="1,1,10.126,20,30,40,0.99999\n2,1,10,20,30,40,-1\n", b="")
    entries = check_results(tmp_path / "r", {"b": SMALL, "a": SMALL}).entries
    for name in ("one.zip", "two.zip"):
        write_zip(tmp_path / name, entries)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["a.txt", "b.txt"]
        assert archive.getinfo("a.txt").date_time == (1980, 1, 1, 0, 0, 0)
        assert archive.read("a.txt").decode() == (
            "1,1,10.13,20.00,30.00,40.00,1.0000,-1,-1,-1\n"
            "2,1,10.00,20.00,30.00,40.00,-1.0000,-1,-1,-1\n"
        )
        assert archive.read("b.txt") == b""
    first = format_contents(entries).splitlines()[2].split()
    assert first == ["a", "a", "8", "2", "1"]


def _random_sequence(rng, length=8):
    """Truth, and tracks that are like it: moved a little, with rows and ids missing or switched."""
    frames = np.repeat(np.arange(1, length + 1), 3)
    ids = np.tile([1, 2, 3], length)
    corner = rng.uniform(0, 500, (3, 2))[ids - 1] + 4.0 * frames[:, None]
    boxes = np.c_[corner, corner + 50]
    ones = np.ones(len(ids), dtype=np.int64)
    truth = TruthTable(frames=frames, boxes=boxes, ids=ids, considered=ones == 1, class_ids=ones,
                       visibility=ones)  # fmt: skip
    kept = rng.random(len(ids)) < 0.8
    tracks = TrackTable(
        frames=frames[kept],
        boxes=boxes[kept] + rng.normal(0, 6, (kept.sum(), 1)),
        ids=(ids + (frames > length // 2) * rng.integers(0, 2) * 3)[kept],
        scores=rng.random(kept.sum()),
        class_ids=0 * ids[kept],
    )
    return truth, tracks


def test_unzipped_results_score_as_the_folder_does(tmp_path):
    rng = np.random.default_rng(0)
    names = [f"dancetrack000{number}" for number in (1, 2)]
    truths = {}
    for name in names:
        truths[name], tracks = _random_sequence(rng)
        write_tracks(tmp_path / "r" / f"{name}.txt", tracks)
    entries = check_results(tmp_path / "r", dict.fromkeys(names, SMALL)).entries
    write_zip(tmp_path / "out.zip", entries)
    zipfile.ZipFile(tmp_path / "out.zip").extractall(tmp_path / "unzipped")
    scores = [_scores(truths, folder) for folder in (tmp_path / "r", tmp_path / "unzipped")]
    assert scores[0] == scores[1]
    assert 10 < scores[0]["COMBINED"]["HOTA"] < 95


def _scores(truths, folder):
    return evaluate({
        name: ScoredSequence(truth, read_tracks(folder / f"{name}.txt"), 8)
        for name, truth in truths.items()
    })  # fmt: skip


@pytest.mark.data
def test_real_results_come_out_as_they_went_in(shared_data, tmp_path):
    golden = shared_data / "mot17" / "golden_byte_half_val"
    expected = {
        name.removesuffix("-FRCNN"): Extent(read_tracks(golden / f"{name}.txt").last_frame)
        for name in list_sequences(golden)
    }
    submission = check_results(golden, expected)
    assert not submission.faults
    write_zip(tmp_path / "out.zip", submission.entries)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert len(archive.namelist()) == 21
        for name in archive.namelist():
            source = golden / (name[:8] + "-FRCNN.txt")
            table = read_tracks(source)
            assert archive.read(name).decode() == "".join(track_lines(table.frames, table))
