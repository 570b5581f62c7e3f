import cv2
import numpy as np
import pytest

from yolox.data.synthetic import PRESETS, make_scene
from yolox.data.synthetic.camera import warp_points
from yolox.data.synthetic.rendering import render
from yolox.data.synthetic.scene import person_boxes

SMALL = {"width": 480, "height": 270}


@pytest.mark.parametrize("preset", PRESETS)
def test_frames_are_images_and_the_seed_decides_every_pixel(preset):
    one, same = (make_scene(5, 3, preset=preset, seed=1, **SMALL) for _ in range(2))
    frames = list(render(one))
    assert len(frames) == 3
    for image, again in zip(frames, render(same), strict=True):
        assert image.shape == (270, 480, 3)
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(image, again)
    other = next(render(make_scene(5, 3, preset=preset, seed=2, **SMALL)))
    assert (other != frames[0]).mean() > 0.5


def test_drawing_changes_nothing_of_what_is_true():
    drawn, undrawn = (make_scene(5, 10, seed=3, **SMALL) for _ in range(2))
    before = person_boxes(drawn.world)
    list(render(drawn))
    np.testing.assert_array_equal(person_boxes(drawn.world), before)
    np.testing.assert_array_equal(drawn.truth.boxes, undrawn.truth.boxes)
    np.testing.assert_array_equal(drawn.truth.visibility, undrawn.truth.visibility)
    np.testing.assert_array_equal(drawn.detections.scores, undrawn.detections.scores)


def test_people_are_drawn_in_their_boxes():
    """Two frames of a still street differ where people are, and there only."""
    scene = make_scene(6, 40, seed=11, **SMALL)
    still = scene._replace(world=scene.world._replace(light=np.ones((40, 3))))
    first, *_, last = (image.astype(int) for image in render(still))
    changed = np.abs(last - first).max(axis=2) > 100  # one shadow changes less
    near_people = np.zeros_like(changed)
    for frame in (1, 40):
        rows = scene.truth.rows_of(frame)
        for left, top, right, low in scene.truth.boxes[rows].round().astype(int):
            near_people[max(top - 2, 0) : low + 2, max(left - 2, 0) : right + 2] = True
    assert changed.sum() > 500
    assert (changed & near_people).sum() > 0.97 * changed.sum()


def test_the_picture_follows_the_camera_motion():
    scene = make_scene(2, 25, preset="moving_camera", seed=4, width=640, height=360)
    frames = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in render(scene)]
    errors, moved = [], []
    for now in range(5, 25, 4):
        corners = cv2.goodFeaturesToTrack(frames[now - 1], 200, 0.02, 8)[:, 0]
        found, good, _ = cv2.calcOpticalFlowPyrLK(frames[now - 1], frames[now], corners, None)
        kept = good[:, 0] == 1
        expected = warp_points(scene.camera_motion[now], corners[kept].astype(float))
        errors.append(np.median(np.linalg.norm(found[kept] - expected, axis=1)))
        moved.append(np.median(np.linalg.norm(found[kept] - corners[kept], axis=1)))
    assert max(errors) < 0.5
    assert max(moved) > 2


def test_a_moving_camera_blurs():
    scene = make_scene(2, 30, preset="moving_camera", seed=4, width=640, height=360)
    fast = int(np.linalg.norm(scene.camera_motion[:, :, 2], axis=1).argmax())
    sharp = scene._replace(world=scene.world._replace(exposure=0.0))
    for frame, (blurred, clear) in enumerate(zip(render(scene), render(sharp), strict=True)):
        if frame == fast:
            assert (
                cv2.Laplacian(blurred, cv2.CV_64F).var()
                < 0.9 * cv2.Laplacian(clear, cv2.CV_64F).var()
            )


def test_light_changes():
    scene = make_scene(2, 200, seed=4, width=160, height=90)
    brightness = [image.mean() for image in render(scene)]
    assert np.ptp(brightness) > 3
