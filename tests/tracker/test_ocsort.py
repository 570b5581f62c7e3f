"""OC-SORT: what it makes of observations, beside what SORT does."""

import numpy as np
import pytest

from yolox.engine.tracking import plan_jobs, run_jobs
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.structures import Detections, InputError
from yolox.tracker.motion import xysr
from yolox.tracker.motion.kalman import VELOCITY
from yolox.tracker.ocsort import OCSort, re_update
from yolox.tracker.sort import Sort

NOBODY = Detections.empty()


def _at(*lefts, score=0.9):
    """People of 40 × 100 pixels by their left edges."""
    boxes = np.array([[left, 100, left + 40, 200] for left in lefts], float).reshape(-1, 4)
    return Detections(boxes, [score] * len(lefts))


def _last(tracker, frames, **options):
    for frame in frames:
        tracks = tracker.update(frame, **options)
    return tracks


SLOW_WALK = [_at(left) for left in range(10)]


@pytest.mark.parametrize(("inertia", "left"), [(0.0, -3.0), (0.2, 23.0)])
def test_direction_decides_between_two_places(inertia, left):
    # Predicted at 10 or so. The place behind overlaps more, the one ahead is in the direction.
    tracks = _last(OCSort(inertia=inertia), [*SLOW_WALK, _at(-3, 23)])
    assert tracks.boxes[tracks.ids.tolist().index(1), 0] == left


def test_direction_is_taken_over_delta_t():
    # Four frames ago they were behind the left place, in the last frame ahead of it.
    frames = [_at(-6), _at(-4), _at(-2), _at(0), _at(2), _at(-3, 13)]
    assert _last(OCSort(min_hits=0, delta_t=4), frames).boxes[0, 0] == -3
    assert _last(OCSort(min_hits=0, delta_t=1), frames).boxes[0, 0] == 13


def test_who_stopped_is_found_where_they_were_last_seen():
    walk = [_at(20 * step) for step in range(10)]
    halted = [*walk, *[NOBODY] * 5, _at(180), _at(180), _at(180)]
    assert _last(Sort(), halted).ids.tolist() == []
    assert _last(Sort(min_hits=0), halted).ids.tolist() == [2]
    assert _last(OCSort(min_hits=0), halted).ids.tolist() == [1]


def test_what_is_put_out_was_observed():
    tracks = _last(OCSort(), [*SLOW_WALK, _at(15)])
    np.testing.assert_array_equal(tracks.boxes, _at(15).boxes)


def test_low_scores_continue_a_track_with_use_byte_only():
    frames = [*[_at(0)] * 4, *[_at(0, score=0.3)] * 2]
    assert len(_last(OCSort(), frames)) == 0
    assert _last(OCSort(use_byte=True), frames).ids.tolist() == [1]
    assert len(_last(OCSort(use_byte=True, low_thresh=0.3), frames)) == 0
    assert len(_last(OCSort(use_byte=True), [_at(0, score=0.3)])) == 0  # but start none


def test_without_a_gap_the_line_is_one_step():
    state, box = xysr.initiate(_at(0).boxes), _at(4).boxes
    found = re_update(state, _at(0).boxes, box, np.array([0.5]), dt=0.5)
    np.testing.assert_allclose(found, xysr.update(xysr.predict(state, dt=0.5), box))


def test_re_update_is_a_filter_over_a_straight_line():
    rng = np.random.default_rng(0)
    first = _at(*rng.uniform(0, 500, 8)).boxes
    last = first + rng.uniform(-100, 100, (8, 1))
    gaps = np.array([1, 2, 3, 5, 8, 13, 21, 30.0])
    start = xysr.update(xysr.predict(xysr.initiate(first)), first)
    found = re_update(start, first, last, gaps, dt=1.0)
    for row, gap in enumerate(gaps):
        state = start[[row]]
        for share in np.arange(1, gap + 1) / gap:
            box = (1 - share) * first[[row]] + share * last[[row]]
            state = xysr.update(xysr.predict(state), box)
        np.testing.assert_allclose(found[[row]], state, rtol=1e-9, atol=1e-9)


def test_a_gap_of_no_whole_number_of_steps_takes_as_long():
    state, first = xysr.initiate(_at(0).boxes), _at(0).boxes
    found = re_update(state, first, _at(50).boxes, np.array([2.5]), dt=1.0)
    assert found[0, VELOCITY, 0] == pytest.approx(20, abs=0.5)
    found = re_update(state, first, _at(50).boxes, np.array([2.5]), dt=1e-6)  # and not for ever
    assert found[0, VELOCITY, 0] == pytest.approx(20, abs=0.5)


def test_after_a_gap_the_velocity_is_that_of_the_line():
    walk = [_at(10 * step) for step in range(10)]
    back = [*walk, *[NOBODY] * 29, _at(80)]  # 90 → 80 in 30 frames
    tracker = OCSort()
    _last(tracker, back)
    assert tracker._tracks["id"].tolist() == [1]
    assert tracker._tracks["motion"][0, VELOCITY, 0] == pytest.approx(-1 / 3, abs=0.5)


def test_a_gap_is_seen_from_where_the_camera_is_now():
    """The place of the last observation, and the line from there, move with the camera."""
    pan = np.array([[1.0, 0, 300], [0, 1, 0]])
    tracker = OCSort(min_hits=0)
    _last(tracker, [_at(0)] * 5)
    tracker.update(NOBODY, camera_motion=pan)
    assert tracker.update(_at(300)).ids.tolist() == [1]
    assert tracker._tracks["motion"][0, VELOCITY, 0] == pytest.approx(0, abs=1e-9)


def test_all_of_sorts_parameters_are_there():
    assert set(Sort.parameters()) < set(OCSort.parameters())
    for faulty in ({"inertia": -1}, {"delta_t": 0}, {"low_thresh": 3}, {"iou_thresh": 30}):
        (name,) = faulty
        with pytest.raises(InputError, match=f"{name} is {faulty[name]}"):
            OCSort(**faulty)


@pytest.mark.data
def test_scores_as_the_original(published_detections, tmp_path):
    mot17 = published_detections / "mot17"
    folder = mot17 / "detections" / "yolox_x_ablation"
    jobs = plan_jobs(folder, tmp_path, tracker="ocsort", truth=mot17 / "train", half="val")
    list(run_jobs(jobs))
    scores = evaluate(load_sequences(mot17 / "train", tmp_path, [job.name for job in jobs], "val"))
    expected = {"HOTA": 66.49, "MOTA": 74.63, "IDF1": 77.92}  # published: 66.3, 74.5, 77.9
    for metric, value in expected.items():
        assert scores[COMBINED][metric] == pytest.approx(value, abs=0.02), metric
