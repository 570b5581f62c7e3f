import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracker.random_scenes import random_scene

from yolox.structures import Detections, InputError
from yolox.tracker.hybrid_sort import HybridSort
from yolox.tracker.ocsort import OCSort
from yolox.tracker.sort import Sort

BOX = [100.0, 100.0, 140.0, 200.0]


def _one(box=BOX, score=0.9):
    return Detections([box], [score])


def _ids(tracker, frames):
    return [tracker.update(frame).ids.tolist() for frame in frames]


def test_at_the_start_tracks_are_put_out_at_once():
    assert _ids(Sort(min_hits=2), [_one(), _one(), _one()]) == [[1], [1], [1]]


def test_later_a_track_must_prove_itself():
    frames = [Detections.empty()] * 3 + [_one()] * 4
    assert _ids(Sort(), frames) == [[], [], [], [], [], [], [1]]


def test_a_track_ages_out():
    for gap, expected in ((2, [1]), (3, [2])):
        frames = [_one()] * 3 + [Detections.empty()] * gap + [_one()] * 2
        assert _ids(Sort(max_age=2, min_hits=0), frames)[-1] == expected


def test_weak_detections_and_overlaps_do_not_count():
    assert _ids(Sort(), [_one(score=0.6)]) == [[]]
    far = [x + 30 if i % 2 == 0 else x for i, x in enumerate(BOX)]  # IoU 1/7
    assert _ids(Sort(min_hits=0), [_one(), _one(far)]) == [[1], [2]]
    assert _ids(Sort(min_hits=0, iou_thresh=0.1), [_one(), _one(far)]) == [[1], [1]]


def test_a_steady_walker_is_followed_and_predicted():
    tracker = Sort()
    walk = [_one([x, 100, x + 40, 200]) for x in np.arange(0.0, 200, 5)]
    assert _ids(tracker, walk)[-1] == [1]
    gone = [Detections.empty()] * 10
    assert _ids(tracker, [*gone, _one([250, 100, 290, 200])])[-1] == []
    assert tracker._tracks["id"].tolist() == [1]


@given(st.lists(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2, *[st.floats(0, 1e4)] * 2))))
def test_any_detections_give_sound_tracks(video):
    tracker = Sort(max_age=2)
    for frame in video:
        array = np.array(frame).reshape(-1, 4)
        boxes = np.c_[array[:, :2], array[:, :2] + array[:, 2:]]
        tracks = tracker.update(Detections(boxes, np.full(len(boxes), 0.9)))
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()


@pytest.mark.parametrize("algorithm", [Sort, OCSort, HybridSort])
@pytest.mark.parametrize("seed", range(4))
def test_class_aware_is_a_tracker_for_each_class(algorithm, seed):
    rng = np.random.default_rng(seed)
    table, length = random_scene(rng)
    together, names = algorithm(class_aware=True), {}
    apart = {each: algorithm() for each in np.unique(table.class_ids)}
    assert len(apart) > 1
    for frame in range(1, length + 1):
        found = table.at(frame)
        tracks = together.update(found)
        count = 0
        for each, tracker in apart.items():
            rows = np.flatnonzero(found.class_ids == each)
            expected = tracker.update(found.take(rows))
            by_row = dict(zip(tracks.detection_indices, tracks.ids, strict=True))
            for row, name in zip(expected.detection_indices, expected.ids, strict=True):
                assert names.setdefault((each, name), by_row[rows[row]]) == by_row[rows[row]]
            count += len(expected)
        assert len(tracks) == count
    assert len(set(names.values())) == len(names)


def test_parameters_out_of_range():
    with pytest.raises(InputError, match="iou_thresh is 30"):
        Sort(iou_thresh=30)


def test_the_example_of_a_tracker_of_ones_own(root):
    page = (root / "docs" / "trackers" / "sort.md").read_text()
    names = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    tracker = names["Newcomers"].create({"least_score": 0.7})
    assert _ids(tracker, [_one(), _one(score=0.6), _one()]) == [[1], [], [2]]
    tracker.update(_one(), dt=2, camera_motion=np.eye(2, 3))
    assert tracker.time == 5
