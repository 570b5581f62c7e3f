import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.formats.mot import (
    SequenceInfo,
    half_frames,
    list_sequences,
    open_tracks,
    read_detections,
    read_ground_truth,
    read_sequence_info,
    read_tracks,
    write_detections,
    write_embeddings,
    write_ground_truth,
    write_sequence_info,
    write_tracks,
)
from yolox.structures import DetectionTable, InputError, Tracks, TrackTable, TruthTable


def _file(folder, content, name="a.txt"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


INFO = "[Sequence]\nseqLength={length}\nimWidth=9\nimHeight=9\nframeRate=30\nname=50%\n"


def test_empty_files(tmp_path):
    empty = _file(tmp_path, "")
    assert len(read_tracks(empty)) == 0
    assert len(read_detections(empty)) == 0
    with pytest.raises(InputError, match="holds no ground truth"):
        read_ground_truth(empty)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.txt: no such file"):
        read_tracks(tmp_path / "gone.txt")
    with pytest.raises(InputError, match=r"seqinfo\.ini: not found"):
        read_sequence_info(tmp_path / "seqinfo.ini")
    with pytest.raises(InputError, match="no such folder"):
        list_sequences(tmp_path / "gone")


def test_detections_keep_class_and_file_order_within_a_frame(tmp_path):
    path = _file(tmp_path, "2,-1,0,0,5,5,0.5,3\n1,-1,9,0,5,5,0.6,2\n1,-1,1,0,5,5,0.7,-1\n")
    table = read_detections(path)
    assert table.frames.tolist() == [1, 1, 2]
    assert table.boxes[:, 0].tolist() == [9, 1, 0]
    assert table.class_ids.tolist() == [2, 0, 3]
    with pytest.raises(InputError, match=r"a\.txt:1: column 7 is 93; scores lie in"):
        read_detections(_file(tmp_path, "1,-1,0,0,5,5,93\n"))


def test_rows_of_a_frame_keep_their_order(tmp_path):
    lines = [f"{frame},-1,{x},0,5,5,0.5\n" for x in range(40) for frame in (2, 1)]
    table = read_detections(_file(tmp_path, "".join(lines)))
    assert table.boxes[:40, 0].tolist() == list(range(40))
    assert table.boxes[40:, 0].tolist() == list(range(40))


def test_folders_with_the_name_of_a_file(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(InputError, match=r"a\.txt: is not a file"):
        read_tracks(tmp_path / "a.txt")


def test_writing_detections_removes_stale_embeddings(tmp_path):
    table = read_detections(_file(tmp_path, "1,-1,9,0,5,5,0.6\n"))
    np.save(tmp_path / "b.npy", np.eye(1, dtype=np.float32))
    write_detections(tmp_path / "b.txt", table)
    assert not (tmp_path / "b.npy").exists()


def test_embeddings_follow_their_rows(tmp_path):
    path = _file(tmp_path, "2,-1,0,0,5,5,0.5\n1,-1,9,0,5,5,0.6\n")
    np.save(tmp_path / "a.npy", np.eye(2, dtype=np.float32))
    table = read_detections(path)
    assert table.embeddings is not None
    assert table.embeddings.tolist() == [[0, 1], [1, 0]]
    assert table.at(2).embeddings.tolist() == [[1, 0]]
    np.save(tmp_path / "a.npy", np.eye(3, dtype=np.float32))
    with pytest.raises(InputError, match=r"a\.npy: embeddings have shape \(3, 3\); give \(2, D\)"):
        read_detections(path)
    np.save(tmp_path / "a.npy", np.array([[1, 0], [3, 4]], dtype=np.float32))
    with pytest.raises(InputError, match=r"a\.npy: embeddings\[1\] has length 5"):
        read_detections(path)
    for dtype in (np.float64, np.int32, str):
        np.save(tmp_path / "a.npy", np.eye(2).astype(dtype))
        with pytest.raises(InputError, match=r"a\.npy: holds .*; save one float32 array"):
            read_detections(path)
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, np.eye(2))
    with pytest.raises(InputError, match=r"a\.npy: holds an archive"):
        read_detections(path)
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"a\.npy: .*numpy\.save"):
        read_detections(path)


def test_ground_truth_of_mot15_and_mot17(tmp_path):
    mot17 = read_ground_truth(_file(tmp_path, "1,5,0,0,9,9,1,1,0.25\n1,6,0,0,9,9,0,7,1\n"))
    assert mot17.considered.tolist() == [True, False]
    assert mot17.class_ids.tolist() == [1, 7]
    assert mot17.visibility.tolist() == [0.25, 1]
    with pytest.raises(InputError, match=r"a\.txt:1: column 7 is 0\.9; a row is considered"):
        read_ground_truth(_file(tmp_path, "1,5,0,0,9,9,0.9,1,1\n"))
    mot15 = read_ground_truth(_file(tmp_path, "1,5,0,0,9,9,1,-1,-1,-1\n"))
    assert mot15.class_ids.tolist() == [1]
    assert mot15.visibility.tolist() == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[Sequence]\nname=a\nimWidth=9\nimHeight=9\nframeRate=30\n", r"'seqLength' is missing"),
        ("[Other]\n", r"'Sequence' is missing"),
        ("[Sequence]\nseqLength=ten\nimWidth=9\nimHeight=9\nframeRate=30\n", r"'ten'"),
        ("name=a\n", r"no section headers"),
        (INFO.format(length=0), r"the length is 0; give one above 0"),
        (INFO.format(length=9).replace("imWidth=9", "imWidth=-5"), r"the width is -5"),
        (INFO.format(length=10**400), r"the length is 1000"),
    ],
)
def test_broken_sequence_info(tmp_path, content, message):
    with pytest.raises(InputError, match=rf"seqinfo\.ini: .*{message}"):
        read_sequence_info(_file(tmp_path, content, "seqinfo.ini"))


def test_sequence_info_round_trip(tmp_path):
    info = SequenceInfo("MOT17-05-FRCNN", 837, 640, 480, 14.0)
    write_sequence_info(tmp_path / "a" / "seqinfo.ini", info)
    assert read_sequence_info(tmp_path / "a" / "seqinfo.ini") == info
    other = info._replace(image_folder="images", image_suffix=".png")
    write_sequence_info(tmp_path / "a" / "seqinfo.ini", other)
    assert read_sequence_info(tmp_path / "a" / "seqinfo.ini") == other


# The validation halves of MOT17 by ByteTrack's rule.
@pytest.mark.parametrize(
    ("length", "expected"),
    [(600, 299), (1050, 524), (837, 418), (525, 262), (654, 326), (900, 449), (750, 374)],
)
def test_half_is_byte_tracks(length, expected):
    first, last = half_frames(length, "val")
    assert last - first + 1 == expected
    assert half_frames(length, "train") == (1, first - 1)
    assert half_frames(length, "all") == (1, length)


@pytest.mark.parametrize(("length", "half"), [(1, "val"), (0, "train"), (0, "val")])
def test_too_short_for_a_half(length, half):
    with pytest.raises(InputError, match=f"{length} frames has no half '{half}'"):
        half_frames(length, half)
    assert half_frames(length, "all") == (1, length)


def test_list_sequences_by_pattern(tmp_path):
    for name in ("MOT17-04-SDP", "MOT17-02-FRCNN", "MOT17-04-FRCNN"):
        _file(tmp_path, "", f"{name}.txt")
    assert list_sequences(tmp_path, ["*-FRCNN"]) == ["MOT17-02-FRCNN", "MOT17-04-FRCNN"]
    with pytest.raises(InputError, match="fits 'MOT20-\\*'; it holds MOT17-02"):
        list_sequences(tmp_path, ["*-SDP", "MOT20-*"])


coordinates = st.floats(-3000, 3000)
sizes = st.floats(0, 3000)
rows = st.lists(
    st.tuples(st.integers(1, 30), coordinates, coordinates, sizes, sizes, st.floats(0, 1)),
    max_size=20,
)


@given(rows)
def test_what_is_written_is_read(tmp_path_factory, rows):
    rows = sorted(rows, key=lambda row: row[0])
    array = np.array(rows, dtype=float).reshape(-1, 6)
    columns = {
        "frames": array[:, 0].astype(int),
        "boxes": np.concatenate([array[:, 1:3], array[:, 1:3] + array[:, 3:5]], axis=1),
    }
    count = len(rows)
    folder = tmp_path_factory.mktemp("round_trip")
    found = DetectionTable(**columns, scores=array[:, 5], class_ids=np.arange(count) % 3)
    tracks = TrackTable(
        **columns, ids=np.arange(count), scores=array[:, 5], class_ids=np.zeros(count, int)
    )
    truth = TruthTable(
        **columns,
        ids=np.arange(count),
        considered=np.arange(count) % 2 == 0,
        class_ids=np.arange(count) % 13 + 1,
        visibility=array[:, 5],
    )
    write_detections(folder / "d.txt", found)
    write_tracks(folder / "t.txt", tracks)
    _same(read_detections(folder / "d.txt"), found, ("frames", "class_ids"), ("boxes", "scores"))
    _same(read_tracks(folder / "t.txt"), tracks, ("frames", "ids"), ("boxes", "scores"))
    if count:
        write_ground_truth(folder / "g.txt", truth)
        exact = ("frames", "ids", "considered", "class_ids")
        _same(read_ground_truth(folder / "g.txt"), truth, exact, ("boxes", "visibility"))


def _same(read, written, exact, rounded):
    for column in exact:
        np.testing.assert_array_equal(getattr(read, column), getattr(written, column))
    for column in rounded:
        np.testing.assert_allclose(getattr(read, column), getattr(written, column), atol=0.0101)


def test_a_hundred_thousand_rows(tmp_path):
    frames = np.repeat(np.arange(1, 1001), 100)
    lines = (f"{frame},{i % 100},10,20,30,40,0.5,-1,-1,-1\n" for i, frame in enumerate(frames))
    table = read_tracks(_file(tmp_path, "".join(lines)))
    assert len(table) == 100_000
    assert table.rows_of(500) == slice(49_900, 50_000)


def test_tracks_frame_by_frame_are_written_as_at_once(tmp_path):
    tracks = [
        Tracks(
            ids=np.arange(1, count + 1),
            boxes=np.array([[k, 0.126, k + 5, 9] for k in range(count)], float).reshape(-1, 4),
            scores=np.full(count, 0.51234),
            class_ids=np.zeros(count, dtype=np.int64),
            detection_indices=np.arange(count),
        )
        for count in (2, 0, 1)
    ]
    write_tracks(tmp_path / "whole.txt", TrackTable.from_frames(tracks))
    with open_tracks(tmp_path / "new" / "live.txt") as write:
        for frame, some in enumerate(tracks, start=1):
            write(frame, some)
        assert not (tmp_path / "new" / "live.txt").exists()
    assert (tmp_path / "new" / "live.txt").read_text() == (tmp_path / "whole.txt").read_text()
    assert (tmp_path / "whole.txt").read_text().startswith("1,1,0.00,0.13,5.00,8.87,0.5123,-1,")


def test_embeddings_are_written_in_the_order_of_the_file(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("2,-1,0,0,5,5,0.9\n1,-1,0,0,5,5,0.8\n2,-1,0,0,5,5,0.7\n")
    looks = np.eye(3, dtype=np.float32)  # of the rows by frame: the second, the first, the third
    write_embeddings(tmp_path / "a.npy", file, looks)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), looks[[1, 0, 2]])
    np.testing.assert_array_equal(read_detections(file).embeddings, looks)


def test_embeddings_from_elsewhere_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"b\.npy: no such file; give a folder of embeddings .*a"):
        read_detections(tmp_path / "a.txt", tmp_path / "b.npy")
