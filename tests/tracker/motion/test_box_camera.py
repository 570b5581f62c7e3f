import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.motion.box_camera import common_velocity, estimate
from yolox.tracker.motion.kalman import VELOCITY

NOWHERE = np.zeros(2)
STILL = np.eye(2, 3)


def _people(count, seed=0):
    """Boxes of 40 × 100 that stand apart, in no regular pattern."""
    rng = np.random.default_rng(seed)
    corner = np.c_[np.arange(count) * 90.0 + rng.uniform(0, 30, count), rng.uniform(0, 400, count)]
    return np.concatenate([corner, corner + np.array([40, 100])], axis=1)


def _shift(predicted, found, previous=NOWHERE):
    warp = estimate(predicted, found, previous=np.asarray(previous, dtype=float))
    np.testing.assert_array_equal(warp[:, :2], np.eye(2))
    return warp[:, 2]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_people_say_nothing(count):
    people = _people(count)
    np.testing.assert_array_equal(estimate(people, people + 5, previous=NOWHERE), STILL)
    # Nor do three who are not found again, or detections that nobody was predicted at.
    np.testing.assert_array_equal(estimate(_people(3), people, previous=NOWHERE), STILL)
    np.testing.assert_array_equal(estimate(people, _people(3), previous=NOWHERE), STILL)


@pytest.mark.parametrize("way", [(3, 0), (-8, 2), (0, 20), (35, -10), (150, 0), (-190, 90)])
def test_all_moved_by_the_same_way(way):
    people = _people(8)
    np.testing.assert_allclose(_shift(people, people + np.tile(way, 2)), way, atol=1e-9)


@pytest.mark.parametrize("way", [(201, 0), (0, 101), (1000, 1000)])
def test_a_way_that_no_camera_takes_in_a_frame(way):
    assert not np.allclose(_shift(_people(8), _people(8) + np.tile(way, 2)), way)


def test_the_last_shift_is_tried():
    """Two and a half heights to the side is farther than pairs are looked for."""
    people, way = _people(8), np.array([250.0, 0])
    np.testing.assert_allclose(_shift(people, people + np.tile(way, 2), way), way)
    # Where nothing moved any more it does no harm.
    np.testing.assert_array_equal(_shift(people, people, way), [0, 0])


def test_who_goes_another_way_does_not_count():
    people = _people(9)
    found = people + np.tile([12.0, -4], 2)
    found[:3] += np.tile([15.0, 0], 2)
    np.testing.assert_allclose(_shift(people, found), [12, -4])


def test_what_may_be_chance_is_left_out():
    """By hand: ways 2, 4, 6 to the right; deviation 1.48 · 2, chance 1.48² · 4 / 3, of 4² not."""
    people = _people(3)
    found = people + np.array([[2.0, 0, 2, 0], [4, 0, 4, 0], [6, 0, 6, 0]])
    share = 1 - 1.48**2 * 4 / 3 / 16
    np.testing.assert_allclose(_shift(people, found), [4 * share, 0])
    scattered = people + np.array([[-7.0, 0, -7, 0], [1, 0, 1, 0], [9, 0, 9, 0]])
    np.testing.assert_array_equal(_shift(people, scattered), [0, 0])


@pytest.mark.parametrize("seed", range(5))
def test_a_camera_that_pans_over_a_walking_crowd(seed):
    rng = np.random.default_rng(seed)
    people = _people(25, seed)
    found = people + np.tile([40.0, 6], 2) + np.tile(rng.normal(0, 2, (25, 2)), (1, 2))
    found = found[rng.permutation(25)[:20]]  # five are not detected
    np.testing.assert_allclose(_shift(people, found), [40, 6], atol=1.5)


def test_a_velocity_common_to_all():
    motion = np.zeros((3, 5, 4))
    motion[:, VELOCITY, :2] = [1, 0], [2, 5], [9, -1]
    np.testing.assert_array_equal(common_velocity(motion), [2, 0])
    np.testing.assert_array_equal(common_velocity(motion[:2]), [0, 0])


@given(
    st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2, *[st.floats(0, 1e4)] * 2), max_size=6),
    st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2, *[st.floats(0, 1e4)] * 2), max_size=6),
)
def test_any_boxes_give_a_finite_shift(predicted, found):
    boxes = []
    for rows in (predicted, found):
        array = np.array(rows).reshape(-1, 4)
        boxes.append(np.c_[array[:, :2], array[:, :2] + array[:, 2:]])
    assert np.isfinite(_shift(*boxes)).all()
