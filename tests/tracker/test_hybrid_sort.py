"""Hybrid-SORT: what scores, heights and corners decide."""

import numpy as np
import pytest

from yolox.engine.tracking import plan_jobs, run_jobs
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.structures import Detections, InputError
from yolox.structures.boxes import box_iou
from yolox.tracker.association import height_modulated_iou
from yolox.tracker.hybrid_sort import HybridSort
from yolox.tracker.ocsort import OCSort


def _people(*boxes_and_scores):
    """Detections of people given as a box and a score."""
    boxes, scores = zip(*boxes_and_scores, strict=True)
    return Detections(boxes, scores)


def _ids_by_row(tracker, frames):
    """Track all frames; of the last give the id of each detection, in their order."""
    for frame in frames:
        tracks = tracker.update(frame)
    ids = np.full(len(frames[-1]), -1)
    ids[tracks.detection_indices] = tracks.ids
    return ids.tolist()


HERE = [100.0, 100, 140, 200]


def test_height_modulated_iou_by_hand():
    others = np.array([HERE, [120, 100, 160, 200], [100, 150, 140, 250], [100, 200, 140, 300]])
    found = height_modulated_iou(np.array([HERE]), others)
    # Sideways the heights agree; half a height lower the heights share a third, as the areas do.
    np.testing.assert_allclose(found, [[1, 1 / 3, 1 / 9, 0]])
    assert (found <= box_iou(np.array([HERE]), others)).all()


def test_boxes_without_a_height_overlap_nothing():
    flat = np.array([[0.0, 5, 9, 5]])
    assert height_modulated_iou(flat, flat).tolist() == [[0]]


def test_of_two_people_in_one_place_the_score_tells():
    """One in front with a high score, one behind with a lower one; then both step half aside."""
    standing = _people((HERE, 0.95), ([108.0, 100, 148, 200], 0.65))
    crossed = _people(([104.0, 100, 144, 200], 0.65), ([104.0, 100, 144, 200], 0.95))
    assert _ids_by_row(HybridSort(), [standing] * 6 + [crossed]) == [2, 1]


def test_a_filter_of_scores_follows_a_trend():
    tracker = HybridSort()
    for score in np.linspace(0.95, 0.7, 26):
        tracker.update(_people((HERE, score)))
    position, velocity = tracker._tracks["score_motion"][0, :2, 0]
    assert position == pytest.approx(0.70, abs=0.01)
    assert velocity == pytest.approx(-0.01, abs=0.002)


def test_in_the_low_stage_a_falling_score_goes_on_falling():
    weak = _people(([106.0, 100, 146, 200], 0.58), ([94.0, 100, 134, 200], 0.44))
    # 2 · 0.62 − 0.8 = 0.44 and 2 · 0.61 − 0.61 = 0.61; both overlap as much.
    falling = [_people((HERE, score)) for score in (0.9, 0.9, 0.9, 0.8, 0.62)]
    assert _ids_by_row(HybridSort(), [*falling, weak]) == [-1, 1]
    steady = [_people((HERE, 0.61))] * 5
    assert _ids_by_row(HybridSort(), [*steady, weak]) == [1, -1]


def test_cues_by_hand():
    tracker = HybridSort(inertia=0.0, score_weight=2.0)
    for _ in range(3):
        tracker.update(_people((HERE, 0.8)))
    frame = _people((HERE, 0.7), (HERE, 0.95))
    np.testing.assert_allclose(tracker._cues(frame, np.arange(2)), [[-0.2, -0.3]], atol=1e-6)


def test_corners_see_who_comes_nearer():
    """The centre stands still, the corners move apart: those of the larger box go on so."""

    def grown(step, shift=0.0):
        return [100 - step + shift, 100 - step, 140 + step + shift, 200 + step]

    growing = [_people((grown(step), 0.9)) for step in range(6)]
    larger = np.array([grown(6), grown(3)])
    ours, theirs = HybridSort(), OCSort()
    for frame in growing:
        ours.update(frame)
        theirs.update(frame)
    ours.time = theirs.time = 7.0
    np.testing.assert_allclose(theirs._momentum(larger), [[0, 0]], atol=1e-9)
    ((ahead, back),) = ours._momentum(larger)
    assert ahead == pytest.approx(0.5, abs=1e-6)
    assert back < 0


def test_of_ocsorts_parameters_some_have_other_defaults():
    ours, theirs = HybridSort.parameters(), OCSort.parameters()
    differ = {name for name in theirs if ours[name].default != theirs[name].default}
    assert set(theirs) < set(ours)
    assert differ == {"inertia", "iou_thresh", "use_byte"}
    with pytest.raises(InputError, match="score_weight is -1"):
        HybridSort(score_weight=-1)


@pytest.mark.data
def test_scores_near_the_published_ones(published_detections, tmp_path):
    mot17 = published_detections / "mot17"
    folder = mot17 / "detections" / "yolox_x_ablation"
    jobs = plan_jobs(folder, tmp_path, tracker="hybrid_sort", truth=mot17 / "train", half="val")
    list(run_jobs(jobs))
    scores = evaluate(load_sequences(mot17 / "train", tmp_path, [job.name for job in jobs], "val"))
    published = {"HOTA": 67.1, "MOTA": 75.8, "IDF1": 78.0}
    for metric, value in published.items():
        assert scores[COMBINED][metric] == pytest.approx(value, abs=0.2), metric
