"""DeepSORT: the cascade, the gallery, the gate, and overlap for who was just seen."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolox.structures import Detections, InputError
from yolox.tracker import deepsort, strongsort

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
DeepSort = partial(deepsort.DeepSort, check_looks=False)
StrongSort = partial(strongsort.StrongSort, check_looks=False)

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
# Cosine distances to RED: 0.1 and 0.3.
REDDISH, PURPLE = np.array([[0.9, 0.19**0.5, 0], [0.7, 0.51**0.5, 0]], dtype=np.float32)
NOBODY = Detections.empty()


def _frame(*people, score=0.9, class_id=0):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    looks = [look for _, look in people]
    return Detections(boxes, [score] * len(people), [class_id] * len(people), looks)


def _last_ids(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


STANDING = [_frame((100, RED))] * 5


def test_three_detections_on_end_confirm_a_track():
    tracker = DeepSort()
    assert [tracker.update(frame).ids.tolist() for frame in STANDING[:4]] == [[], [], [1], [1]]
    broken = [*STANDING[:2], NOBODY, *STANDING[:2]]
    assert _last_ids(DeepSort(), broken) == [-1]
    assert _last_ids(DeepSort(), [*broken, STANDING[0]]) == [1]
    assert _last_ids(DeepSort(n_init=1), STANDING[:1]) == [1]


def test_weak_detections_are_not_used():
    assert _last_ids(DeepSort(), [_frame((100, RED), score=0.6)] * 4) == [-1]
    assert _last_ids(DeepSort(track_thresh=0.5), [_frame((100, RED), score=0.6)] * 4) == [1]


@pytest.mark.parametrize(("missed", "expected"), [(30, [1]), (31, [-1])])
def test_a_lost_track_lives_for_its_age(missed, expected):
    assert _last_ids(DeepSort(), [*STANDING, *[NOBODY] * missed, STANDING[0]]) == expected
    tracker = DeepSort()
    _last_ids(tracker, STANDING)
    tracker.update(NOBODY, dt=missed)
    assert _last_ids(tracker, [STANDING[0]]) == expected


def test_who_was_seen_last_comes_first():
    """The one who has been away for long looks more alike; the other one's place is surer."""
    both = [_frame((100, REDDISH), (110, RED))] * 4
    one = [_frame((100, REDDISH))] * 5
    contested = _frame((105, RED))
    assert _last_ids(DeepSort(), [*both, *one, contested]) == [1]
    assert _last_ids(StrongSort(), [*both, *one, contested]) == [2]


def test_a_track_is_known_by_any_of_its_views():
    views = [*STANDING, *[_frame((100, BLUE))] * 20]
    back = [*views, *[NOBODY] * 3, _frame((100, RED))]
    assert _last_ids(DeepSort(), back) == [1]
    assert _last_ids(DeepSort(gallery_size=21), back) == [1]
    assert _last_ids(DeepSort(gallery_size=20), back) == [-1]  # the last red one is gone


def test_the_gallery_keeps_the_last_views():
    tracker = DeepSort(gallery_size=3)
    views = np.eye(8, dtype=np.float32)
    for number, view in enumerate(views[:7], start=1):
        tracker.update(_frame((100, view)))
        kept = tracker._tracks["feature"][0]
        expected = {view.argmax() for view in views[max(number - 3, 0) : number]}
        assert {int(each.argmax()) for each in kept if each.any()} == expected


def test_looks_count_up_to_their_limit_and_within_the_motion_gate():
    away = [*STANDING, *[NOBODY] * 2]
    assert _last_ids(DeepSort(), [*away, _frame((104, REDDISH))]) == [1]
    assert _last_ids(DeepSort(), [*away, _frame((104, PURPLE))]) == [-1]
    assert _last_ids(DeepSort(match_thresh=0.4), [*away, _frame((104, PURPLE))]) == [1]
    assert _last_ids(DeepSort(), [*away, _frame((300, RED))]) == [-1]


def test_overlap_continues_only_who_was_just_seen():
    changed = _frame((104, BLUE))
    assert _last_ids(DeepSort(), [*STANDING, changed]) == [1]
    assert _last_ids(DeepSort(), [*STANDING, NOBODY, changed]) == [-1]
    assert _last_ids(DeepSort(iou_thresh=0.9), [*STANDING, changed]) == [-1]


def test_motion_can_have_a_share_in_the_cost():
    frames = [*STANDING, NOBODY, _frame((112, RED), (101, REDDISH))]
    assert _last_ids(DeepSort(), frames) == [1, -1]
    assert _last_ids(DeepSort(motion_share=0.1, match_thresh=1.0), frames) == [-1, 1]


@pytest.mark.parametrize("algorithm", [DeepSort, StrongSort])
@pytest.mark.parametrize("look", [RED, BLUE])  # by looks, and by overlap alone
def test_the_class_counts_if_asked_to(algorithm, look):
    frames = [*STANDING, _frame((100, look), class_id=1)]
    assert _last_ids(algorithm(), frames) == [1]
    assert _last_ids(algorithm(class_aware=True), frames) == [-1]


@pytest.mark.parametrize("algorithm", [DeepSort, StrongSort])
def test_a_camera_that_jumps_keeps_the_ids(algorithm):
    shift = np.array([[1.0, 0, 90], [0, 1, 0]])
    known, unknown = algorithm(), algorithm()
    for step in range(8):
        found = _frame((100 + 90 * step, RED))
        tracks = known.update(found, camera_motion=shift if step else None)
        unknown.update(found)
    assert tracks.ids.tolist() == [1]
    assert unknown._tracks["id"].tolist() == [0]


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([DeepSort, StrongSort]))
def test_any_detections_give_sound_tracks(seed, algorithm):
    rng = np.random.default_rng(seed)
    tracker = algorithm(max_age=2, n_init=2)
    for _ in range(12):
        count = int(rng.integers(0, 6))
        corners = rng.uniform(-50, 300, size=(count, 2))
        boxes = np.c_[corners, corners + rng.uniform(0, 120, size=(count, 2))]
        looks = rng.normal(size=(count, 4))
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        scores = rng.choice([0.3, 0.8, 1.0], count)
        tracks = tracker.update(Detections(boxes, scores, None, looks))
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert len(set(tracks.detection_indices.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()


@pytest.mark.parametrize("algorithm", [DeepSort, StrongSort])
def test_bad_embeddings_leave_the_state_unchanged(algorithm):
    tracker = algorithm()
    tracker.update(NOBODY)  # nothing needs no embedding
    with pytest.raises(InputError, match=f"no embeddings, which {algorithm.func.name} needs"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1.0, 0.0]]))
    assert tracker.frame == 2


@pytest.mark.parametrize(
    "parameters",
    [{"match_thresh": 2.1}, {"iou_thresh": -1}, {"n_init": 0}, {"max_age": -1},
     {"gallery_size": 0}, {"motion_share": 2}, {"track_thresh": 7}],
)  # fmt: skip
def test_parameters_out_of_range(parameters):
    with pytest.raises(InputError, match=next(iter(parameters))):
        DeepSort(**parameters)
