import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.metrics import reid
from yolox.metrics.reid import score_embeddings
from yolox.structures import InputError


def _unit(rows):
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _slow(embeddings, identities, images):
    """Rank-1 and mean average precision by loops."""
    firsts, precisions = [], []
    for query in range(len(embeddings)):
        if identities[query] < 0:
            continue
        gallery = [i for i in range(len(embeddings)) if images[i] != images[query]]
        gallery.sort(key=lambda i: -float(embeddings[query] @ embeddings[i]))
        right = [identities[i] == identities[query] for i in gallery]
        if not any(right):
            continue
        firsts.append(right[0])
        at = [sum(right[: k + 1]) / (k + 1) for k in range(len(right)) if right[k]]
        precisions.append(sum(at) / len(at))
    return firsts, precisions


def test_hand_computed():
    embeddings = _unit([[1, 0], [0, 1], [1, 0.05], [0.1, 1], [1, 0.2], [1, 0.3]])
    identities, images = np.array([1, 2, 1, 2, 2, -1]), np.array([0, 0, 1, 1, 2, 2])
    scores = score_embeddings(embeddings, identities, images)
    # Person 1: both find each other first. Person 2, who is like person 1 in image 2: from images 0
    # and 1 ranked first and third of four, from image 2 third and fourth.
    assert scores.queries == 5
    assert scores.rank_1 == pytest.approx(4 / 5)
    precise = [1, 1, (1 + 2 / 3) / 2, (1 + 2 / 3) / 2, (1 / 3 + 2 / 4) / 2]
    assert scores.mean_ap == pytest.approx(np.mean(precise))


def test_perfect_and_useless_embeddings():
    identities, images = np.tile(np.arange(4), 3), np.repeat(np.arange(3), 4)
    perfect = score_embeddings(np.eye(4)[identities], identities, images)
    assert (perfect.rank_1, perfect.mean_ap) == (1, 1)
    assert set(perfect.tpr.values()) == {1}
    useless = score_embeddings(np.ones((12, 1)), identities, images)
    assert useless.mean_ap < 0.6
    assert set(useless.tpr.values()) == {0}


def test_a_pair_in_one_image_is_no_pair():
    embeddings = _unit([[1, 0], [1, 0], [0, 1]])
    with pytest.raises(InputError, match="nobody is in two"):
        score_embeddings(embeddings, np.array([1, 1, 2]), np.array([0, 0, 1]))


def test_true_positive_rate_at_a_false_accept_rate():
    # One dimension of angle: two people whose embeddings overlap in part.
    angles = np.deg2rad([0, 10, 40, 20, 60, 90])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], 1)
    identities, images = np.array([1, 1, 1, 2, 2, 2]), np.arange(6)
    scores = score_embeddings(embeddings, identities, images, false_accept_rates=[0.0, 0.5])
    apart = np.abs(angles[:3, None] - angles[None, 3:]).ravel()
    together = np.deg2rad([10, 40, 30, 40, 70, 30])
    assert scores.tpr[0.0] == np.mean(together < apart.min())
    assert scores.tpr[0.5] == np.mean(np.cos(together) > np.sort(np.cos(apart))[::-1][4])


@given(
    st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 3)), min_size=2, max_size=20),
    st.integers(0, 9),
)
def test_equals_a_slow_reference(people, seed):
    identities, images = np.array(people).T
    embeddings = _unit(np.random.default_rng(seed).normal(size=(len(people), 3)))
    firsts, precisions = _slow(embeddings, identities, images)
    if not firsts:
        with pytest.raises(InputError):
            score_embeddings(embeddings, identities, images)
        return
    scores = score_embeddings(embeddings, identities, images)
    assert scores.rank_1 == pytest.approx(np.mean(firsts))
    assert scores.mean_ap == pytest.approx(np.mean(precisions))


def test_blocks_change_nothing(monkeypatch):
    random = np.random.default_rng(0)
    given_ = (
        _unit(random.normal(size=(50, 4))),
        random.integers(-1, 5, 50),
        random.integers(0, 9, 50),
    )
    whole = score_embeddings(*given_)
    monkeypatch.setattr(reid, "_ROWS_AT_ONCE", 7)
    assert score_embeddings(*given_) == whole


def test_lengths_must_agree():
    with pytest.raises(InputError, match="3 embeddings, 2 identities and 3 images"):
        score_embeddings(np.eye(3), np.array([1, 2]), np.arange(3))
