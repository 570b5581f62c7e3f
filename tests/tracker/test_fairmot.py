"""JDE and FairMOT: looks inside the motion gate first, overlap for who was seen a frame ago."""

from functools import partial

import numpy as np
import pytest

from yolox.structures import Detections, InputError
from yolox.tracker import fairmot, jde
from yolox.tracker.association import fuse_motion
from yolox.tracker.byte_tracker import ByteTrack

# The paper's tracker believes looks at once; `test_looks_are_checked.py` has what is done before.
FairMOT, FairMOTByte, JDE = (
    partial(each, check_looks=False) for each in (fairmot.FairMOT, fairmot.FairMOTByte, jde.JDE)
)

RED, BLUE, GREEN = np.eye(3)
NOBODY = Detections.empty()
ALL = [FairMOT, FairMOTByte, JDE]


def _frame(*people, score=0.9):
    """Detections of people given as left edge and embedding; all are 40 × 100 pixels."""
    boxes = [[left, 100, left + 40, 200] for left, _ in people]
    return Detections(boxes, [score] * len(people), None, [look for _, look in people])


def _alike(cosine):
    """An embedding of that cosine with RED."""
    return np.array([cosine, np.sqrt(1 - cosine**2), 0])


def _ids_by_look(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


STANDING = [_frame((100, RED), (124, BLUE))] * 5
ALONE = [_frame((100, RED))] * 5


def test_cost_by_hand():
    looks, distance = np.array([[0.1, 0.1, 0.1]]), np.array([[0.0, 9.0, 9.5]])
    found = fuse_motion(looks, distance, share=0.98)
    np.testing.assert_allclose(found, [[0.098, 0.278, np.inf]])


@pytest.mark.parametrize("algorithm", ALL)
def test_looks_undo_a_swap_that_overlap_makes(algorithm):
    swapped = _frame((116, RED), (108, BLUE))
    assert _ids_by_look(ByteTrack(), [*STANDING, swapped]) == [2, 1]
    assert _ids_by_look(algorithm(), [*STANDING, swapped]) == [1, 2]


# 0.98 (1 − 0.62) < 0.4 < 0.98 (1 − 0.58), and the same of √(2 − 2 cos) for JDE's 0.7; d² is small.
@pytest.mark.parametrize(
    ("algorithm", "cosine", "known"),
    [(FairMOT, 0.62, True), (FairMOT, 0.58, False), (JDE, 0.77, True), (JDE, 0.73, False)],
)
def test_a_lost_track_is_found_by_looks_only(algorithm, cosine, known):
    back = [_frame((106, _alike(cosine)))] * 2
    ids = _ids_by_look(algorithm(), [*ALONE, NOBODY, NOBODY, *back])
    assert ids == ([1] if known else [2])


@pytest.mark.parametrize("algorithm", ALL)
def test_who_was_just_seen_is_found_by_overlap_too(algorithm):
    assert _ids_by_look(algorithm(), [*ALONE, _frame((110, GREEN))]) == [1]  # IoU 0.6
    assert _ids_by_look(algorithm(), [*ALONE, _frame((118, GREEN))]) == [-1]  # IoU 0.38


@pytest.mark.parametrize("algorithm", ALL)
def test_looks_do_not_count_beyond_the_motion_gate(algorithm):
    assert _ids_by_look(algorithm(), [*ALONE, *[_frame((900, RED))] * 2]) == [2]


def test_motion_counts_as_much_as_its_share():
    # Of two who look the same the nearer one, even if he is a little less like.
    frames = [*ALONE, _frame((100, _alike(0.99)), (112, RED))]
    assert _ids_by_look(FairMOT(), frames) == [1, -1]
    assert _ids_by_look(FairMOT(motion_share=0.0), frames) == [-1, 1]


def test_only_jde_waits_for_a_second_sight_in_the_first_frame():
    assert [len(tracker().update(ALONE[0])) for tracker in ALL] == [1, 1, 0]
    assert _ids_by_look(JDE(), ALONE[:2]) == [1]


def test_low_scores_are_used_by_fairmot_byte_alone():
    weak = [_frame((105, GREEN), score=0.3)] * 3
    assert _ids_by_look(FairMOT(), [*ALONE, *weak]) == [-1]
    tracker = FairMOTByte()
    assert _ids_by_look(tracker, [*ALONE, *weak]) == [1]
    np.testing.assert_allclose(tracker._tracks["feature"], [RED], atol=1e-6)  # not remembered
    assert _ids_by_look(FairMOTByte(low_thresh=0.35), [*ALONE, *weak]) == [-1]
    # The limit is that of the tutorial: 0.4, not BYTE's 0.5.
    assert _ids_by_look(FairMOTByte(), [*ALONE, _frame((112, GREEN), score=0.3)]) == [-1]
    assert _ids_by_look(FairMOTByte(), [*ALONE, _frame((109, GREEN), score=0.3)]) == [1]


def test_memory_runs_with_every_sight():
    tracker = FairMOT(memory=0.5)
    _ids_by_look(tracker, [*ALONE, _frame((100, BLUE))])
    np.testing.assert_allclose(tracker._tracks["feature"], [[0.5**0.5, 0.5**0.5, 0]], atol=1e-6)


@pytest.mark.parametrize("algorithm", ALL)
def test_the_score_that_starts_a_track(algorithm):
    weak = [_frame((100, RED), score=0.55)] * 2
    assert _ids_by_look(algorithm(), weak) == [1]
    assert _ids_by_look(algorithm(new_thresh=0.6), weak) == [-1]


@pytest.mark.parametrize("algorithm", ALL)
def test_classes_are_kept_apart_if_wanted(algorithm):
    def of_class(class_id):
        return Detections([[100, 100, 140, 200]], [0.9], [class_id], [RED])

    frames = [*[of_class(0)] * 3, *[of_class(1)] * 3]
    assert _ids_by_look(algorithm(), frames) == [1]
    assert _ids_by_look(algorithm(class_aware=True), frames) == [2]


@pytest.mark.parametrize("algorithm", ALL)
def test_a_lost_track_is_kept_as_long_as_the_buffer(algorithm):
    for absent, expected in ((5, 1), (6, 2)):
        frames = [*ALONE, *[NOBODY] * absent, *ALONE]
        tracker = algorithm(track_buffer=10, frame_rate=15)  # 5 frames
        assert _ids_by_look(tracker, frames) == [expected]


@pytest.mark.parametrize("algorithm", ALL)
def test_detections_without_embeddings_are_refused(algorithm):
    tracker = algorithm()
    with pytest.raises(InputError, match=f"no embeddings, which {algorithm.func.name} needs"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9]))
    tracker.update(ALONE[0])
    with pytest.raises(InputError, match="embeddings have 2 numbers, those of earlier frames 3"):
        tracker.update(Detections([[0, 0, 10, 20]], [0.9], None, [[1, 0]]))


@pytest.mark.parametrize("algorithm", ALL)
def test_parameters_out_of_range(algorithm):
    for name, value in {"match_thresh": 3, "motion_share": 2, "memory": 1}.items():
        with pytest.raises(InputError, match=f"{name} is {value}"):
            algorithm(**{name: value})
    with pytest.raises(InputError, match="low_thresh is 2"):
        FairMOTByte(low_thresh=2)
