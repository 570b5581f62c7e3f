"""MOTDT: who is continued by a prediction, and whom looks find among all that is remembered."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.structures import Detections, InputError
from yolox.tracker import motdt
from yolox.tracker.appearance import cosine_cost, nearest_cost
from yolox.tracker.motdt import best_in_place, tracklet_score

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
MOTDT = partial(motdt.MOTDT, check_looks=False)

RED, BLUE, GREEN = np.eye(3)
NOBODY = Detections.empty()


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


def _alike(cosine):
    """An embedding of that cosine with RED."""
    return np.array([cosine, np.sqrt(1 - cosine**2), 0])


def _last(tracker, frames):
    for frame in frames:
        tracks = tracker.update(frame)
    return tracks


def _ids_by_look(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    tracks = _last(tracker, frames)
    ids = np.full(len(frames[-1]), -1)
    seen = tracks.detection_indices >= 0
    ids[tracks.detection_indices[seen]] = tracks.ids[seen]
    return ids.tolist()


ALONE = [_frame((100, RED))] * 5
STANDING = [_frame((100, RED), (124, BLUE))] * 5


@pytest.mark.parametrize(
    ("unseen", "hits", "score"),
    [
        (0, 9, 1),
        (1, 9, 1 - np.log(1.05)),
        (7, 2, 1 - np.log(1.35)),
        (34, 9, 1 - np.log(2.7)),
        (35, 9, 0),
        (1, 1, 0),
    ],
)
def test_tracklet_score_by_hand(unseen, hits, score):
    found = tracklet_score(np.array([unseen]), np.array([hits]))
    np.testing.assert_allclose(found, [score], atol=1e-4)


def test_the_best_in_each_place():
    boxes = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 6], [50, 0, 60, 10]])
    scores, one = np.array([0.6, 0.8, 0.9, 0.1]), np.zeros(4)
    # The first overlaps the second by 0.9; the third overlaps nobody by more than 0.67.
    assert best_in_place(boxes, scores, one).tolist() == [False, True, True, True]
    assert best_in_place(boxes, scores, np.arange(4)).all()
    twins = np.array([[0.0, 0, 10, 10]] * 2)
    assert best_in_place(twins, np.array([0.5, 0.5]), np.zeros(2)).tolist() == [True, False]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1000))
def test_nearest_cost_against_trying_all(tracks, detections, seed):
    rng = np.random.default_rng(seed)
    known = rng.integers(0, 4, tracks)
    features = rng.normal(size=(tracks, 3, 5)) * (np.arange(3) < known[:, None])[:, :, None]
    lengths = np.linalg.norm(features, axis=2, keepdims=True)
    features = np.divide(features, lengths, out=np.zeros_like(features), where=lengths > 0)
    looks = rng.normal(size=(detections, 5))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    found = nearest_cost(features, looks)
    assert found.shape == (tracks, detections)
    for track, column in np.ndindex(tracks, detections):
        each = cosine_cost(features[track, : known[track]], looks[[column]])
        assert found[track, column] == pytest.approx(each.min(initial=1))


def test_looks_undo_a_swap_that_overlap_makes():
    swapped = _frame((116, RED), (108, BLUE))
    assert _ids_by_look(MOTDT(), [*STANDING, swapped]) == [1, 2]


def test_a_prediction_continues_a_track_for_seven_frames():
    # 0.6 (1 − log(1 + 0.05 n)) > 0.4 up to n = 7.
    walk = [_frame((100 + 4 * step, RED)) for step in range(20)]
    tracker = MOTDT()
    _last(tracker, walk)
    for unseen in range(1, 10):
        tracks = tracker.update(NOBODY)
        assert tracks.ids.tolist() == ([1] if unseen <= 7 else [])
        assert (tracks.detection_indices == -1).all()
        if unseen == 5:
            assert tracks.boxes[0, 0] == pytest.approx(100 + 4 * 24, abs=2)
            assert tracks.scores[0] == pytest.approx(0.6 * (1 - np.log(1.25)))
    assert len(_last(MOTDT(predicted_thresh=1.0), [*walk, NOBODY])) == 0
    # Who was seen once only has no motion that a prediction could rest on.
    assert len(_last(MOTDT(), [*walk[:1], NOBODY])) == 0


def test_a_detection_in_its_place_ends_a_prediction():
    # A stranger there: nobody by looks; by overlap (IoU 0.9 of the prediction) the same person.
    stranger = [_frame((102, GREEN))]
    tracks = _last(MOTDT(), [*ALONE, *stranger])
    assert tracks.ids.tolist() == [1]
    assert tracks.detection_indices.tolist() == [0]
    # One beside (IoU 0.54) leaves the prediction: the track is held, the stranger somebody new.
    beside = [_frame((112, GREEN))] * 2
    tracks = _last(MOTDT(), [*ALONE, *beside])
    assert tracks.ids.tolist() == [1, 2]
    assert tracks.detection_indices.tolist() == [-1, 0]


# √(2 − 2 · 0.69) < 0.8 < √(2 − 2 · 0.67)
@pytest.mark.parametrize(("cosine", "known"), [(0.69, True), (0.67, False)])
def test_a_lost_track_is_found_by_looks_only(cosine, known):
    back = [_frame((110, _alike(cosine)))] * 2
    ids = _ids_by_look(MOTDT(), [*ALONE, *[NOBODY] * 10, *back])
    assert ids == ([1] if known else [2])


def test_of_all_that_is_remembered_the_nearest_counts():
    turning = [*ALONE, *[_frame((100, BLUE))] * 5]
    gone = [NOBODY] * 10
    back = [_frame((110, RED))] * 2
    assert _ids_by_look(MOTDT(), [*turning, *gone, *back]) == [1]
    assert _ids_by_look(MOTDT(gallery_size=5), [*turning, *gone, *back]) == [2]  # RED is forgotten


def test_looks_do_not_count_beyond_the_motion_gate():
    assert _ids_by_look(MOTDT(), [*ALONE, *[_frame((900, RED))] * 2]) == [2]


def test_the_first_frame_puts_out_nobody():
    assert len(MOTDT().update(ALONE[0])) == 0
    assert _ids_by_look(MOTDT(), ALONE[:2]) == [1]


def test_classes_are_kept_apart_if_wanted():
    def of_class(*class_ids):
        count = len(class_ids)
        return Detections([[100, 100, 140, 200]] * count, [0.9] * count, class_ids, [RED] * count)

    assert _ids_by_look(MOTDT(), [*[of_class(0)] * 3, of_class(1)]) == [1]
    apart = MOTDT(class_aware=True, predicted_thresh=1.0)
    assert _ids_by_look(apart, [*[of_class(0)] * 3, *[of_class(1)] * 2]) == [2]
    # Nor does one class outshine the other.
    assert _ids_by_look(MOTDT(), [of_class(0, 1)] * 3) == [1, -1]
    assert _ids_by_look(MOTDT(class_aware=True), [of_class(0, 1)] * 3) == [1, 2]


def test_a_lost_track_is_kept_as_long_as_the_buffer():
    for absent, expected in ((15, 1), (16, 2)):
        frames = [*ALONE, *[NOBODY] * absent, *ALONE]
        assert _ids_by_look(MOTDT(track_buffer=30, frame_rate=15), frames) == [expected]


def test_detections_without_embeddings_are_refused():
    tracker = MOTDT()
    with pytest.raises(InputError, match="no embeddings, which motdt needs"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(ALONE[0])
    with pytest.raises(InputError, match="embeddings have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1, 0]]))


def test_parameters_out_of_range():
    for name, value in {"match_thresh": 3, "predicted_thresh": 2, "gallery_size": 0}.items():
        with pytest.raises(InputError, match=f"{name} is {value}"):
            MOTDT(**{name: value})
    assert _ids_by_look(MOTDT(new_thresh=0.95), ALONE) == [-1]
