"""Deep OC-SORT: how much looks count, and how they are remembered."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.structures import Detections, InputError
from yolox.tracker import deep_ocsort
from yolox.tracker.association import standing_out
from yolox.tracker.deep_ocsort import dynamic_memory
from yolox.tracker.ocsort import OCSort

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
DeepOCSort = partial(deep_ocsort.DeepOCSort, check_looks=False)

RED, BLUE, GREEN = np.eye(3)


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
    swapped = _frame((116, RED), (108, BLUE))
    assert _ids_by_look(OCSort(), [*STANDING, swapped]) == [2, 1]
    assert _ids_by_look(DeepOCSort(), [*STANDING, swapped]) == [1, 2]


def test_without_weight_looks_change_nothing():
    swapped = _frame((116, RED), (108, BLUE))
    blind = DeepOCSort(appearance_weight=0.0, appearance_bonus=0.0)
    assert _ids_by_look(blind, [*STANDING, swapped]) == [2, 1]


def test_looks_do_not_make_up_for_overlap():
    frames = [*STANDING, _frame((900, RED), (124, BLUE))]
    assert _ids_by_look(DeepOCSort(), frames) == [-1, 2]
    # Nor does a double far away keep somebody from the one who is near and looks otherwise.
    frames = [*STANDING, _frame((100, GREEN), (124, BLUE), (900, RED))]
    assert _ids_by_look(DeepOCSort(), frames) == [1, 2, -1]


def test_looks_of_another_class_do_not_count_if_classes_are_kept_apart():
    """Of two doubles in one place the one of the track's class then stands out by 1, capped."""
    place = [100.0, 100, 140, 200]
    both = Detections([place, place], [0.9, 0.9], [0, 1], [RED, RED])
    for class_aware, expected in ((False, [[0.75, 0.75]]), (True, [[1.0, 0.0]])):
        tracker = DeepOCSort(class_aware=class_aware)
        tracker.update(_frame((100, RED)))
        np.testing.assert_allclose(tracker._cues(both, np.arange(2)), expected, atol=1e-6)


@pytest.mark.parametrize(("score", "kept"), [(0.6, 1.0), (0.8, 0.975), (1.0, 0.95), (0.2, 1.0)])
def test_the_less_sure_the_less_is_learnt(score, kept):
    found = dynamic_memory(np.array([score]), least=0.95, track_thresh=0.6)
    np.testing.assert_allclose(found, [kept])


def test_memory_of_a_track_by_hand():
    tracker = DeepOCSort(memory=0.5)
    tracker.update(_frame((100, RED)))
    tracker.update(_frame((100, BLUE), score=0.8))  # half sure: keeps 0.75
    expected = np.array([0.75, 0.25, 0]) / np.hypot(0.75, 0.25)
    np.testing.assert_allclose(tracker._tracks["feature"], [expected], atol=1e-6)
    low = _frame((100, GREEN), score=0.3)
    tracker = DeepOCSort(use_byte=True)
    _ids_by_look(tracker, [_frame((100, RED)), low])
    np.testing.assert_allclose(tracker._tracks["feature"], [RED], atol=1e-6)


def test_standing_out_by_hand():
    alike = np.array([[0.9, 0.8, 0.1], [0.2, 0.3, 0.0]])
    # Leads of the tracks 0.1 and 0.1, of the detections 0.7 (counts as 0.5), 0.5 and 0.1.
    expected = [[0.3, 0.3, 0.1], [0.3, 0.3, 0.1]]
    np.testing.assert_allclose(standing_out(alike, cap=0.5), expected)


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 1000))
def test_standing_out_against_sorting(tracks, detections, seed):
    alike = np.random.default_rng(seed).uniform(-1, 1, (tracks, detections))
    found = standing_out(alike, cap=0.5)
    assert found.shape == alike.shape
    for row, column in np.ndindex(*alike.shape):
        leads = []
        for others in (alike[row], alike[:, column]):
            *_, second, best = [0.0, *sorted(others)] if len(others) > 1 else [0.0, 0.0]
            leads.append(min(best - second, 0.5))
        assert found[row, column] == pytest.approx(np.mean(leads))


def test_detections_without_embeddings_are_refused():
    tracker = DeepOCSort()
    with pytest.raises(InputError, match="no embeddings, which deep_ocsort needs"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(STANDING[0])
    with pytest.raises(InputError, match="embeddings have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1, 0]]))


def test_parameters_out_of_range():
    for name, value in {"appearance_weight": -1, "appearance_bonus": 3, "memory": 1}.items():
        with pytest.raises(InputError, match=f"{name} is {value}"):
            DeepOCSort(**{name: value})
    assert DeepOCSort(track_thresh=1).update(STANDING[0]).ids.tolist() == []
