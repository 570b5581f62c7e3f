import numpy as np
import pytest

from yolox.structures import Detections, DetectionTable, InputError
from yolox.tracker.motion.box_camera import (
    BoxCamera,
    estimate_from_boxes,
    estimate_sequence,
    mutual_nearest,
)

STILL = np.eye(2, 3)


def _boxes(centres, height=100.0):
    half = np.array([height / 4, height / 2])
    return np.concatenate([np.subtract(centres, half), np.add(centres, half)], axis=1)


CROWD = np.array([[100, 200], [300, 220], [520, 180], [700, 240], [900, 210]], dtype=float)


def test_a_shift_is_the_median_of_what_the_boxes_did():
    walked = np.array([[3, 0], [0, 1], [0, 0], [-4, 0], [30, 0]], dtype=float)
    warp, rows, matched = estimate_from_boxes(
        _boxes(CROWD), _boxes(np.add(CROWD, (12, -7)) + walked)
    )
    assert rows.tolist() == matched.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(warp, [[1, 0, 12], [0, 1, -7]])


@pytest.mark.parametrize(
    "seen",
    [
        CROWD[:2] + 10,  # too few
        CROWD[:0],
        np.add(CROWD, [[30, 30], [-30, 30], [30, -30], [-30, -30], [0, 40]]),  # each its own way
        np.add(CROWD, (90, 0)),  # nobody within reach
    ],
)
def test_what_tells_nothing_is_a_camera_that_stands(seen):
    np.testing.assert_array_equal(estimate_from_boxes(_boxes(CROWD), _boxes(seen))[0], STILL)


def test_pairs_are_mutual_near_and_of_like_height():
    #  0 and 1 both are nearest to 0, which prefers 1; 2 is too far; 3 is much taller
    a = _boxes(np.array([[100, 100], [110, 100], [400, 100], [600, 100]], dtype=float))
    b = np.concatenate([
        _boxes(np.array([[112, 100], [460, 100]], dtype=float)),
        _boxes(np.array([[600, 100]], dtype=float), height=190),
    ])  # fmt: skip
    rows, matched = mutual_nearest(a, b)
    assert (rows.tolist(), matched.tolist()) == ([1], [0])


def test_boxes_without_height_pair_with_nothing():
    flat = np.array([[0.0, 5, 10, 5]])
    assert not len(mutual_nearest(flat, flat)[0])
    assert not len(mutual_nearest(_boxes(CROWD), np.empty((0, 4)))[0])


def test_steady_walkers_are_not_taken_for_the_camera():
    """All walk right by 2 px; once that is known, a camera that turns back is told apart."""
    watching = BoxCamera()
    for frame in range(60):
        warp = watching.update(Detections(_boxes(np.add(CROWD, (2.0 * frame, 0))), np.ones(5)))
    # The first frames were taken for the camera: only who differs from the others has a speed.
    np.testing.assert_allclose(warp[:, 2], [2, 0], atol=1e-9)
    two_ways = np.array([[3, 0], [3, 0], [0, 0], [-3, 0], [-3, 0]], dtype=float)
    watching = BoxCamera()
    for frame in range(60):
        panned = 5.0 * (frame - 50 if frame > 50 else 0)
        warp = watching.update(
            Detections(_boxes(CROWD + frame * two_ways + (panned, 0)), np.ones(5))
        )
    np.testing.assert_allclose(warp[:, 2], [5, 0], atol=0.02)


def test_speeds_go_by_time():
    """Who walks at a known speed is expected so much further on where frames are left out."""
    ways = np.array([[4, 0], [4, 0], [4, 0], [0, 0], [-4, 0], [-4, 0], [-4, 0]], dtype=float)
    start = np.concatenate([CROWD, [[1100, 200], [1300, 230]]])
    watching = BoxCamera()
    for frame in range(80):
        watching.update(Detections(_boxes(start + frame * ways), np.ones(7)))
    for frame in (81, 83, 85):
        boxes = _boxes((start + frame * ways)[:3])  # the others are hidden
        warp = watching.update(Detections(boxes, np.ones(3)), dt=2)
        np.testing.assert_allclose(warp[:, 2], [0, 0], atol=0.02)
    with pytest.raises(InputError, match="dt is 0; give"):
        watching.update(Detections.empty(), dt=0)


def test_low_scores_count_for_nothing():
    watching = BoxCamera()
    watching.update(Detections(_boxes(CROWD), np.full(5, 0.1)))
    warp = watching.update(Detections(_boxes(CROWD + 9), np.full(5, 0.9)))
    np.testing.assert_array_equal(warp, STILL)


def test_a_sequence_gives_a_map_a_frame():
    shifts = np.cumsum([0, 4, -3, 6, 0, 2])
    table = DetectionTable(
        frames=np.repeat(np.arange(1, 7), 5),
        boxes=np.concatenate([_boxes(np.add(CROWD, (shift, 0))) for shift in shifts]),
        scores=np.ones(30),
        class_ids=np.zeros(30, dtype=np.int64),
    )
    warps = estimate_sequence(table, 8)
    assert warps.shape == (8, 2, 3)
    np.testing.assert_allclose(warps[:, 0, 2], [0, 4, -3, 6, 0, 2, 0, 0], atol=1e-9)
    assert estimate_sequence(table, 0).shape == (0, 2, 3)
