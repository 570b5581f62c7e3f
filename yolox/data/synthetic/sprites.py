"""Figures drawn once for each pose and view, to be scaled and moved into every frame."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.synthetic.figure import Figure, Part
from yolox.data.synthetic.wardrobe import Colour, Outfit
from yolox.structures.boxes import Array

OVERSAMPLING = 2  # a sprite is drawn so much larger and averaged down
SUBPIXEL = 4  # bits of fraction in the coordinates that OpenCV draws
CORNERS = 14  # of the polygon that stands for a circle
# Sprites come in these sizes, pixels a metre; one is never enlarged as long as there is a larger.
SCALES = (16.0, 32.0, 64.0, 128.0, 256.0)

CIRCLE = np.stack(
    [np.cos(np.arange(CORNERS) * 2 * np.pi / CORNERS), np.sin(np.arange(CORNERS) * 2 * np.pi / CORNERS)],
    axis=-1,
)


class Sprite(NamedTuple):
    """A picture with transparency.

    Attributes:
        pixels: `(H, W, 4)` uint8: blue, green, red already multiplied by the opacity, opacity.
        foot: `(2,)` the point that stands on the ground, in pixels.
        scale: Pixels a metre.
    """

    pixels: Array
    foot: Array
    scale: float


class Wardrobe:
    """The sprites of a scene's people, drawn when first asked for."""

    def __init__(self, figures: list[Figure], sunlight: float, random: np.random.Generator) -> None:
        self._figures = figures
        self._sunlight = sunlight
        self._cloth = _cloth(random)
        self._sprites: dict[tuple[int, int, int, float], Sprite] = {}

    def sprite(self, person: int, phase: int, view: int, scale: float) -> Sprite:
        """Give somebody's picture, at least `scale` pixels a metre as far as there is one."""
        size = next((known for known in SCALES if known >= scale), SCALES[-1])
        key = person, phase, view, size
        if key not in self._sprites:
            figure = self._figures[person]
            self._sprites[key] = draw_figure(figure, phase, view, size, self._sunlight, self._cloth)
        return self._sprites[key]


def draw_figure(
    figure: Figure, phase: int, view: int, scale: float, sunlight: float, cloth: Array
) -> Sprite:
    """Draw one person.

    Args:
        figure: The person.
        phase: Pose of the gait.
        view: Heading.
        scale: Pixels a metre of the result.
        sunlight: Side that the light comes from: -1 is the left, 1 the right.
        cloth: `(H, W)` folds of the clothes, relative brightness.
    """
    fine = scale * OVERSAMPLING
    left, top, right, low = figure.extents[phase, view]
    margin = 3 / fine
    width = int(np.ceil((right - left + 2 * margin) * scale)) * OVERSAMPLING
    height = int(np.ceil((low - top + 2 * margin) * scale)) * OVERSAMPLING
    foot = np.array([margin - left, margin - top]) * fine
    colour = np.zeros((height, width, 3), np.uint8)
    opacity = np.zeros((height, width), np.uint8)
    shade = np.full((height, width), 255, np.uint8)

    def depth(part: Part) -> float:
        return part.lift - float(np.mean([figure.joints[name][phase, view, 2] for name in part.joints]))

    for part in sorted(figure.parts, key=depth):
        # What lies farther back is in the shadow of the rest.
        light = float(np.clip(0.92 + 0.6 * depth(part) / figure.build.height, 0.72, 1.0))
        outline = _outline(figure, part, phase, view, foot, fine, 1.0, 0.0)
        if part.material == "top" and figure.outfit.pattern != "plain":
            _fill_pattern(colour, outline, figure.outfit, foot, fine * figure.build.height)
        else:
            _fill(colour, outline, figure.outfit.colours[part.material])
        _fill(opacity, outline, 255)
        _fill(shade, outline, 255 * light * 0.70)
        lit = _outline(figure, part, phase, view, foot, fine, 0.62, 0.30 * sunlight)
        _fill(shade, lit, 255 * light)
    return Sprite(_finish(colour, opacity, shade, cloth, fine), foot / OVERSAMPLING, scale)


def _finish(colour: Array, opacity: Array, shade: Array, cloth: Array, fine: float) -> Array:
    """Round the parts off by soft shades, fold the cloth, and average the picture down."""
    height, width = opacity.shape
    soft = cv2.GaussianBlur(shade, (0, 0), max(0.012 * fine, 0.8)).astype(np.float32) / 255
    folds = cv2.resize(cloth, (width, height), interpolation=cv2.INTER_LINEAR)
    lit = colour * (soft * folds)[..., None]
    pixels = np.dstack([lit * (opacity > 0)[..., None], opacity.astype(np.float32)])
    small = (width // OVERSAMPLING, height // OVERSAMPLING)
    return np.clip(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), 0, 255).astype(np.uint8)


def _outline(
    figure: Figure,
    part: Part,
    phase: int,
    view: int,
    foot: Array,
    scale: float,
    share: float,
    aside: float,
) -> Array:
    """Give a part's hull in pixels, its circles shrunk to a share and moved aside by radii."""
    points = []
    for name, radius in zip(part.joints, part.radii, strict=True):
        right, up, _ = figure.joints[name][phase, view]
        middle = np.array([right + aside * radius, -up - 0.12 * abs(aside) * radius])
        points.append(foot + scale * (middle + share * radius * CIRCLE))
    around = np.concatenate(points).astype(np.float32)
    return cv2.convexHull(around)


def _fill(canvas: Array, outline: Array, colour: Colour | float) -> None:
    fixed = np.rint(outline * (1 << SUBPIXEL)).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, colour, cv2.LINE_8, SUBPIXEL)


def _fill_pattern(canvas: Array, outline: Array, outfit: Outfit, foot: Array, tall: float) -> None:
    """Fill a piece of the top with its pattern, which hangs on the figure and not on the piece."""
    x, y, width, height = cv2.boundingRect(outline)
    x, y = max(x, 0), max(y, 0)
    window = canvas[y : y + height, x : x + width]
    mask = np.zeros(window.shape[:2], np.uint8)
    _fill(mask, outline - np.float32([x, y]), 1)
    right = (np.arange(x, x + window.shape[1]) - foot[0])[None, :] / tall
    up = (foot[1] - np.arange(y, y + window.shape[0]))[:, None] / tall
    share = _share_of_second(outfit.pattern, right, up)[..., None]
    painted = share * outfit.colours["second"] + (1 - share) * np.array(outfit.colours["top"])
    np.copyto(window, painted.astype(np.uint8), where=mask[..., None] > 0)


def _share_of_second(pattern: str, right: Array, up: Array) -> Array:
    """Give the share of the second colour at places in heights of the body from the feet."""
    if pattern == "hoops":
        share = (up * 26 % 1 < 0.45) + 0 * right
    elif pattern == "pinstripes":
        share = (right * 36 % 1 < 0.25) + 0 * up
    elif pattern == "plaid":
        share = 0.4 * (right * 20 % 1 < 0.4) + 0.4 * (up * 20 % 1 < 0.4)
    elif pattern == "logo":
        share = 1.0 * ((np.abs(right) < 0.045) & (np.abs(up - 0.73) < 0.03))
    else:
        share = (up < 0.68) + 0 * right
    return np.asarray(share, dtype=np.float32)


def _cloth(random: np.random.Generator) -> Array:
    """Make `(H, W)` folds: brightness that strays by a few percent, in long soft streaks."""
    noise = random.normal(0, 1, (96, 48)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.6, sigmaY=2.6)
    return np.asarray(1 + 0.06 * soft / soft.std(), dtype=np.float32)
