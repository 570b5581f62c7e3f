import colorsys
import itertools

import numpy as np
import pytest

from yolox.data.colour import distort

NONE = {"brightness": 0.0, "contrast": (1.0, 1.0), "hue": 0, "saturation": (1.0, 1.0)}


def noise(seed=0, shape=(12, 15, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


class Chance:
    """A generator that applies what it is told, at the end of the range it is told."""

    def __init__(self, brightness=False, contrast=False, hue=False, saturation=False, end=1):
        self.applied = [
            0.0 if chosen else 0.9 for chosen in (brightness, contrast, hue, saturation)
        ]
        self.end = end

    def random(self, count):
        return np.array(self.applied[:count])

    def uniform(self, low, high):
        return (low, high)[self.end]

    def integers(self, low, high):
        return (low, high - 1)[self.end]


def distorted(image, random, **options):
    image = image.copy()
    distort(image, random, **(NONE | options))
    return image


@pytest.mark.parametrize("seed", range(20))
def test_parameters_that_change_nothing(seed):
    image = noise(seed)
    np.testing.assert_array_equal(distorted(image, np.random.default_rng(seed)), image)


def test_what_is_not_chosen_is_not_applied():
    image = noise()
    ranges = {"brightness": 32, "contrast": (0.5, 1.5), "hue": 18, "saturation": (0.5, 1.5)}
    np.testing.assert_array_equal(distorted(image, Chance(), **ranges), image)


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("brightness", [0.5, 20.0, 32.0, 255.0])
def test_brightness_pixel_by_pixel(brightness, end):
    image = noise()
    result = distorted(image, Chance(brightness=True, end=end), brightness=brightness)
    change = brightness if end else -brightness
    for place in np.ndindex(image.shape):
        assert result[place] == int(min(max(float(image[place]) + change, 0), 255))


@pytest.mark.parametrize("end", [0, 1])
def test_contrast_pixel_by_pixel(end):
    image = noise()
    result = distorted(image, Chance(contrast=True, end=end), contrast=(0.5, 1.5))
    for place in np.ndindex(image.shape):
        assert result[place] == int(min(float(image[place]) * (1.5 if end else 0.5), 255))


def test_brightness_comes_before_contrast():
    image = np.array([[[0, 100, 250]]], dtype=np.uint8)
    chance = Chance(brightness=True, contrast=True)
    result = distorted(image, chance, brightness=30, contrast=(0.5, 0.5))
    assert result.tolist() == [[[15, 65, 127]]]


def by_hue(image, degrees=0.0, factor=1.0):
    """Turn and saturate each pixel in floating point."""
    result = np.empty(image.shape)
    for place in np.ndindex(image.shape[:2]):
        blue, green, red = image[place] / 255
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        red, green, blue = colorsys.hsv_to_rgb(
            (hue + degrees / 360) % 1, min(saturation * factor, 1), value
        )
        result[place] = np.array([blue, green, red]) * 255
    return result


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("hue", [1, 18, 90])
def test_hue_turns_by_two_degrees_a_step_and_wraps(hue, end):
    image = noise()
    result = distorted(image, Chance(hue=True, end=end), hue=hue)
    expected = by_hue(image, degrees=2 * hue * (1 if end else -1))
    assert np.abs(result - expected).max() <= 7  # hue has 180 steps, saturation 256


def test_red_turns_both_ways():
    red = np.array([[[0, 0, 255]]], dtype=np.uint8)
    assert distorted(red, Chance(hue=True), hue=60).tolist() == [[[0, 255, 0]]]
    assert distorted(red, Chance(hue=True, end=0), hue=60).tolist() == [[[255, 0, 0]]]


@pytest.mark.parametrize("end", [0, 1])
def test_saturation(end):
    image = noise()
    result = distorted(image, Chance(saturation=True, end=end), saturation=(0.5, 1.5))
    expected = by_hue(image, factor=1.5 if end else 0.5)
    assert np.abs(result - expected).max() <= 7


def test_saturation_is_not_more_than_full():
    image = np.array([[[0, 10, 200], [50, 50, 50]]], dtype=np.uint8)
    result = distorted(image, Chance(saturation=True), saturation=(1, 100))
    assert result[0, 0].min() == 0
    assert result[0, 0, 2] == 200
    assert result[0, 1].tolist() == [50, 50, 50]


def test_hue_and_saturation_together():
    image = noise()
    chance = Chance(hue=True, saturation=True)
    result = distorted(image, chance, hue=18, saturation=(0.5, 0.5))
    assert np.abs(result - by_hue(image, 36, 0.5)).max() <= 7


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"brightness": 32.0},
        {"contrast": (0.5, 1.5)},
        {"hue": 18},
        {"saturation": (0.5, 1.5)},
    ],
)
def test_each_kind_has_a_chance_of_one_half(options):
    image = noise()
    changed = sum(
        (distorted(image, np.random.default_rng(seed), **options) != image).any()
        for seed in range(400)
    )
    if options:
        assert 150 < changed < 250
    else:
        assert changed == 0


def test_the_kinds_are_chosen_independently():
    """Over many draws all sixteen combinations come up."""
    seen = set()
    image = np.full((1, 1, 3), (90, 130, 170), dtype=np.uint8)
    for seed in range(300):
        chance = np.random.default_rng(seed)
        pattern = tuple(np.random.default_rng(seed).random(4) < 0.5)
        result = distorted(
            image, chance, brightness=40, contrast=(0.5, 0.6), hue=18, saturation=(0.2, 0.3)
        )
        seen.add(pattern)
        if not any(pattern):
            np.testing.assert_array_equal(result, image)
    assert seen == set(itertools.product((False, True), repeat=4))


def test_a_range_without_width_leaves_the_other_draws_alone():
    """Else the same seed would give other pictures throughout when one range is ablated."""
    image = noise()
    full = {"brightness": 0.01, "contrast": (0.5, 1.5), "hue": 18, "saturation": (0.5, 1.5)}
    for seed in range(20):
        with_it = distorted(image, np.random.default_rng(seed), **full)
        without = distorted(image, np.random.default_rng(seed), **(full | {"brightness": 0}))
        assert np.abs(with_it.astype(int) - without).max() <= 12  # a level, before hue


def test_in_place_also_on_a_part_of_a_picture():
    whole = noise(shape=(20, 20, 3))
    before = whole.copy()
    part = whole[4:9, 3:11]
    distort(part, Chance(brightness=True, hue=True), **(NONE | {"brightness": 30, "hue": 9}))
    outside = np.ones((20, 20), dtype=bool)
    outside[4:9, 3:11] = False
    np.testing.assert_array_equal(whole[outside], before[outside])
    expected = distorted(
        before[4:9, 3:11].copy(), Chance(brightness=True, hue=True), brightness=30, hue=9
    )
    np.testing.assert_array_equal(part, expected)
