"""C-BIoU: how far the buffers reach, which of them comes first, and what the scores do."""

import numpy as np
import pytest
from tracker.published import check_scores

from yolox.structures import Detections, InputError
from yolox.tracker.cbiou import CBIoU


def _frame(*lefts, score=1.0, class_id=0):
    """Detections of people given by their left edge; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left in lefts]
    return Detections(boxes, [score] * len(lefts), [class_id] * len(lefts))


def _last_ids(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


@pytest.mark.parametrize(
    ("buffers", "reach"),
    # A box w wide overlaps itself, d further, by (w - d) / (w + d): 0.3 at 7/13 w.
    [((0, 0), 40), ((0.3, 0.3), 64), ((0.3, 0.5), 80)],
)
def test_how_far_a_buffer_reaches(buffers, reach):
    jump = 7 / 13 * reach
    for shift, expected in ((jump - 0.1, [1]), (jump + 0.1, [-1])):
        tracker = CBIoU(small_buffer=buffers[0], large_buffer=buffers[1])
        assert _last_ids(tracker, [_frame(100)] * 5 + [_frame(100 + shift)]) == expected


def test_the_small_buffer_comes_first():
    """With the large one alone two dear matches would be worth more than one cheap one."""
    frames = [*[_frame(100, 166)] * 5, _frame(130, 64)]
    assert _last_ids(CBIoU(small_buffer=0.5), frames) == [2, 1]
    assert _last_ids(CBIoU(), frames) == [1, -1]


def test_the_large_buffer_finds_lost_tracks():
    frames = [_frame(100)] * 5 + [Detections.empty()] * 5 + [_frame(138)]
    assert _last_ids(CBIoU(), frames) == [1]
    assert _last_ids(CBIoU(large_buffer=0.3), frames) == [-1]


def test_low_scores_continue_who_was_seen_and_start_nobody():
    weak = _frame(104, score=0.3)
    assert _last_ids(CBIoU(), [_frame(100), weak]) == [1]
    assert _last_ids(CBIoU(), [_frame(100), Detections.empty(), weak]) == [-1]
    assert _last_ids(CBIoU(), [weak, weak, weak]) == [-1]
    assert _last_ids(CBIoU(low_thresh=0.4), [_frame(100), weak]) == [-1]


def test_a_new_track_is_confirmed_by_a_second_detection():
    lone = [_frame(100), _frame(100, 500), _frame(100), _frame(100, 500), _frame(100, 500)]
    assert _last_ids(CBIoU(), lone[:2]) == [1, -1]
    assert _last_ids(CBIoU(), lone[:4]) == [1, -1]
    assert _last_ids(CBIoU(), lone) == [1, 2]
    assert _last_ids(CBIoU(), [_frame(100), *[_frame(100, 500, score=0.65)] * 3]) == [1, -1]
    assert _last_ids(CBIoU(new_thresh=0.6), [_frame(100), *[_frame(100, 500, score=0.65)] * 2]) == [
        1, 2
    ]  # fmt: skip


@pytest.mark.parametrize(("missed", "expected"), [(30, [1]), (31, [-1])])
def test_a_lost_track_is_kept_for_the_buffer(missed, expected):
    frames = [_frame(100), *[Detections.empty()] * missed, _frame(100)]
    assert _last_ids(CBIoU(), frames) == expected
    assert _last_ids(CBIoU(track_buffer=60, frame_rate=15), frames) == expected
    tracker = CBIoU()
    tracker.update(_frame(100))
    tracker.update(Detections.empty(), dt=missed)
    assert _last_ids(tracker, [_frame(100)]) == expected


def test_a_walk_goes_on_while_nobody_sees_it():
    walk = [_frame(100 + 20 * step) for step in range(8)]
    frames = [*walk, *[Detections.empty()] * 9, _frame(100 + 20 * 17)]
    assert _last_ids(CBIoU(), frames) == [1]
    # One that turned around just before is looked for where its last steps lead.
    turned = [*walk, *[_frame(240 - 20 * step) for step in range(1, 4)]]
    frames = [*turned, *[Detections.empty()] * 5, _frame(180 - 20 * 6)]
    assert _last_ids(CBIoU(motion_frames=3), frames) == [1]
    assert _last_ids(CBIoU(motion_frames=10), frames) == [-1]


def test_the_output_is_what_was_detected():
    rng = np.random.default_rng(0)
    tracker = CBIoU()
    for _ in range(20):
        found = _frame(*(np.array([100, 400, 700]) + rng.normal(0, 3, 3)))
        tracks = tracker.update(found)
        np.testing.assert_array_equal(tracks.boxes, found.boxes[tracks.detection_indices])
    assert tracks.ids.tolist() == [1, 2, 3]


def test_the_class_counts_if_asked_to():
    frames = [_frame(100), _frame(100), _frame(100, class_id=1)]
    assert _last_ids(CBIoU(), frames) == [1]
    assert _last_ids(CBIoU(class_aware=True), frames) == [-1]


def test_a_weak_score_makes_a_match_dearer():
    frames = [_frame(100), _frame(100), _frame(139, score=0.65)]
    assert _last_ids(CBIoU(), frames) == [-1]
    assert _last_ids(CBIoU(fuse_score=False), frames) == [1]


def test_a_camera_that_jumps_keeps_the_ids_and_the_speed():
    tracker = CBIoU()
    shift = np.array([[1.0, 0, 90], [0, 1, 0]])
    for step in range(6):
        tracker.update(_frame(100 + 10 * step))
    for step in range(6, 10):
        left = 100 + 10 * step + 90 * (step - 5)
        tracks = tracker.update(_frame(left), camera_motion=shift)
        assert tracks.ids.tolist() == [1]
    for _ in range(4):
        tracker.update(Detections.empty())
    assert tracker.update(_frame(left + 50)).ids.tolist() == [1]


@pytest.mark.parametrize(
    "parameters",
    [{"match_thresh": 2}, {"small_buffer": -0.1}, {"motion_frames": 11}, {"motion_frames": 0}],
)
def test_parameters_out_of_range(parameters):
    with pytest.raises(InputError, match=next(iter(parameters))):
        CBIoU(**parameters)


@pytest.mark.data
@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (False, {"HOTA": 67.14, "MOTA": 77.80, "IDF1": 78.51}),
        (True, {"HOTA": 67.38, "MOTA": 78.01, "IDF1": 79.07}),
    ],
)
def test_published_result(published_detections, tmp_path, camera, expected):
    check_scores(published_detections, tmp_path, CBIoU, expected, camera=camera)
