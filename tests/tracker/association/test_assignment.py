from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.association import assign, assign_then_reject


def _gain_by_search(cost, limit):
    """The least sum of `cost - limit` over every partial matching there is."""
    rows, columns = cost.shape
    best = 0.0
    for size in range(1, min(rows, columns) + 1):
        for chosen in combinations(range(rows), size):
            for partners in permutations(range(columns), size):
                best = min(best, sum(cost[i, j] - limit for i, j in zip(chosen, partners)))  # noqa: B905
    return best


matrices = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 10_000))


@given(matrices, st.sampled_from([0.3, 0.5, 0.7, 0.9]))
def test_assign_finds_the_optimum(shape, limit):
    rows, columns, seed = shape
    cost = np.random.default_rng(seed).random((rows, columns))
    found = assign(cost, limit)
    gain = (cost[found.tracks, found.detections] - limit).sum()
    assert gain == pytest.approx(_gain_by_search(cost, limit))
    assert (cost[found.tracks, found.detections] < limit).all()
    assert sorted([*found.tracks, *found.free_tracks]) == list(range(rows))
    assert sorted([*found.detections, *found.free_detections]) == list(range(columns))


@pytest.mark.parametrize("limit", [0.3, 0.5, 0.7, 0.9])
def test_assign_equals_lap(limit):
    lap = pytest.importorskip("lap")
    random = np.random.default_rng(0)
    for _ in range(300):
        cost = random.random(random.integers(1, 30, 2))
        _, columns_of_rows, _ = lap.lapjv(cost, extend_cost=True, cost_limit=limit)
        expected = [(i, j) for i, j in enumerate(columns_of_rows) if j >= 0]
        found = assign(cost, limit)
        assert list(zip(found.tracks, found.detections, strict=True)) == expected


def test_the_two_rules_differ():
    """Rejecting afterwards lets a dear pair take the detection of a cheap one."""
    cost = np.array([[0.1, 0.2], [0.15, 1.0]])
    assert assign_then_reject(cost, 0.5).tracks.tolist() == [0, 1]
    assert assign(np.array([[0.1, 0.6], [0.45, 1.0]]), 0.5).detections.tolist() == [0]
    rejected = assign_then_reject(np.array([[0.1, 0.6], [0.45, 1.0]]), 0.5)
    assert (rejected.tracks.tolist(), rejected.detections.tolist()) == ([1], [0])


def test_the_limit_itself():
    cost = np.array([[0.5]])
    assert len(assign(cost, 0.5).tracks) == 0
    assert len(assign_then_reject(cost, 0.5).tracks) == 1


def test_forbidden_pairs_are_never_matched():
    found = assign(np.array([[np.inf, 0.2], [np.inf, 0.1]]), 0.9)
    assert found.tracks.tolist() == [1]
    assert found.free_detections.tolist() == [0]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign(shape):
    found = assign(np.empty(shape), 0.5)
    assert (len(found.free_tracks), len(found.free_detections)) == shape


def test_positions_become_rows():
    found = assign(np.array([[0.1, 0.9]]), 0.5).of(np.array([7]), np.array([3, 5]))
    assert [column.tolist() for column in found] == [[7], [3], [], [5]]
