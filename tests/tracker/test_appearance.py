import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.appearance import cosine_cost, nearest_cost, remember

X, Y = [1.0, 0.0], [0.0, 1.0]


def test_cost_of_same_unrelated_and_opposite_directions():
    cost = cosine_cost(np.array([X], np.float32), np.array([X, Y, [-1.0, 0.0]], np.float32))
    np.testing.assert_allclose(cost, [[0.0, 0.5, 1.0]])


def test_the_nearest_view_counts():
    rng = np.random.default_rng(0)
    galleries, looks = rng.normal(size=(3, 4, 5)), rng.normal(size=(6, 5))
    galleries /= np.linalg.norm(galleries, axis=2, keepdims=True)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    expected = [[min((1 - view @ look) / 2 for view in gallery) for look in looks]
                for gallery in galleries]  # fmt: skip
    np.testing.assert_allclose(nearest_cost(galleries, looks), expected)
    galleries[1, 2:] = 0  # no views yet
    expected[1] = [min((1 - view @ look) / 2 for view in galleries[1, :2]) for look in looks]
    galleries[2] = 0
    expected[2] = [1] * 6
    np.testing.assert_allclose(nearest_cost(galleries, looks), expected)


def test_memory_by_hand():
    # 0.9 · (1, 0) + 0.1 · (0, 1), made unit length
    (seen,) = remember(np.array([X]), np.array([Y]), 0.9)
    np.testing.assert_allclose(seen, np.array([0.9, 0.1]) / np.hypot(0.9, 0.1))


def test_the_first_sight_is_taken_as_it_is_and_opposites_do_not_cancel_out():
    np.testing.assert_array_equal(remember(np.zeros((1, 2)), np.array([Y]), 0.9), [Y])
    np.testing.assert_array_equal(remember(np.array([X]), np.array([[-1.0, 0.0]]), 0.5), [[-1, 0]])


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.999))
def test_what_is_remembered_has_unit_length(seed, memory):
    rng = np.random.default_rng(seed)
    old, new = rng.normal(size=(2, 5, 8)).astype(np.float32)
    old /= np.linalg.norm(old, axis=1, keepdims=True)
    new /= np.linalg.norm(new, axis=1, keepdims=True)
    seen = remember(old, new, memory)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
