import numpy as np

from yolox.structures import Tracks, TrackTable


def _tracks(*ids):
    count = len(ids)
    boxes = np.array([[10.0 * i, 0, 10.0 * i + 4, 8] for i in range(count)]).reshape(-1, 4)
    return Tracks(
        np.array(ids, int), boxes, np.full(count, 0.5), np.arange(count), np.arange(count)
    )


def test_iterating_gives_single_tracks():
    first, second = _tracks(3, 7)
    assert (first.track_id, second.track_id, second.class_id, second.detection_index) == (
        3,
        7,
        1,
        1,
    )
    assert second.tlbr.tolist() == [10, 0, 14, 8]
    assert second.tlwh.tolist() == [10, 0, 4, 8]
    assert isinstance(second.score, float)


def test_table_from_frames_counts_frames_from_one():
    table = TrackTable.from_frames([_tracks(1), _tracks(), _tracks(1, 2)])
    assert table.frames.tolist() == [1, 3, 3]
    assert table.ids.tolist() == [1, 1, 2]
    assert len(TrackTable.from_frames([_tracks(), _tracks()])) == 0
    assert TrackTable.from_frames([]).last_frame == 0


def test_cut_renumbers_from_one():
    table = TrackTable.from_frames([_tracks(1), _tracks(1), _tracks(1, 2), _tracks(2)]).cut(3, 4)
    assert table.frames.tolist() == [1, 1, 2]
    assert table.ids.tolist() == [1, 2, 2]
    assert table.rows_of(1) == slice(0, 2)
    assert table.rows_of(5) == slice(3, 3)
