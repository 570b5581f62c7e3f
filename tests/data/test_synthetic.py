import numpy as np

from yolox.data.synthetic import make_scene
from yolox.structures import box_iou


def test_a_seed_gives_one_scene():
    first, same, other = make_scene(seed=3), make_scene(seed=3), make_scene(seed=4)
    np.testing.assert_array_equal(first.detections.boxes, same.detections.boxes)
    assert len(first.detections) != len(other.detections) or not np.array_equal(
        first.detections.boxes, other.detections.boxes
    )


def test_everybody_is_there_in_every_frame():
    scene = make_scene(7, 50)
    assert len(scene.truth) == 7 * 50
    assert scene.truth.rows_of(50) == slice(343, 350)
    assert sorted(scene.truth.ids[scene.truth.rows_of(20)]) == list(range(1, 8))


def test_nearer_people_hide_those_behind():
    scene = make_scene(12, 100)
    nearest = scene.truth.boxes[:, 3].reshape(100, 12).argmax(axis=1)
    visibility = scene.truth.visibility.reshape(100, 12)
    assert (visibility[np.arange(100), nearest] == 1).all()
    assert visibility.min() < 0.3


def test_detections_are_near_people_and_hidden_people_score_low():
    scene = make_scene(12, 100)
    clear, hidden = [], []
    for frame in range(1, 101):
        rows = scene.truth.rows_of(frame)
        found = scene.detections.at(frame)
        overlap = box_iou(scene.truth.boxes[rows], found.boxes)
        score_of = found.scores[overlap.argmax(axis=1)]
        visible, seen = scene.truth.visibility[rows], overlap.max(axis=1) > 0.6
        clear += score_of[seen & (visible > 0.95)].tolist()
        hidden += score_of[seen & (visible < 0.3)].tolist()
    assert len(clear) > 500
    assert len(hidden) > 20
    assert np.mean(clear) > 0.85
    assert np.mean(hidden) < 0.7
