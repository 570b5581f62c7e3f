import numpy as np
import pytest

from yolox.structures import Detections, InputError
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.motion import camera, xyah, xysr, xywh
from yolox.tracker.motion.kalman import POSITION, POSITION_VAR, VELOCITY, VELOCITY_VAR

BOX = np.array([[100.0, 100, 140, 200]])  # centre 120, 150; aspect 0.4; height 100; area 4000
QUARTER_TURN_TWICE_AS_LARGE = np.array([[0.0, -2, 5], [2, 0, 7]])


def test_a_camera_that_turns_and_comes_nearer():
    state = xyah.initiate(BOX)
    state[0, VELOCITY, 0] = 3
    moved = xyah.move_camera(state, QUARTER_TURN_TWICE_AS_LARGE)
    np.testing.assert_allclose(moved[0, POSITION], [-295, 247, 0.4, 200])
    np.testing.assert_allclose(moved[0, VELOCITY], [0, 6, 0, 0])
    np.testing.assert_allclose(moved[0, POSITION_VAR], [400, 400, 1e-4, 400])
    np.testing.assert_allclose(moved[0, VELOCITY_VAR, 3], 4 * 39.0625)
    assert state[0, POSITION, 0] == 120  # what was given is as it was


def test_an_area_grows_with_the_square():
    moved = xysr.move_camera(xysr.initiate(BOX), QUARTER_TURN_TWICE_AS_LARGE)
    np.testing.assert_allclose(moved[0, POSITION], [-295, 247, 16_000, 0.4])


def test_width_and_height_grow_alike():
    state = xywh.initiate(BOX)
    state[0, VELOCITY] = 1, 0, 2, 3
    moved = xywh.move_camera(state, QUARTER_TURN_TWICE_AS_LARGE)
    np.testing.assert_allclose(moved[0, POSITION], [-295, 247, 80, 200])
    np.testing.assert_allclose(moved[0, VELOCITY], [0, 2, 4, 6])


def test_boxes_stay_upright():
    moved = camera.move_boxes(np.stack([BOX, BOX]), QUARTER_TURN_TWICE_AS_LARGE)
    np.testing.assert_allclose(moved, [[[-335, 147, -255, 347]]] * 2)


def test_variances_are_those_of_moved_samples():
    rng = np.random.default_rng(0)
    state = xyah.initiate(BOX)
    state[0, POSITION_VAR, :2] = 9, 4
    warp = np.array([[1.1, -0.2, 3], [0.3, 0.9, -4]])
    points = state[0, POSITION, :2] + rng.normal(0, [3, 2], (200_000, 2))
    moved = xyah.move_camera(state, warp)
    found = camera.move_points(points, warp)
    np.testing.assert_allclose(found.mean(axis=0), moved[0, POSITION, :2], atol=0.05)
    np.testing.assert_allclose(found.var(axis=0), moved[0, POSITION_VAR, :2], rtol=0.02)


def test_boxes_move_by_their_centre_and_grow():
    moved = camera.move_boxes(BOX, QUARTER_TURN_TWICE_AS_LARGE)
    np.testing.assert_allclose(moved, [[-335, 147, -255, 347]])
    np.testing.assert_allclose(moved, xywh.to_boxes(
        xywh.move_camera(xywh.initiate(BOX), QUARTER_TURN_TWICE_AS_LARGE)
    ))  # fmt: skip


def test_no_motion_changes_nothing():
    state = xyah.initiate(BOX)
    np.testing.assert_array_equal(xyah.move_camera(state, np.eye(2, 3)), state)


def test_a_track_is_found_again_only_if_the_camera_is_known():
    shift = np.array([[1.0, 0, 300], [0, 1, 0]])
    seen, moved = Detections(BOX, [0.9]), Detections([[400, 100, 440, 200]], [0.9])
    known, unknown = ByteTrack(legacy=False), ByteTrack(legacy=False)
    for tracker in (known, unknown):
        tracker.update(seen)
    assert known.update(moved, camera_motion=shift).ids.tolist() == [1]
    assert unknown.update(moved).ids.tolist() == []


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_maps_of_left_out_frames_are_joined(step):
    rng = np.random.default_rng(step)
    warps = np.eye(2, 3) + rng.normal(0, [0.05, 0.05, 4], (20, 2, 3))
    joined = camera.every(warps, step)
    assert len(joined) == len(range(0, 20, step))
    np.testing.assert_array_equal(joined[0], warps[0])
    for number in range(1, len(joined)):
        point = rng.normal(0, 100, (1, 2))
        there = point
        for frame in range((number - 1) * step + 1, number * step + 1):
            there = camera.move_points(there, warps[frame])
        np.testing.assert_allclose(camera.move_points(point, joined[number]), there)


@pytest.mark.parametrize(
    ("warp", "message"),
    [
        (np.eye(3), r"has shape \(3, 3\); give \(2, 3\)"),
        (np.full((2, 3), np.inf), "give finite numbers"),
        ([[1, 0, 0], [0, -1, 0]], "neither mirror nor flatten"),
        ([[0, 0, 0], [0, 0, 0]], "neither mirror nor flatten"),
    ],
)
def test_a_map_that_is_none(warp, message):
    with pytest.raises(InputError, match=message):
        camera.check_warp(warp)
