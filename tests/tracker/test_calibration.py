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
    # Variance 0.01, lead 0.3, middle 0.35: 30 for each unit below the middle.
    found = evidence(_of_means(0.2, 0.5), np.array([[0.2, 0.35], [0.5, 0.25]]))
    np.testing.assert_allclose(found, [[4.5, 0], [-4.5, 3]], atol=1e-9)
    # It is the difference of the logarithms of two normal densities.
    by_density = ((0.25 - 0.5) ** 2 - (0.25 - 0.2) ** 2) / (2 * 0.01)
    assert found[1, 1] == pytest.approx(by_density)


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


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1), st.floats(0, 0.4))
def test_the_scale_of_the_distances_does_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    same, different = rng.uniform(0, 0.3, 60), rng.uniform(0.2, 0.6, 80)
    distances = rng.uniform(0, 0.6, (3, 4))
    plain = evidence(_learned(same, different), distances)
    moved = _learned(scale * same + shift, scale * different + shift)
    np.testing.assert_allclose(evidence(moved, scale * distances + shift), plain, atol=1e-6)


def test_what_was_long_ago_is_forgotten():
    calibration = _of_means(0.2, 0.5)
    for _ in range(2000):
        calibration = learn(calibration, np.array([0.4]), np.array([0.9]))
    np.testing.assert_allclose(calibration[:, 1] / calibration[:, 0], [0.4, 0.9], atol=1e-6)
    np.testing.assert_allclose(calibration[:, 0], 1 / (1 - FADING), rtol=1e-6)
