from itertools import pairwise

import numpy as np
import pytest

from yolox.data.synthetic import PRESETS, make_scene
from yolox.data.synthetic.scene import person_boxes
from yolox.structures import InputError, box_iou

SMALL = {"width": 480, "height": 270}


def test_a_seed_gives_one_scene():
    first, same, other = make_scene(seed=3), make_scene(seed=3), make_scene(seed=4)
    np.testing.assert_array_equal(first.truth.boxes, same.truth.boxes)
    np.testing.assert_array_equal(first.truth.visibility, same.truth.visibility)
    np.testing.assert_array_equal(first.detections.boxes, same.detections.boxes)
    assert first.world.layout == same.world.layout
    assert len(first.detections) != len(other.detections) or not np.array_equal(
        first.detections.boxes, other.detections.boxes
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_makes_a_scene(preset):
    plan = PRESETS[preset]
    scene = make_scene(frames=60, preset=preset, seed=1, **SMALL)
    assert (scene.length, scene.frame_rate) == (60, plan.frame_rate)
    assert (scene.width, scene.height) == (480, 270)
    assert scene.truth.last_frame == 60
    assert scene.truth.ids.min() >= 1
    assert scene.truth.ids.max() <= plan.people
    assert len(np.unique(scene.truth.ids)) > 0.5 * plan.people
    assert (np.diff(scene.truth.frames) >= 0).all()
    assert ((scene.truth.visibility >= 0) & (scene.truth.visibility <= 1)).all()
    assert (np.abs(scene.detections.scores - 0.5) <= 0.5).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_an_id_stands_once_in_a_frame_and_only_in_the_image(preset):
    scene = make_scene(frames=200, preset=preset, seed=2, **SMALL)
    rows = np.stack([scene.truth.frames, scene.truth.ids], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows)
    left, top, right, low = scene.truth.boxes.T
    assert ((right > 0) & (low > 0) & (left < 480) & (top < 270)).all()
    assert ((right > left) & (low > top)).all()


def test_people_come_back_after_a_long_absence_under_their_id():
    scene = make_scene(12, 1500, seed=5)
    absences = []
    for person in np.unique(scene.truth.ids):
        frames = scene.truth.frames[scene.truth.ids == person]
        absences += (np.diff(frames) - 1).tolist()
    away = np.array(absences)[np.array(absences) > 0]
    assert (away > 2 * scene.frame_rate).sum() >= 5
    per_frame = np.bincount(scene.truth.frames)[1:]
    assert 0 < per_frame.min() < per_frame.max() <= 12


def test_newcomers_arrive_while_the_scene_runs():
    first = np.concatenate([_first_frames(make_scene(12, 600, seed=seed)) for seed in range(3)])
    assert 0.5 < (first == 1).mean() < 0.95
    assert (first > 60).sum() >= 3


def test_nearer_people_hide_those_behind():
    scene = make_scene(12, 100, preset="dance", seed=1)
    boxes, world = person_boxes(scene.world), scene.world
    for frame in (0, 40, 99):
        rows = scene.truth.rows_of(frame + 1)
        shown = scene.truth.ids[rows] - 1
        nearest = shown[world.depths[frame, shown].argmin()]
        inside = (boxes[frame, nearest] > 0).all() and (
            boxes[frame, nearest] < [1280, 720, 1280, 720]
        ).all()
        if inside:
            assert scene.truth.visibility[rows][shown == nearest] == 1
    assert scene.truth.visibility.min() < 0.2


def test_lower_in_the_image_is_nearer_and_taller():
    scene = make_scene(30, 100, seed=1)
    people = scene.world.feet[..., 1][scene.world.present]
    heights = np.array([figure.build.height for figure in scene.world.figures])
    scale = scene.world.view.scale(scene.world.depths)
    tall = (heights * scale)[scene.world.present]
    assert np.corrcoef(people, tall)[0, 1] > 0.8  # not 1: there are children
    # Everybody's eyes are cut by the horizon in proportion: the camera is at one height for all.
    below = scene.world.feet[..., 1] - scene.world.view.horizon
    np.testing.assert_allclose(below / scale, scene.world.view.eye)


def test_detections_are_near_people_and_hidden_people_score_low():
    scene = make_scene(12, 200, seed=1)
    clear, hidden = [], []
    for frame in range(1, 201):
        rows = scene.truth.rows_of(frame)
        found = scene.detections.at(frame)
        overlap = box_iou(scene.truth.boxes[rows], found.boxes)
        score_of = found.scores[overlap.argmax(axis=1)]
        visible, seen = scene.truth.visibility[rows], overlap.max(axis=1) > 0.6
        clear += score_of[seen & (visible > 0.95)].tolist()
        hidden += score_of[seen & (visible < 0.4)].tolist()
    assert len(clear) > 500
    assert len(hidden) > 20
    assert np.mean(clear) > 0.85
    assert np.mean(hidden) < 0.7


def test_crowd_hides_more_than_street():
    shares = [
        np.mean([_hidden_share(make_scene(frames=150, preset=name, seed=n)) for n in range(4)])
        for name in ("street", "crowd")
    ]
    assert shares[1] > 1.3 * shares[0]


def test_low_fps_shows_the_same_world_with_longer_steps():
    street = make_scene(10, 121, preset="street", seed=6, **SMALL)
    rare = make_scene(10, 21, preset="low_fps", seed=6, **SMALL)
    assert street.world.layout == rare.world.layout
    np.testing.assert_allclose(rare.world.feet, street.world.feet[::6])
    assert _step(rare) > 5 * _step(street)


def test_dance_moves_erratically():
    assert _turning(make_scene(10, 200, preset="dance")) > 5 * _turning(make_scene(10, 200))


def test_lookalikes_are_dressed_alike_and_others_are_not():
    alike = _neighbours_distance(make_scene(15, 2, preset="lookalikes"))
    street = _neighbours_distance(make_scene(15, 2, preset="street"))
    dance = _neighbours_distance(make_scene(15, 2, preset="dance"))
    assert np.median(alike) == 0
    assert np.median(street) > 60
    assert max(dance) == 0


def test_only_a_moving_camera_moves():
    still = make_scene(3, 50).camera_motion
    np.testing.assert_array_equal(still, np.broadcast_to(np.eye(3)[:2], (50, 2, 3)))
    moving = make_scene(3, 50, preset="moving_camera").camera_motion
    np.testing.assert_array_equal(moving[0], np.eye(3)[:2])
    assert np.abs(moving[1:, :, 2]).max() > 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"people": 0}, "people is 0; give a number from 1"),
        ({"frames": 0}, "frames is 0; give a number from 1"),
        ({"width": 10}, "width is 10; give a number from 64"),
        ({"height": 100_000}, "height is 100000; give a number from 64 to 8192"),
        ({"tallest": 0.5}, "tallest is 0.5; give a number from 4"),
        ({"seed": -1}, "seed is -1"),
        ({"people": 2.5}, "people is 2.5; give a whole number"),
        ({"seed": "a"}, "seed is 'a'; give a whole number"),
        ({"preset": "alley"}, "preset is 'alley'; there are street, crowd"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        make_scene(**arguments)


def _first_frames(scene):
    ids = np.unique(scene.truth.ids)
    return np.array([scene.truth.frames[scene.truth.ids == person][0] for person in ids])


def _hidden_share(scene):
    left, _, right, low = scene.truth.boxes.T
    inside = (left > 0) & (right < scene.width) & (low < scene.height)
    return (scene.truth.visibility[inside] < 0.5).mean()


def _step(scene):
    """Mean way between frames in pixels of those who are there."""
    feet, there = scene.world.feet, scene.world.present
    way = np.linalg.norm(np.diff(feet, axis=0), axis=-1)
    return way[there[1:] & there[:-1]].mean()


def _turning(scene):
    """Mean change of velocity from frame to frame, in heights of the person."""
    feet, there = scene.world.feet, scene.world.present
    scale = scene.world.view.scale(scene.world.depths)[1:-1]
    change = np.linalg.norm(np.diff(feet, 2, axis=0), axis=-1) / scale
    return change[there[2:] & there[1:-1] & there[:-2]].mean()


def _clothes_distance(one, other):
    """Mean distance of the colours of top, legs and shoes, 0 for the same clothes."""
    pairs = [(one.colours[name], other.colours[name]) for name in ("top", "legs", "shoes")]
    return np.mean([np.linalg.norm(np.subtract(a, b)) for a, b in pairs])


def _neighbours_distance(scene):
    figures = scene.world.figures
    return [_clothes_distance(one.outfit, other.outfit) for one, other in pairwise(figures)]
