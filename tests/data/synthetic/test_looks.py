import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import rank1_of, simulate_looks, whom_they_show
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


@pytest.mark.parametrize("rank1", [0.5, 0.8, 0.95])
def test_the_quality_is_as_asked(scene, rank1):
    found = simulate_looks(scene.detections, scene.truth, rank1=rank1)
    people = whom_they_show(found, scene.truth)
    assert rank1_of(found.embeddings, people) == pytest.approx(rank1, abs=0.02)
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), 1, atol=1e-5)


def test_looks_that_say_nothing(scene):
    found = simulate_looks(scene.detections, scene.truth, rank1=None)
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
