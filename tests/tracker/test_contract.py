"""What every tracker promises, whatever its algorithm."""

import os
import tracemalloc

import numpy as np
import pytest
from tracker.random_scenes import random_scene

from yolox.structures import Detections, DetectionTable, InputError
from yolox.tracker import available_trackers, native_trackers
from yolox.tracker.native import is_built

TRACKERS = [*available_trackers().values(), *(native_trackers().values() if is_built() else [])]
BOX = [100.0, 100.0, 140.0, 200.0]

# Of the test of memory; CONTRACT_FRAMES=100000 takes minutes a tracker.
FRAMES = int(os.environ.get("CONTRACT_FRAMES", "600"))

pytestmark = pytest.mark.parametrize("algorithm", TRACKERS, ids=lambda each: each.__name__)


def _row(count, score=0.9, class_id=0, shift=0.0):
    """People side by side who never meet, each looking like nobody else."""
    boxes = [[200.0 * i + shift, 0, 200.0 * i + 40 + shift, 100] for i in range(count)]
    return Detections(boxes, [score] * count, [class_id] * count, np.eye(max(count, 8))[:count])


def _scene(seed=5):
    """A walk of some people, each with an embedding, frame by frame."""
    rng = np.random.default_rng(seed)
    table, length = random_scene(rng)
    frames = []
    for frame in range(1, length + 1):
        found = table.at(frame)
        looks = rng.normal(size=(len(found), 16))
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        frames.append(Detections(found.boxes, found.scores, found.class_ids, looks))
    return frames


def _assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.boxes, expected.boxes)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.detection_indices, expected.detection_indices)


def _settled(algorithm, detections, frames=5):
    tracker = algorithm()
    for _ in range(frames):
        tracks = tracker.update(detections)
    return tracker, tracks


def test_a_frame_without_detections_is_a_frame(algorithm):
    tracker, _ = _settled(algorithm, _row(2))
    for _ in range(1000):
        tracks = tracker.update(Detections.empty())
        assert (tracks.detection_indices == -1).all()  # whoever is put out was predicted
    assert len(tracks) == 0
    assert tracker.frame == 1005
    assert tracker.time == 1005
    assert not set(_settled_ids(tracker)) & {1, 2}  # nobody is waited for that long


def _settled_ids(tracker):
    for _ in range(5):
        tracks = tracker.update(_row(2))
    return tracks.ids.tolist()


def test_a_first_frame_without_detections(algorithm):
    tracker = algorithm()
    assert len(tracker.update(Detections.empty())) == 0
    assert len(_settled_ids(tracker)) == 2


def test_a_single_detection(algorithm):
    _, tracks = _settled(algorithm, _row(1))
    assert len(tracks) == 1
    np.testing.assert_allclose(tracks.boxes, _row(1).boxes, atol=1e-6)
    assert tracks.scores.tolist() == [0.9]


def test_a_thousand_people(algorithm):
    rng = np.random.default_rng(0)
    tracker = algorithm()
    corner = rng.uniform(0, 5000, (1000, 2))
    looks = rng.normal(size=(1000, 16))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    for _ in range(5):
        corner = corner + rng.normal(0, 1, corner.shape)
        boxes = np.c_[corner, corner + np.array([20, 50])]
        tracks = tracker.update(Detections(boxes, [0.9] * 1000, None, looks))
    assert len(tracks) > 900
    assert len(set(tracks.ids.tolist())) == len(tracks)
    assert (np.diff(tracks.ids) > 0).all()


def test_ids_belong_to_the_instance(algorithm):
    ids = [_settled(algorithm, _row(3))[1].ids.tolist() for _ in range(2)]
    assert ids[0] == ids[1]
    assert min(ids[0]) == 1


def test_classes_and_detections_are_kept(algorithm):
    found = _row(3, class_id=7)
    _, tracks = _settled(algorithm, found)
    assert tracks.class_ids.tolist() == [7, 7, 7]
    np.testing.assert_allclose(tracks.boxes, found.boxes[tracks.detection_indices], atol=1e-6)
    assert sorted(tracks.detection_indices) == [0, 1, 2]


@pytest.mark.parametrize("class_aware", [False, True])
def test_a_class_aware_track_keeps_its_class(algorithm, class_aware):
    """Whoever is of another class in the same place is somebody else."""
    tracker = algorithm(class_aware=class_aware)
    for class_id in (0, 1):
        for _ in range(5):
            tracks = tracker.update(_row(2, class_id=class_id))
    seen = tracks.take(tracks.detection_indices >= 0)
    assert seen.class_ids.tolist() == [1, 1]
    assert (seen.ids.tolist() == [1, 2]) != class_aware


def test_detections_are_not_changed(algorithm):
    found = _row(3)
    kept = [found.boxes.copy(), found.scores.copy(), found.embeddings.copy()]
    _settled(algorithm, found)
    for now, before in zip((found.boxes, found.scores, found.embeddings), kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_nan_is_refused_and_changes_nothing(algorithm):
    tracker, before = _settled(algorithm, _row(2))
    with pytest.raises(InputError, match="nan"):
        tracker.update(Detections([[np.nan, 0, 1, 1]], [0.9]))
    with pytest.raises(InputError, match="give it Detections"):
        tracker.update([BOX])
    with pytest.raises(InputError, match="dt is 0"):
        tracker.update(_row(2), dt=0)
    with pytest.raises(InputError, match="camera_motion has shape"):
        tracker.update(_row(2), camera_motion=np.eye(3))
    assert tracker.frame == 5
    assert tracker.update(_row(2)).ids.tolist() == before.ids.tolist()


def test_a_refused_first_frame_does_not_settle_the_length_of_embeddings(algorithm):
    tracker = algorithm()
    with pytest.raises(InputError, match="dt is -1"):
        tracker.update(_row(2), dt=-1)
    with pytest.raises(InputError, match="camera_motion has shape"):
        tracker.update(_row(2), camera_motion=np.eye(3))
    other = Detections(_row(2).boxes, [0.9] * 2, [0] * 2, np.eye(16)[:2])
    tracker.update(other)
    assert tracker.frame == 1


def test_a_sequence_is_taken_in_or_refused_as_a_whole(algorithm):
    """Nobody is there before frame 3, where missing embeddings would show."""
    table = DetectionTable(
        frames=np.array([3]),
        boxes=np.array([BOX]),
        scores=np.array([0.9]),
        class_ids=np.array([0]),
    )
    tracker, frames = algorithm(), 5
    try:
        tracker.update_all(table, frames)
    except InputError:  # of those that need embeddings
        frames = 0
    assert (tracker.frame, tracker.time) == (frames, frames)


def test_reset_starts_over(algorithm):
    tracker = algorithm()
    first = [tracker.update(found) for found in _scene()]
    tracker.reset()
    assert (tracker.frame, tracker.time) == (0, 0)
    for found, expected in zip(_scene(), first, strict=True):
        _assert_same(tracker.update(found), expected)


@pytest.mark.parametrize("seed", range(4))
def test_saved_in_the_middle_and_restored(algorithm, seed):
    scene = _scene(seed)
    whole, first, second = algorithm(), algorithm(), algorithm()
    expected = [whole.update(found) for found in scene]
    half = len(scene) // 2
    for found in scene[:half]:
        first.update(found)
    state = first.state()
    for found in scene[half:]:
        first.update(found)  # what it does now does not reach the state
    second.restore(state)
    for found, tracks in zip(scene[half:], expected[half:], strict=True):
        _assert_same(second.update(found), tracks)
    assert (second.frame, second.time) == (whole.frame, whole.time)


def test_another_trackers_state_is_refused(algorithm):
    with pytest.raises(InputError, match=f"'nobody'; give one of {algorithm.name}"):
        algorithm().restore({"tracker": "nobody"})


def test_a_known_camera_keeps_the_ids(algorithm):
    tracker, before = _settled(algorithm, _row(3))
    for frame in range(1, 4):  # everything jumps by more than its width
        warp = np.array([[1.0, 0, 60], [0, 1, 0]])
        tracks = tracker.update(_row(3, shift=60.0 * frame), camera_motion=warp)
    assert tracks.ids.tolist() == before.ids.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_shaken_camera_that_is_known_changes_nothing(algorithm, seed):
    """Everything that is remembered in pixels moves along."""
    still, shaken = algorithm(), algorithm()
    rng = np.random.default_rng(seed)
    place = np.zeros(2)
    for found in _scene(seed):
        step = rng.integers(-50, 50, 2)
        place += step
        warp = np.array([[1.0, 0, step[0]], [0, 1, step[1]]])
        boxes = found.boxes + np.tile(place, 2)
        moved = Detections(boxes, found.scores, found.class_ids, found.embeddings)
        expected = still.update(found, camera_motion=np.eye(2, 3))
        tracks = shaken.update(moved, camera_motion=warp)
        np.testing.assert_array_equal(tracks.ids, expected.ids)
        np.testing.assert_allclose(tracks.boxes - np.tile(place, 2), expected.boxes, atol=1e-6)


def test_time_counts_in_frames_of_a_steady_video(algorithm):
    """After a pause as long as a thousand frames nobody is known any more."""
    tracker, before = _settled(algorithm, _row(2))
    tracker.update(Detections.empty(), dt=500)
    tracker.update(Detections.empty(), dt=500)
    assert tracker.time == 1005
    assert not set(_settled_ids(tracker)) & set(before.ids.tolist())


def test_memory_does_not_grow(algorithm):
    """Everybody is new every tenth frame."""
    tracker = algorithm()
    scenes = [_row(5, shift=1000.0 * k) for k in range(40)]
    tracemalloc.start()
    try:
        sizes = []
        for frame in range(FRAMES):
            tracker.update(scenes[frame // 10 % 40])
            if frame in (FRAMES // 2, FRAMES - 1):
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[1] - sizes[0] < 50_000
