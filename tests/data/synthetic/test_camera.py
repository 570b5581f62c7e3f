import numpy as np

from yolox.data.synthetic.camera import camera_poses, motion_between, sway, warp_points
from yolox.data.synthetic.presets import PRESETS

TIMES = np.arange(300) / 30


def _poses(preset="moving_camera", seed=0):
    return camera_poses(PRESETS[preset], TIMES, 960, 540, np.random.default_rng(seed))


def test_motion_carries_points_from_frame_to_frame():
    poses = _poses()
    points = np.random.default_rng(1).uniform(0, 900, (20, 2))
    seen = warp_points(poses[:, None], points)  # (F, 20, 2)
    motion = motion_between(poses)
    np.testing.assert_allclose(warp_points(motion[1:, None], seen[:-1]), seen[1:], atol=1e-8)


def test_camera_pans_zooms_and_rolls_as_far_as_the_preset_says():
    poses, plan = _poses(), PRESETS["moving_camera"]
    zoom = np.hypot(poses[:, 0, 0], poses[:, 1, 0])
    roll = np.rad2deg(np.arctan2(poses[:, 1, 0], poses[:, 0, 0]))
    assert 1 <= zoom.min() < zoom.max() <= 1 + plan.zoom
    assert 0.3 * plan.roll < np.abs(roll).max() <= plan.roll
    middle = warp_points(poses, np.array([480.0, 270.0]))
    assert 0.3 * plan.pan * 960 < np.abs(middle[:, 0] - 480).max()


def test_a_camera_turns_and_zooms_without_shear():
    turn = _poses()[:, :, :2]
    square = turn @ turn.swapaxes(1, 2)
    zoom = square[:, 0, 0]
    np.testing.assert_allclose(square, zoom[:, None, None] * np.eye(2), atol=1e-12)


def test_a_standing_camera_is_exactly_still():
    np.testing.assert_array_equal(_poses("street"), np.broadcast_to(np.eye(3)[:2], (300, 2, 3)))


def test_sway_is_a_function_of_time():
    one = sway(TIMES, (0.1, 1.0), np.random.default_rng(2))
    every_other = sway(TIMES[::2], (0.1, 1.0), np.random.default_rng(2))
    np.testing.assert_allclose(one[::2], every_other)
    assert np.abs(one).max() <= 1
