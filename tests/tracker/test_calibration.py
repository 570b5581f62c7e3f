"""How alike views are, learned while tracking: by hand, and for any scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.calibration import (
    ENOUGH,
    FADING,
    certain_pairs,
    evidence,
    learn,
    nothing_known,
    separation,
)


def _learned(same, different):
    return learn(nothing_known(), np.array(same), np.array(different))


def _of_means(same, different):
    """Fifty distances of each kind, evenly 0.1 above and below their mean."""
    away = np.tile([-0.1, 0.1], ENOUGH // 2)
    return _learned(same + away, different + away)


def test_numbers_sums_and_squares_by_hand():
    once = _learned([0.1, 0.3], [0.5])
    np.testing.assert_allclose(once, [[2, 0.4, 0.1], [1, 0.5, 0.25]])
    again = learn(once, np.array([0.2]), np.array([]))
    # What is known of the same person faded; of others nothing was seen, and nothing faded.
    expected = [[2 * FADING + 1, 0.4 * FADING + 0.2, 0.1 * FADING + 0.04], [1, 0.5, 0.25]]
    np.testing.assert_allclose(again, expected)
    np.testing.assert_allclose(once, [[2, 0.4, 0.1], [1, 0.5, 0.25]])


def test_likelihood_ratio_by_hand():
    # Mean 0.2 and variance 0.01 are the gamma density of shape 4 and scale 1/20,
    # x³ e^(−20 x) 20⁴ / 3!; the normal one of 0.5 and 0.01 is e^(−50 (x − 0.5)²) / √(0.02 π).
    distances = np.array([[0.2, 0.35], [0.5, 0.25]])
    alike = distances**3 * np.exp(-20 * distances) * 20**4 / 6
    unlike = np.exp(-50 * (distances - 0.5) ** 2) / np.sqrt(0.02 * np.pi)
    found = evidence(_of_means(0.2, 0.5), distances)
    np.testing.assert_allclose(found, np.log(alike / unlike))
    assert (found > 0).tolist() == [[True, False], [False, True]]


def test_views_that_are_rarely_far_apart_may_be_so():
    # The same mean and variance of others, but one view in twenty is a person's half hidden.
    steady = _learned([0.04, 0.06] * 30, [0.4, 0.6] * 30)
    with_outliers = _learned([0.03] * 57 + [0.43] * 3, [0.4, 0.6] * 30)
    half_way = np.array([0.3])
    assert evidence(steady, half_way) < -20
    assert evidence(with_outliers, half_way) > -1
    assert evidence(with_outliers, np.array([0.02])) > 5


@given(st.floats(0.01, 0.4), st.floats(0.001, 0.3), st.floats(0.001, 0.3))
def test_the_farther_the_less_likely_the_same(same, spread, other_spread):
    sign = np.tile([-1.0, 1.0], ENOUGH // 2)
    known = _learned(np.abs(same + spread * sign), 0.5 + other_spread * sign)
    found = evidence(known, np.linspace(0, 1, 101))
    assert (np.diff(found) <= 1e-9).all()


def test_nothing_is_trusted_before_enough_is_known():
    enough, less = [0.1] * ENOUGH, [0.1] * (ENOUGH - 1)
    far = [0.5] * ENOUGH
    assert evidence(_learned(less, far), np.array([0.1])) == 0
    assert evidence(_learned(enough, far[1:]), np.array([0.1])) == 0
    assert evidence(_learned(enough, far), np.array([0.1])) > 0


@pytest.mark.parametrize("different", [0.2, 0.29, 0.1])
def test_looks_that_do_not_tell_people_apart_are_not_trusted(different):
    assert not evidence(_of_means(0.2, different), np.linspace(0, 1, 11)).any()


def test_embeddings_that_are_all_the_same_are_not_trusted():
    calibration = _learned([0.0] * 100, [0.0] * 100)
    assert not evidence(calibration, np.array([0.0, 1.0])).any()


def test_separation_by_hand():
    assert separation(_of_means(0.2, 0.5)) == pytest.approx(3)  # 0.3 of 0.1
    assert separation(_of_means(0.5, 0.2)) == pytest.approx(-3)
    assert separation(nothing_known()) == 0
    assert separation(_learned([0.1] * (ENOUGH - 1), [0.5] * ENOUGH)) == 0


def test_certain_are_pairs_with_nobody_else_near():
    overlap = np.array([[0.9, 0.2, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 0.3]])
    # The second has two detections near, the third none: 0.3 is not above 0.3.
    tracks, detections = certain_pairs(overlap)
    assert (tracks.tolist(), detections.tolist()) == ([0], [0])
    tracks, detections = certain_pairs(overlap[:, :2])
    assert (tracks.tolist(), detections.tolist()) == ([0, 1], [0, 1])
    assert not len(certain_pairs(np.array([[0.9], [0.4]]))[0])  # two tracks want one


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1))
def test_the_scale_of_the_distances_does_not_matter(seed, scale):
    rng = np.random.default_rng(seed)
    same, different = rng.uniform(0, 0.3, 60), rng.uniform(0.2, 0.6, 80)
    distances = rng.uniform(0, 0.6, (3, 4))
    plain = evidence(_learned(same, different), distances)
    shrunk = _learned(scale * same, scale * different)
    np.testing.assert_allclose(evidence(shrunk, scale * distances), plain, atol=1e-6)


def test_what_was_long_ago_is_forgotten():
    calibration = _of_means(0.2, 0.5)
    for _ in range(2000):
        calibration = learn(calibration, np.array([0.4]), np.array([0.9]))
    np.testing.assert_allclose(calibration[:, 1] / calibration[:, 0], [0.4, 0.9], atol=1e-6)
    np.testing.assert_allclose(calibration[:, 0], 1 / (1 - FADING), rtol=1e-6)
