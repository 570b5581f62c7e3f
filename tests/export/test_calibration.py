import numpy as np
import pytest
from export.graphs import pictures, small

from yolox.export.calibration import BINS, LEVELS, Magnitudes, measure


def magnitudes(*parts):
    found = Magnitudes()
    for values in parts:
        found.add(np.asarray(values, dtype=np.float32))
    return found


def error(values, scale):
    """Round numbers to 255 levels, and give the mean of the squares of what is lost."""
    rounded = np.clip(np.rint(values / scale), -LEVELS, LEVELS) * scale
    return float(((rounded - values) ** 2).mean())


def test_the_range_grows():
    found = magnitudes([0.5, -1.0], [3.0, 0.25, 1.0])
    assert found.top == 4.0
    expected = np.zeros(BINS, dtype=np.int64)
    for value in (0.5, 1.0, 3.0, 0.25, 1.0):
        expected[int(value / 4 * BINS)] += 1
    # What was the largest lay in its last bin, one below that of later ones.
    expected[int(1 / 4 * BINS)] -= 1
    expected[int(1 / 4 * BINS) - 1] += 1
    np.testing.assert_array_equal(found.counts, expected)


def test_the_order_does_not_matter_but_for_the_range():
    random = np.random.default_rng(0)
    parts = [random.normal(0, sigma, 500).astype(np.float32) for sigma in (1, 3, 0.1)]
    one, other = magnitudes(*parts), magnitudes(*parts[::-1])
    assert one.counts.sum() == other.counts.sum() == 1500
    assert one.scale() == pytest.approx(other.scale(), rel=0.05)


@pytest.mark.parametrize("kind", ["uniform", "normal", "outlier", "exponential"])
def test_the_scale_is_nearly_the_best(kind):
    random = np.random.default_rng(1)
    values = {
        "uniform": random.uniform(-1, 1, 20_000),
        "normal": random.normal(0, 2, 20_000),
        "outlier": np.append(random.uniform(-1, 1, 20_000), 50.0),
        "exponential": random.exponential(1, 20_000),
    }[kind]
    scale = magnitudes(values).scale()
    tried = [error(values, top / LEVELS) for top in np.linspace(0.01, np.abs(values).max(), 500)]
    assert error(values, scale) <= 1.05 * min(tried)
    if kind == "uniform":
        assert scale == pytest.approx(1 / LEVELS, rel=0.01)


def test_nothing_but_zeros():
    found = magnitudes([0.0, 0.0])
    assert (found.top, found.scale()) == (0, 1)


def test_measuring_a_network():
    inputs = pictures(3)
    found = measure(small(), ["images", "a", "t"], inputs)
    assert {name: one.counts.sum() for name, one in found.items()} == {
        "images": 3 * 2 * 3 * 64, "a": 3 * 2 * 4 * 64, "t": 3 * 2 * 4 * 256,
    }  # fmt: skip
    assert found["images"].top >= max(np.abs(pixels).max() for pixels in inputs)
