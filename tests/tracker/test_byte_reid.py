"""BYTE with embeddings: what looks decide, what they may not decide, and what they leave alone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolox.data.synthetic import make_scene
from yolox.structures import Detections, InputError
from yolox.structures.boxes import box_iou
from yolox.tracker.byte_reid import ByteTrackReID
from yolox.tracker.byte_tracker import ByteTrack

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


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
    assert _ids_by_look(ByteTrackReID(), [*STANDING, swapped]) == [1, 2]


def test_looks_do_not_count_beyond_the_motion_gate():
    leap = [*STANDING, _frame((900, RED), (124, BLUE)), _frame((900, RED), (124, BLUE))]
    assert _ids_by_look(ByteTrackReID(recover_thresh=0.0), leap) == [3, 2]


def test_looks_alone_find_a_lost_track_again():
    away = [_frame((124, BLUE))] * 10
    back = _frame((900, RED), (124, BLUE))
    assert _ids_by_look(ByteTrackReID(), [*STANDING, *away, back]) == [1, 2]
    # Its motion starts anew, so that it is not thrown across the image.
    tracker = ByteTrackReID()
    for frame in [*STANDING, *away, back]:
        tracks = tracker.update(frame)
    np.testing.assert_allclose(tracks.boxes[0], [900, 100, 940, 200])


def test_a_stranger_is_nobody_that_was_lost():
    away = [_frame((124, BLUE))] * 10
    stranger = [_frame((900, GREEN), (124, BLUE))] * 2
    assert _ids_by_look(ByteTrackReID(), [*STANDING, *away, *stranger]) == [3, 2]


def test_low_scores_neither_use_nor_change_the_memory():
    tracker = ByteTrackReID()
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
    assert _ids_by_look(ByteTrackReID(class_aware=True), [*frames, far, far]) == [2]
    assert _ids_by_look(ByteTrackReID(), [*frames, far, far]) == [1]


def test_useless_looks_change_nothing():
    """With both thresholds at 0 it is BYTE, whatever the embeddings are."""
    scene = make_scene(10, 150, seed=4)
    plain = [scene.detections.at(frame) for frame in range(1, 151)]
    looks = [np.tile(np.eye(8)[0], (len(frame), 1)) for frame in plain]  # all look the same
    off = ByteTrackReID(appearance_thresh=0.0, recover_thresh=0.0)
    byte = ByteTrack()
    for frame, look in zip(plain, looks, strict=True):
        with_looks = Detections(frame.boxes, frame.scores, frame.class_ids, look)
        expected, found = byte.update(frame), off.update(with_looks)
        np.testing.assert_array_equal(found.ids, expected.ids)
        np.testing.assert_array_equal(found.boxes, expected.boxes)


@pytest.mark.parametrize("preset", ["moving_camera", "low_fps"])
def test_good_looks_make_longer_tracks(preset):
    scene = make_scene(10, 150, preset=preset, seed=7)
    table, truth = scene.detections, scene.truth
    rng = np.random.default_rng(1)
    people = rng.normal(size=(int(truth.ids.max()) + 1, 32))
    looks = rng.normal(size=(len(table), 32))  # who is nobody looks like nobody
    owners = np.zeros(len(table), dtype=np.int64)
    for frame in range(1, 151):
        rows, true_rows = table.rows_of(frame), truth.rows_of(frame)
        overlap = box_iou(table.boxes[rows], truth.boxes[true_rows])
        if not overlap.size:
            continue
        best, sure = overlap.argmax(axis=1), overlap.max(axis=1) > 0.5
        owner = np.where(sure, truth.ids[true_rows][best], 0)
        owners[rows] = owner
        noise = 0.5 * looks[rows]
        looks[rows] = np.where(sure[:, None], people[owner] + noise, looks[rows])
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    table = dataclasses.replace(table, embeddings=looks.astype(np.float32))

    def fragments(tracker):
        """How many different tracks a person has, over all."""
        pairs = set()
        for frame in range(1, 151):
            tracks = tracker.update(table.at(frame))
            who = owners[table.rows_of(frame)][tracks.detection_indices]
            pairs |= set(zip(who.tolist(), tracks.ids.tolist(), strict=True))
        return sum(1 for owner, _ in pairs if owner)

    assert fragments(ByteTrackReID()) < 0.7 * fragments(ByteTrack())


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
    with pytest.raises(InputError, match=r"no embeddings.*take tracker byte"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 2
    tracker.reset()
    tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 1


@pytest.mark.parametrize(
    "parameters", [{"appearance_thresh": 2}, {"recover_thresh": -1}, {"memory": 1.0}]
)
def test_parameters_out_of_range(parameters):
    with pytest.raises(InputError, match=next(iter(parameters))):
        ByteTrackReID(**parameters)


def test_the_parameters_of_byte_are_parameters_here():
    declared = ByteTrackReID.parameters()
    assert set(ByteTrack.parameters()) < set(declared)
    assert ByteTrackReID.create({"track_buffer": 60}).longest_loss == 60
