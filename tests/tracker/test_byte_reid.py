"""BYTE with embeddings: what looks decide, what they may not decide, and what they leave alone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import simulate_looks
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.structures import Detections, InputError
from yolox.tracker.byte_reid import ByteTrackReID
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.calibration import alone, learn, nothing_known

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)

# What a tracker learns that sees people apart for some time, with looks as clear as these.
KNOWN = learn(nothing_known(), np.zeros(100), np.full(100, 0.5))


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


def _calibrated(**parameters):
    tracker = ByteTrackReID(**parameters)
    tracker.restore({**tracker.state(), "calibration": KNOWN})
    return tracker


def _ids_by_look(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


STANDING = [_frame((100, RED), (124, BLUE))] * 5


def test_looks_undo_a_swap_that_overlap_makes():
    # Both jumped to where the other one nearly is: overlap alone exchanges them.
    swapped = _frame((116, RED), (108, BLUE))
    assert _ids_by_look(ByteTrack(), [*STANDING, swapped]) == [2, 1]
    assert _ids_by_look(_calibrated(), [*STANDING, swapped]) == [1, 2]


def test_looks_do_not_count_beyond_the_motion_gate():
    leap = [*STANDING, _frame((900, RED), (124, BLUE)), _frame((900, RED), (124, BLUE))]
    assert _ids_by_look(_calibrated(recover_thresh=1e6), leap) == [3, 2]


def test_looks_alone_find_a_lost_track_again():
    away = [_frame((124, BLUE))] * 10
    back = _frame((900, RED), (124, BLUE))
    assert _ids_by_look(_calibrated(), [*STANDING, *away, back]) == [1, 2]
    # Its motion starts anew, so that it is not thrown across the image.
    tracker = _calibrated()
    for frame in [*STANDING, *away, back]:
        tracks = tracker.update(frame)
    np.testing.assert_allclose(tracks.boxes[0], [900, 100, 940, 200])


def test_a_stranger_is_nobody_that_was_lost():
    away = [_frame((124, BLUE))] * 10
    stranger = [_frame((900, GREEN), (124, BLUE))] * 2
    assert _ids_by_look(_calibrated(), [*STANDING, *away, *stranger]) == [3, 2]


def test_looks_keep_apart_whom_overlap_would_take_for_one():
    # Somebody else stands nearly where one was just seen.
    replaced = [*STANDING, *[_frame((90, GREEN), (124, BLUE))] * 2]
    assert _ids_by_look(ByteTrack(), replaced) == [1, 2]
    assert _ids_by_look(_calibrated(), replaced) == [3, 2]


def test_low_scores_neither_use_nor_change_the_memory():
    tracker = _calibrated()
    for frame in STANDING:
        tracker.update(frame)
    before = tracker._tracks["feature"].copy()
    tracker.update(_frame((100, BLUE), (124, RED), score=0.3))
    np.testing.assert_array_equal(tracker._tracks["feature"], before)


def test_the_class_counts_in_recovery():
    def of_class(class_id):
        return Detections([[100, 100, 140, 200]], [0.9], [class_id], [RED])

    nothing = Detections.empty()
    frames = [*[of_class(0)] * 3, *[nothing] * 3]
    far = Detections([[900, 100, 940, 200]], [0.9], [1], [RED])
    assert _ids_by_look(_calibrated(class_aware=True), [*frames, far, far]) == [2]
    assert _ids_by_look(_calibrated(), [*frames, far, far]) == [1]


def _frames(table, length):
    return [table.at(frame) for frame in range(1, length + 1)]


def _assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.boxes, expected.boxes)


def test_switched_off_it_is_byte():
    scene = make_scene(10, 150, seed=4)
    looks = simulate_looks(scene.detections, scene.truth, rank1=0.9)
    off, byte = ByteTrackReID(appearance_weight=0.0, recover_thresh=1e6), ByteTrack()
    for frame in _frames(looks, 150):
        _assert_same(off.update(frame), byte.update(frame))


@pytest.mark.parametrize("preset", ["moving_camera", "low_fps", "crowd"])
@pytest.mark.parametrize("useless", ["nothing", "all the same"])
def test_useless_looks_change_nothing(preset, useless):
    scene = make_scene(10, 150, preset=preset, seed=4)
    table = simulate_looks(scene.detections, scene.truth, rank1=None)
    if useless == "all the same":
        same = np.tile(np.eye(8, dtype=np.float32)[0], (len(table), 1))
        table = dataclasses.replace(table, embeddings=same)
    reid, byte = ByteTrackReID(), ByteTrack()
    for frame in _frames(table, 150):
        _assert_same(reid.update(frame), byte.update(frame))


def test_the_scale_is_learned_from_clean_matches():
    apart = [_frame((100, RED), (300, BLUE), (500, GREEN))] * 40
    close = [_frame((100, RED), (112, BLUE))] * 40
    tracker = ByteTrackReID()
    for frame in apart:
        tracker.update(frame)
    number, total, squares = tracker.state()["calibration"].T
    np.testing.assert_allclose(total / number, [0, 0.5])
    np.testing.assert_allclose(squares / number, [0, 0.25])
    assert number[1] == pytest.approx(2 * number[0])  # each has two others
    tracker.reset()
    assert not tracker.state()["calibration"].any()
    for frame in close:
        tracker.update(frame)
    assert tracker.state()["calibration"][0, 0] == 0  # who is who is not sure


@pytest.mark.parametrize(("legacy", "certain"), [(True, 1), (False, 0)])
def test_near_is_by_the_overlap_that_byte_has(legacy, certain):
    """An IoU of 4.6 / 15.4 = 0.299, counted in pixels 5.6 / 16.4 = 0.341."""
    tracker = ByteTrackReID(legacy=legacy)
    for left in (100, 105.4):
        tracks = tracker.update(Detections([[left, 0, left + 10, 10]], [0.9], None, [RED]))
        assert tracks.ids.tolist() == [1]
    assert tracker.state()["calibration"][0, 0] == certain


def test_other_classes_teach_nothing_if_classes_are_kept_apart():
    """Two people and a dog: each of the people then has one other, the dog has none."""
    found = _frame((100, RED), (300, BLUE), (500, GREEN))
    found = dataclasses.replace(found, class_ids=np.array([0, 0, 1]))
    tracker = ByteTrackReID(class_aware=True)
    for _ in range(40):
        tracker.update(found)
    number = tracker.state()["calibration"][:, 0]
    assert number[1] / number[0] == pytest.approx(2 / 3)


def test_a_match_is_certain_by_its_place_where_nobody_else_is_near():
    overlap = np.array([[0.9, 0.0, 0.1], [0.0, 0.6, 0.4], [0.0, 0.0, 0.2]])
    # The first is alone, the second's detections are two, the third is far away.
    np.testing.assert_array_equal(alone(overlap, np.arange(3), np.arange(3)), [True, False, False])
    np.testing.assert_array_equal(alone(overlap[:, :2], np.arange(2), np.arange(2)), [True, True])


def test_the_calibration_goes_on_after_a_restore():
    scene = make_scene(8, 120, preset="low_fps", seed=3)
    frames = _frames(simulate_looks(scene.detections, scene.truth, rank1=0.8), 120)
    whole, other = ByteTrackReID(), ByteTrackReID()
    for frame in frames[:60]:
        whole.update(frame)
    state = whole.state()
    assert state["calibration"].all()
    expected = [whole.update(frame) for frame in frames[60:]]
    other.restore(state)
    for frame, tracks in zip(frames[60:], expected, strict=True):
        _assert_same(other.update(frame), tracks)
    np.testing.assert_array_equal(other.state()["calibration"], whole.state()["calibration"])


def _scores(tracker, table, truth, length):
    tracks = tracker.update_all(table, length)
    return evaluate({"scene": ScoredSequence(truth, tracks, length)}, "trackeval")[COMBINED]


def _gains_by_looks(preset, seed, shrunk):
    """IDF1 beyond that of BYTE, by looks that find half of the people and by better ones."""
    scene = make_scene(12, 200, preset=preset, seed=seed)
    byte = _scores(ByteTrack(), scene.detections, scene.truth, 200)
    for rank1 in (0.5, 0.8):
        table = simulate_looks(scene.detections, scene.truth, rank1=rank1)
        # A part that all share makes everybody more alike.
        shared = np.full((len(table), 1), np.sqrt(1 - shrunk), dtype=np.float32)
        looks = np.c_[np.sqrt(shrunk) * table.embeddings, shared].astype(np.float32)
        table = dataclasses.replace(table, embeddings=looks)
        yield _scores(ByteTrackReID(), table, scene.truth, 200)["IDF1"] - byte["IDF1"]


@pytest.mark.parametrize("preset", ["moving_camera", "low_fps"])
@pytest.mark.parametrize("shrunk", [1.0, 0.2], ids=["as they are", "all much alike"])
def test_gains_by_looks_of_any_scale(preset, shrunk):
    """In the mean: the scenes lie 20 points and more apart."""
    gains = [list(_gains_by_looks(preset, seed, shrunk)) for seed in range(701, 705)]
    some, many = np.mean(gains, axis=0)
    assert many > 10
    assert many > some - 3


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_any_detections_give_sound_tracks(seed):
    rng = np.random.default_rng(seed)
    tracker = ByteTrackReID(track_buffer=2)
    for _ in range(12):
        count = int(rng.integers(0, 6))
        corners = rng.uniform(-50, 300, size=(count, 2))
        boxes = np.c_[corners, corners + rng.uniform(0, 120, size=(count, 2))]
        looks = rng.normal(size=(count, 4))
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        tracks = tracker.update(Detections(boxes, rng.uniform(0, 1, count), None, looks))
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert len(set(tracks.detection_indices.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()


def test_bad_embeddings_leave_the_state_unchanged():
    tracker = ByteTrackReID()
    tracker.update(Detections.empty())  # nothing needs no embedding
    with pytest.raises(InputError, match=r"no embeddings.*needs none, as byte"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 2
    tracker.reset()
    tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 1


@pytest.mark.parametrize(
    "parameters", [{"appearance_weight": -1}, {"recover_thresh": -1}, {"memory": 1.0}]
)
def test_parameters_out_of_range(parameters):
    with pytest.raises(InputError, match=next(iter(parameters))):
        ByteTrackReID(**parameters)


def test_the_parameters_of_byte_are_parameters_here():
    declared = ByteTrackReID.parameters()
    assert set(ByteTrack.parameters()) < set(declared)
    assert ByteTrackReID.create({"track_buffer": 60}).longest_loss == 60
