"""BoT-SORT: what width and height in the state bring, and what looks may decide."""

from functools import partial

import numpy as np
import pytest
from tracker.published import check_scores

from yolox.structures import Detections, InputError, box_iou
from yolox.tracker import botsort
from yolox.tracker.botsort import BotSort
from yolox.tracker.byte_tracker import ByteTrack

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
BotSortReID = partial(botsort.BotSortReID, check_looks=False)

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
# Half the cosine distance of a colour and its greenish self is 0.3: too far to count.
REDDISH, BLUISH = (0.4 * look + 0.84**0.5 * GREEN for look in (RED, BLUE))


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


def _last_ids(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


STANDING = [_frame((100, RED), (124, BLUE))] * 5
# Thirteen pixels to where they belong (IoU 27/53), eleven to where the other one was (29/51).
SWAPPED = _frame((113, RED), (111, BLUE))


def test_a_width_that_changes_is_followed():
    widths = np.r_[np.full(20, 40.0), np.linspace(40, 100, 30)]
    wrong = {}
    for algorithm in (ByteTrack, BotSort):
        tracker = algorithm()
        for width in widths:
            box = [200 - width / 2, 100, 200 + width / 2, 200]
            tracks = tracker.update(Detections([box], [0.9]))
        assert tracks.ids.tolist() == [1]
        wrong[algorithm] = abs(tracks.boxes[0, 2] - tracks.boxes[0, 0] - 100)
    assert wrong[BotSort] < 4 < wrong[ByteTrack]


def test_the_limit_of_a_match():
    """An overlap of 1/4 counts 0.225 with a score of 0.9, one of 1/5 just 0.18."""
    start, near, far = (_frame((x, RED)) for x in (100, 124, 126.7))
    assert _last_ids(BotSort(), [start, near]) == [1]
    assert _last_ids(BotSort(), [start, far]) == [-1]
    assert _last_ids(BotSort(match_thresh=0.9), [start, far]) == [1]


def test_a_score_on_the_threshold_reaches_it_unless_as_in_byte():
    frames = [_frame((100, RED)), _frame((104, RED), score=0.6)]
    assert _last_ids(BotSort(), frames) == [1]
    assert _last_ids(BotSort(legacy=True), frames) == [-1]


def test_looks_undo_a_swap_that_overlap_makes():
    assert _last_ids(BotSort(), [*STANDING, SWAPPED]) == [2, 1]
    assert _last_ids(BotSortReID(), [*STANDING, SWAPPED]) == [1, 2]


def test_looks_do_not_count_beyond_either_gate():
    assert _last_ids(BotSortReID(proximity_thresh=0.4), [*STANDING, SWAPPED]) == [2, 1]
    changed = _frame((113, REDDISH), (111, BLUISH))
    assert _last_ids(BotSortReID(appearance_thresh=0.31), [*STANDING, changed]) == [1, 2]
    assert _last_ids(BotSortReID(), [*STANDING, changed]) == [2, 1]


def test_the_gate_takes_the_overlap_without_the_score():
    # 1 - IoU · 0.61 would be 0.69 and shut it.
    weak = Detections(SWAPPED.boxes, [0.61, 0.61], None, SWAPPED.embeddings)
    assert _last_ids(BotSortReID(), [*STANDING, weak]) == [1, 2]


def test_the_cost_is_the_papers():
    """Pair by pair: e = 1 outside the gates, and the smaller of both costs."""
    rng = np.random.default_rng(0)

    def scene(count):
        corners = rng.uniform(0, 60, (count, 2))
        looks = rng.normal(size=(count, 3))
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        boxes = np.c_[corners, corners + rng.uniform(30, 90, (count, 2))]
        return Detections(boxes, rng.uniform(0.7, 1, count), None, looks)

    tracker, found = BotSortReID(), scene(40)
    before = scene(30)
    tracker.update(before)
    cost = tracker._cost(np.arange(30), found, np.arange(40), strong=True)
    changed = 0
    for i in range(30):
        for j in range(40):
            overlap = box_iou(before.boxes[i : i + 1], found.boxes[j : j + 1])[0, 0]
            look = (1 - float(before.embeddings[i] @ found.embeddings[j])) / 2
            appearance = 1.0 if look > 0.25 or 1 - overlap > 0.5 else look
            plain = 1 - overlap * found.scores[j]
            changed += appearance < plain
            assert cost[i, j] == pytest.approx(min(plain, appearance), abs=1e-6)
    assert changed > 20


def test_without_trust_in_looks_it_is_botsort():
    plain, off = BotSort(), BotSortReID(appearance_thresh=0.0)
    rng = np.random.default_rng(1)
    for _ in range(40):
        corners = rng.uniform(0, 300, (8, 2))
        boxes = np.c_[corners, corners + np.array([40, 100])]
        found = Detections(boxes, rng.uniform(0, 1, 8), None, np.tile(RED, (8, 1)))
        expected, tracks = plain.update(found), off.update(found)
        np.testing.assert_array_equal(tracks.ids, expected.ids)
        np.testing.assert_array_equal(tracks.boxes, expected.boxes)


def test_the_memory_is_a_running_mean_of_high_scores():
    tracker = BotSortReID()
    tracker.update(_frame((100, RED)))
    tracker.update(_frame((100, BLUE)))
    expected = np.array([0.9, 0.1, 0]) / np.hypot(0.9, 0.1)
    np.testing.assert_allclose(tracker._tracks["feature"], [expected], rtol=1e-6)
    tracker.update(_frame((100, BLUE), score=0.3))
    np.testing.assert_allclose(tracker._tracks["feature"], [expected], rtol=1e-6)


@pytest.mark.parametrize("algorithm", [BotSort, BotSortReID])
def test_a_camera_that_turns_keeps_the_ids(algorithm):
    shift = np.array([[1.0, 0, 70], [0, 1, -30]])
    known, unknown = algorithm(), algorithm()
    for step in range(6):
        boxes = [[left + 70 * step, 200 - 30 * step, left + 40 + 70 * step, 300 - 30 * step]
                 for left in (100, 300)]  # fmt: skip
        found = Detections(boxes, [0.9] * 2, None, [RED, BLUE])
        tracks = known.update(found, camera_motion=shift if step else None)
        unknown.update(found)
    assert tracks.ids.tolist() == [1, 2]
    np.testing.assert_allclose(tracks.boxes, boxes, atol=1e-9)
    assert 1 not in unknown._tracks["id"][unknown._tracks["last_time"] == 6]


def test_bad_embeddings_leave_the_state_unchanged():
    tracker = BotSortReID()
    BotSort().update(Detections([[0, 0, 10, 20]], [0.9]))
    with pytest.raises(InputError, match=r"which botsort_reid needs.*needs none, as byte"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 1


@pytest.mark.parametrize("name", ["appearance_thresh", "proximity_thresh", "memory"])
def test_parameters_out_of_range(name):
    with pytest.raises(InputError, match=name):
        BotSortReID(**{name: 1.5})


@pytest.mark.data
@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (False, {"HOTA": 67.96, "MOTA": 77.59, "IDF1": 79.79}),
        (True, {"HOTA": 68.85, "MOTA": 78.36, "IDF1": 81.30}),
    ],
)
def test_published_result(published_detections, tmp_path, camera, expected):
    check_scores(published_detections, tmp_path, BotSort, expected, camera=camera)
