from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.association import (
    assign,
    assign_each_class,
    assign_in_turn,
    assign_then_keep,
)


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
    assert assign_then_keep(cost, cost <= 0.5).tracks.tolist() == [0, 1]
    cost = np.array([[0.1, 0.6], [0.45, 1.0]])
    assert assign(cost, 0.5).detections.tolist() == [0]
    rejected = assign_then_keep(cost, cost <= 0.5)
    assert (rejected.tracks.tolist(), rejected.detections.tolist()) == ([1], [0])


def test_the_limit_itself():
    assert len(assign(np.array([[0.5]]), 0.5).tracks) == 0


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


def test_one_class_does_not_stand_in_the_way_of_another():
    """The cheapest whole matching is 0–1, 1–0; of them only 1–0 is of one class."""
    cost = np.array([[0.4, 0.0], [0.1, 0.9]])
    everything = np.ones((2, 2), dtype=bool)
    found = assign_each_class(cost, everything, np.array([5, 5]), np.array([5, 6]))
    assert [column.tolist() for column in found] == [[1], [0], [0], [1]]
    found = assign_each_class(cost, everything, np.array([5, 6]), np.array([5, 6]))
    assert [column.tolist() for column in found] == [[0, 1], [0, 1], [], []]
    found = assign_each_class(cost, cost < 0.9, np.array([5, 6]), np.array([5, 6]))
    assert [column.tolist() for column in found] == [[0], [0], [1], [1]]


@given(matrices)
def test_a_single_class_is_one_assignment(shape):
    rows, columns, seed = shape
    cost = np.random.default_rng(seed).random((rows, columns))
    of_class = assign_each_class(cost, cost < 0.6, np.full(rows, 3), np.full(columns, 3))
    for found, expected in zip(of_class, assign_then_keep(cost, cost < 0.6), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_an_earlier_turn_takes_what_a_later_one_wants_more():
    cost = np.array([[0.4, 0.9], [0.1, 0.9]])
    found = assign_in_turn(cost, 0.5, np.array([1.0, 2.0]))
    assert (found.tracks.tolist(), found.detections.tolist()) == ([0], [0])
    assert (found.free_tracks.tolist(), found.free_detections.tolist()) == ([1], [1])
    found = assign_in_turn(cost, 0.5, np.array([2.0, 1.0]))
    assert (found.tracks.tolist(), found.detections.tolist()) == ([1], [0])


@given(matrices, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_turns_are_assignments_of_what_is_left(shape, turns):
    rows, columns, seed = shape
    cost = np.random.default_rng(seed).random((rows, columns))
    found = assign_in_turn(cost, 0.6, np.array(turns[:rows], dtype=float))
    left, pairs = cost.copy(), {}
    for turn in range(3):
        group = left.copy()
        group[[i for i in range(rows) if turns[i] != turn]] = np.inf
        step = assign(group, 0.6)
        pairs |= dict(zip(step.tracks.tolist(), step.detections.tolist(), strict=True))
        left[:, step.detections] = np.inf
    assert dict(zip(found.tracks.tolist(), found.detections.tolist(), strict=True)) == pairs
    assert sorted([*found.tracks, *found.free_tracks]) == list(range(rows))
    assert found.free_detections.tolist() == sorted(set(range(columns)) - set(pairs.values()))


@given(matrices)
def test_a_single_turn_is_one_assignment(shape):
    rows, columns, seed = shape
    cost = np.random.default_rng(seed).random((rows, columns))
    for found, expected in zip(
        assign_in_turn(cost, 0.6, np.ones(rows)), assign(cost, 0.6), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
