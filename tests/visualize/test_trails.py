import numpy as np

from yolox.structures import Tracks
from yolox.visualize.trails import RecentTracks


def tracks(*ids):
    count = len(ids)
    return Tracks(
        ids=np.array(ids, dtype=np.int64),
        boxes=np.array([[k, 0, k + 5, 9] for k in ids], dtype=np.float64).reshape(-1, 4),
        scores=np.full(count, 0.5),
        class_ids=np.full(count, 2, dtype=np.int64),
        detection_indices=np.arange(count),
    )


def test_only_the_last_frames_are_remembered():
    recent = RecentTracks(2)
    seen = [
        recent.add(frame, tracks(*ids)) for frame, ids in enumerate([(1,), (), (1, 2), (7,)], 1)
    ]
    assert [table.frames.tolist() for table in seen] == [[1], [1], [1, 3, 3], [3, 3, 4]]
    assert [table.ids.tolist() for table in seen] == [[1], [1], [1, 1, 2], [1, 2, 7]]
    assert seen[-1].boxes[:, 0].tolist() == [1, 2, 7]
    assert seen[-1].class_ids.tolist() == [2, 2, 2]


def test_nothing_before_the_frame_at_hand():
    recent = RecentTracks(0)
    recent.add(1, tracks(1))
    assert recent.add(2, tracks(3)).ids.tolist() == [3]


def test_nobody_yet():
    table = RecentTracks(5).add(1, tracks())
    assert len(table) == 0
    assert table.boxes.shape == (0, 4)
