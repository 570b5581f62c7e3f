"""One stable colour for each id."""

from __future__ import annotations

import colorsys

# Steps of the golden ratio along the hue circle keep neighbouring ids far apart.
_GOLDEN_STEP = 0.61803398875

# Red, green and blue from 0 to 255 of what a tracker did wrong; seen on light and on dark, and told
# apart by people who are colour blind.
MISSED = (225, 45, 57)
FALSE = (255, 176, 0)
SWITCHED = (190, 70, 255)


def colour_of(track_id: int) -> tuple[float, float, float]:
    """Give an id's red, green and blue in [0, 1], the same in every picture."""
    lightness = (0.42, 0.55, 0.34)[track_id % 3]
    return colorsys.hls_to_rgb(track_id * _GOLDEN_STEP % 1.0, lightness, 0.75)


def bgr_of(track_id: int) -> tuple[int, int, int]:
    """Give an id's colour as OpenCV takes it: blue, green and red from 0 to 255."""
    red, green, blue = (int(255 * part) for part in colour_of(track_id))
    return blue, green, red
