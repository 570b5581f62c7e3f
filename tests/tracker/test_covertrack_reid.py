"""CoverTrack with embeddings: what looks decide, what they may not, and what they leave alone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import simulate_looks
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.structures import Detections, InputError
from yolox.tracker.calibration import LEAST_SEPARATION, learn, nothing_known, separation
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.covertrack_reid import CoverTrackReID

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
NOBODY = Detections.empty()

# One person's views differ by 0.1 ± 0.1, of density 10 e^(−10 x), people by 0.5 ± 0.2. Who looks
# the same has an evidence of log(2 √(2 π)) + 1 = 2.612, who looks unlike one of −3.388.
KNOWN = learn(nothing_known(), np.tile([0.0, 0.2], 50), np.tile([0.3, 0.7], 50))


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


def _tracker(**parameters):
    return CoverTrackReID(box_camera=False, **parameters)


def _ids(tracker, frames):
    """Track all frames, by `KNOWN` looks; of the last give the id of each detection, in order."""
    for frame in frames:
        if tracker.name == "covertrack_reid":  # what it learns on the way is not to matter here
            tracker.restore({**tracker.state(), "calibration": KNOWN})
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    seen = tracks.detection_indices >= 0
    ids[tracks.detection_indices[seen]] = tracks.ids[seen]
    return ids.tolist()


STANDING = [_frame((100, RED), (124, BLUE))] * 5
AWAY = [_frame((124, BLUE))] * 10


def test_looks_undo_a_swap_that_overlap_makes():
    # Both jumped to where the other one nearly is: overlap alone exchanges them.
    swapped = _frame((118, RED), (106, BLUE))
    assert _ids(CoverTrack(box_camera=False), [*STANDING, swapped]) == [2, 1]
    assert _ids(_tracker(), [*STANDING, swapped]) == [1, 2]
    assert _ids(_tracker(appearance_weight=0), [*STANDING, swapped]) == [2, 1]


def test_likeness_does_not_count_beyond_the_motion_gate():
    leap = [*STANDING, *[_frame((900, RED), (124, BLUE))] * 2]
    assert _ids(_tracker(recover_thresh=1e6), leap) == [3, 2]


def test_looks_alone_find_an_unseen_track():
    back = _frame((900, RED), (124, BLUE))
    tracker = _tracker()
    assert _ids(tracker, [*STANDING, *AWAY, back]) == [1, 2]
    # Its motion starts anew, so that it is not thrown across the image.
    tracks = tracker.update(back)
    np.testing.assert_allclose(tracks.boxes[0], [900, 100, 940, 200])


def test_the_more_may_be_meant_the_more_evidence_it_takes():
    """Looks speak by 2.612 for a match; of one unseen track log 2 are taken off."""
    back = _frame((900, RED), (124, BLUE))
    for limit, expected in ((1.91, [1, 2]), (1.93, [-1, 2])):
        assert _ids(_tracker(recover_thresh=limit), [*STANDING, *AWAY, back]) == expected
    # Of two unseen log 3 are.
    both = [*STANDING, *[NOBODY] * 10, _frame((900, RED))]
    for limit, expected in ((1.51, [1]), (1.52, [-1])):
        assert _ids(_tracker(recover_thresh=limit), both) == expected


def test_a_stranger_is_nobody_that_was_lost():
    stranger = [_frame((900, GREEN), (124, BLUE))] * 2
    assert _ids(_tracker(recover_thresh=0), [*STANDING, *AWAY, *stranger]) == [3, 2]


def test_looks_keep_apart_whom_overlap_would_take_for_one():
    """An IoU of 25 / 55 costs 0.591 here; being so unlike costs 0.339 more."""
    options = {"height_power": 0, "distance_cost": 0}
    replaced = [_frame((100, RED))] * 5 + [_frame((115, GREEN))]
    for limit, expected in ((0.92, [-1]), (0.94, [1])):
        assert _ids(_tracker(**options, match_thresh=limit), replaced) == expected


@pytest.mark.parametrize(
    ("missed", "options", "expected"),
    [
        (150, {}, [1, 2]),
        (151, {}, [-1, 2]),
        (60, {"looks_buffer": 60}, [1, 2]),
        (61, {"looks_buffer": 60}, [-1, 2]),
        (76, {"frame_rate": 15}, [-1, 2]),
        (30, {"looks_buffer": 0}, [1, 2]),  # never shorter than without looks
        (31, {"looks_buffer": 0}, [-1, 2]),
    ],
)
def test_looks_let_a_lost_track_be_kept_longer(missed, options, expected):
    frames = [*STANDING, *[_frame((124, BLUE))] * missed, _frame((900, RED), (124, BLUE))]
    assert _ids(_tracker(**options), frames) == expected


def test_low_scores_neither_use_nor_change_the_memory():
    tracker = _tracker()
    _ids(tracker, STANDING)
    before = tracker._tracks["feature"].copy()
    assert _ids(tracker, [_frame((100, BLUE), (124, RED), score=0.3)]) == [1, 2]
    np.testing.assert_array_equal(tracker._tracks["feature"], before)


def test_the_memory_is_a_running_mean():
    tracker = _tracker(memory=0.6)
    _ids(tracker, [_frame((100, RED)), _frame((100, BLUE))])
    expected = (0.6 * RED + 0.4 * BLUE) / np.hypot(0.6, 0.4)
    np.testing.assert_allclose(tracker._tracks["feature"], [expected], rtol=1e-6)


def test_the_class_counts_in_recovery():
    def of_class(class_id, left):
        return Detections([[left, 100, left + 40, 200]], [0.9], [class_id], [RED])

    frames = [*[of_class(0, 100)] * 3, *[NOBODY] * 3, of_class(1, 900)]
    assert _ids(_tracker(class_aware=True), frames) == [-1]
    assert _ids(_tracker(), frames) == [1]


def test_the_scale_is_learned_from_clean_matches():
    apart = [_frame((100, RED), (300, BLUE), (500, GREEN))] * 40
    tracker = CoverTrackReID()
    for frame in apart:
        tracker.update(frame)
    number, total, _ = tracker.state()["calibration"].T
    np.testing.assert_allclose(total / number, [0, 0.5])
    assert number[1] == pytest.approx(2 * number[0])  # each has two others
    assert separation(tracker.state()["calibration"]) >= LEAST_SEPARATION
    tracker.reset()
    assert not tracker.state()["calibration"].any()
    for frame in [_frame((100, RED), (112, BLUE))] * 40:
        tracker.update(frame)
    assert tracker.state()["calibration"][0, 0] == 0  # who is who is not sure


def _frames(table, length):
    return [table.at(frame) for frame in range(1, length + 1)]


def _assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.boxes, expected.boxes)
    np.testing.assert_array_equal(found.scores, expected.scores)


def test_switched_off_it_is_covertrack():
    scene = make_scene(10, 150, seed=4)
    looks = simulate_looks(scene.detections, scene.truth, rank1=0.9)
    off = CoverTrackReID(appearance_weight=0.0, recover_thresh=1e6, looks_buffer=0)
    plain = CoverTrack()
    for frame in _frames(looks, 150):
        _assert_same(off.update(frame), plain.update(frame))


@pytest.mark.parametrize("preset", ["moving_camera", "low_fps", "crowd"])
@pytest.mark.parametrize("useless", ["nothing", "all the same"])
def test_useless_looks_change_nothing(preset, useless):
    scene = make_scene(10, 150, preset=preset, seed=4)
    table = simulate_looks(scene.detections, scene.truth, rank1=None)
    if useless == "all the same":
        same = np.tile(np.eye(8, dtype=np.float32)[0], (len(table), 1))
        table = dataclasses.replace(table, embeddings=same)
    reid, plain = CoverTrackReID(), CoverTrack()
    for frame in _frames(table, 150):
        _assert_same(reid.update(frame), plain.update(frame))


@pytest.mark.parametrize(("preset", "gain"), [("low_fps", 5), ("dance", 20), ("crowd", 1)])
@pytest.mark.parametrize("shrunk", [1.0, 0.2], ids=["as they are", "all much alike"])
def test_gains_by_looks_of_any_scale(preset, gain, shrunk):
    scene = make_scene(frames=200, preset=preset, seed=701)
    table = simulate_looks(scene.detections, scene.truth, rank1=0.8)
    # A part that all share makes everybody more alike.
    shared = np.full((len(table), 1), np.sqrt(1 - shrunk), dtype=np.float32)
    looks = np.c_[np.sqrt(shrunk) * table.embeddings, shared].astype(np.float32)
    table = dataclasses.replace(table, embeddings=looks)
    plain, reid = (
        evaluate(
            {"": ScoredSequence(scene.truth, tracker.update_all(table, 200), 200)}, "trackeval"
        )[COMBINED]["HOTA"]
        for tracker in (CoverTrack(), CoverTrackReID())
    )
    assert reid - plain > gain


def test_the_calibration_goes_on_after_a_restore():
    scene = make_scene(8, 120, preset="low_fps", seed=3)
    frames = _frames(simulate_looks(scene.detections, scene.truth, rank1=0.8), 120)
    whole, other = CoverTrackReID(), CoverTrackReID()
    for frame in frames[:60]:
        whole.update(frame)
    state = whole.state()
    assert state["calibration"].all()
    expected = [whole.update(frame) for frame in frames[60:]]
    other.restore(state)
    for frame, tracks in zip(frames[60:], expected, strict=True):
        _assert_same(other.update(frame), tracks)
    np.testing.assert_array_equal(other.state()["calibration"], whole.state()["calibration"])


def test_frames_left_out_are_a_lower_frame_rate():
    scene = make_scene(8, 100, preset="dance", seed=3)
    frames = _frames(simulate_looks(scene.detections, scene.truth, rank1=0.8), 100)
    steps, slow = CoverTrackReID(frame_rate=30), CoverTrackReID(frame_rate=10)
    for frame in frames:
        found, expected = steps.update(frame, dt=3), slow.update(frame)
        np.testing.assert_array_equal(found.ids, expected.ids)
        np.testing.assert_allclose(found.boxes, expected.boxes, atol=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_any_detections_give_sound_tracks(seed):
    rng = np.random.default_rng(seed)
    tracker = CoverTrackReID(track_buffer=2)
    for _ in range(12):
        count = int(rng.integers(0, 6))
        corners = rng.uniform(-50, 300, size=(count, 2))
        boxes = np.c_[corners, corners + rng.uniform(0, 120, size=(count, 2))]
        looks = rng.normal(size=(count, 4))
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        tracks = tracker.update(Detections(boxes, rng.uniform(0, 1, count), None, looks))
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()


def test_bad_embeddings_leave_the_state_unchanged():
    tracker = CoverTrackReID()
    tracker.update(NOBODY)  # nothing needs no embedding
    with pytest.raises(InputError, match=r"no embeddings, which covertrack_reid needs"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 2


OUT_OF_RANGE = {
    "appearance_weight": -1,
    "recover_thresh": -1,
    "looks_buffer": -1,
    "memory": 1.0,
}


def test_parameters_out_of_range():
    own = set(CoverTrackReID.parameters()) - set(CoverTrack.parameters())
    assert set(OUT_OF_RANGE) == own
    for name, value in OUT_OF_RANGE.items():
        with pytest.raises(InputError, match=rf"^{name} is {value}; give a number"):
            CoverTrackReID(**{name: value})


def test_the_parameters_of_covertrack_are_parameters_here():
    assert set(CoverTrack.parameters()) < set(CoverTrackReID.parameters())
    assert CoverTrackReID.create({"track_buffer": 60}).longest_loss == 60
