import dataclasses

import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import (
    HALF_LIFE,
    persistent,
    rank1_of,
    simulate_looks,
    whom_they_show,
)
from yolox.structures import DetectionTable, InputError, TruthTable


@pytest.fixture(scope="module")
def scene():
    return make_scene(12, 60, width=960, height=540, seed=3)


def test_whom_they_show_by_hand():
    frames = np.array([1, 1, 2])
    boxes = np.array([[0, 0, 10, 10], [50, 0, 60, 10], [2, 0, 12, 10.0]])
    found = DetectionTable(frames=frames, boxes=boxes, scores=np.ones(3), class_ids=frames * 0)
    truth = TruthTable(
        frames=np.array([1, 2]),
        boxes=boxes[[0, 2]],
        ids=np.array([7, 7]),
        considered=np.ones(2, dtype=bool),
        class_ids=np.ones(2, dtype=int),
        visibility=np.ones(2),
    )
    assert whom_they_show(found, truth).tolist() == [0, -1, 0]


def test_rank1_by_hand():
    features = np.array([[1, 0], [1, 0], [0.6, 0.8], [0, 1], [0, 1], [1, 0.0]])
    people = np.array([0, 0, 0, 1, 1, -1])  # the gallery is rows 1 and 4; rows 0, 2 and 3 ask
    assert rank1_of(features, people) == pytest.approx(2 / 3)


@pytest.mark.parametrize("slow_noise", [0.0, 0.7])
@pytest.mark.parametrize("rank1", [0.5, 0.8, 0.95])
def test_the_quality_is_as_asked(scene, rank1, slow_noise):
    # So far apart in time that slow noise is another in every frame.
    table, truth = (
        dataclasses.replace(each, frames=300 * each.frames)
        for each in (scene.detections, scene.truth)
    )
    found = simulate_looks(table, truth, rank1=rank1, slow_noise=slow_noise)
    people = whom_they_show(found, truth)
    assert rank1_of(found.embeddings, people) == pytest.approx(rank1, abs=0.02)
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), 1, atol=1e-5)


def test_slow_noise_by_hand():
    # Of person 0, in three frames a half-life apart; of nobody between them; of person 1 once.
    frames = np.array([0, 1, HALF_LIFE, HALF_LIFE, 2 * HALF_LIFE])
    fresh = np.array([[1.0], [5.0], [2.0], [7.0], [3.0]])
    second = 0.5 * 1 + 0.75**0.5 * 2
    expected = [[1], [5], [second], [7], [0.5 * second + 0.75**0.5 * 3]]
    np.testing.assert_allclose(persistent(fresh, frames, np.array([0, -1, 0, 1, 0])), expected)


def test_slow_noise_varies_as_much_and_forgets_by_halves():
    fresh = np.random.default_rng(0).normal(size=(200, 2000))
    slow = persistent(fresh, np.arange(200), np.zeros(200, dtype=int))
    np.testing.assert_allclose(slow.std(axis=1), 1, atol=0.1)
    correlation = np.corrcoef(slow[[50, 51, 80, 110]])[0]
    np.testing.assert_allclose(correlation, [1, 0.5 ** (1 / 30), 0.5, 0.25], atol=0.1)


def test_slow_noise_makes_views_of_about_the_same_time_alike(scene):
    def likeness(slow_noise):
        table = simulate_looks(scene.detections, scene.truth, rank1=0.5, slow_noise=slow_noise)
        people = whom_they_show(table, scene.truth)
        alike = []
        for one in np.unique(people[people >= 0]):
            views = table.embeddings[people == one]
            alike += (views[:-1] * views[1:]).sum(axis=1).tolist()
        return np.mean(alike)

    assert likeness(0.0) < likeness(0.5) - 0.2 < likeness(1.0) - 0.4


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_of_slow_noise_out_of_range(scene, share):
    with pytest.raises(InputError, match="slow_noise"):
        simulate_looks(scene.detections, scene.truth, rank1=0.8, slow_noise=share)


@pytest.mark.parametrize("slow_noise", [0.0, 1.0])
def test_looks_that_say_nothing(scene, slow_noise):
    found = simulate_looks(scene.detections, scene.truth, rank1=None, slow_noise=slow_noise)
    people = whom_they_show(found, scene.truth)
    assert rank1_of(found.embeddings, people) < 0.25  # 1 of 12 is chance


def test_the_same_seed_gives_the_same(scene):
    one, other, third = (
        simulate_looks(scene.detections, scene.truth, rank1=0.7, seed=seed).embeddings
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, other)
    assert (one != third).any()


def test_no_noise_makes_it(scene):
    with pytest.raises(InputError, match=r"rank1 is 0\.01; give a share above 0\.\d+, which is"):
        simulate_looks(scene.detections, scene.truth, rank1=0.01)
