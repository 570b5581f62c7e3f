"""Figures drawn once for each pose and view, to be scaled and moved into every frame."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.synthetic.brush import SUBPIXEL, fixed_point
from yolox.data.synthetic.compositing import Sprite
from yolox.data.synthetic.figure import Figure, Part
from yolox.data.synthetic.wardrobe import Colour, Pattern
from yolox.structures.boxes import Array

OVERSAMPLING = 2  # a sprite is drawn so much larger and averaged down
EDGE = 0.70  # brightness of a limb's edge relative to its middle
CORNERS = 14  # of the polygon that stands for a circle
# Sprites come in these sizes, pixels a metre; one is never enlarged as long as there is a larger.
SCALES = (16.0, 32.0, 64.0, 96.0, 128.0, 192.0, 256.0)
MOST_BYTES = 400e6  # of the sprites that are kept; the oldest give way

TURN = np.arange(CORNERS) * 2 * np.pi / CORNERS
CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=-1)


class Wardrobe:
    """The sprites of a scene's people, drawn when first asked for."""

    def __init__(self, figures: list[Figure], sunlight: float, random: np.random.Generator) -> None:
        self._figures = figures
        self._sunlight = sunlight
        self._cloth = _cloth(random)
        self._sprites: dict[tuple[int, int, int, float], Sprite] = {}
        self._bytes = 0

    def sprite(self, person: int, phase: int, view: int, scale: float) -> Sprite:
        """Give somebody's picture, at least `scale` pixels a metre as far as there is one."""
        size = next((known for known in SCALES if known >= scale), SCALES[-1])
        key = person, phase, view, size
        if key not in self._sprites:
            figure = self._figures[person]
            drawn = draw_figure(figure, phase, view, size, self._sunlight, self._cloth)
            self._sprites[key] = drawn
            self._bytes += drawn.pixels.nbytes
            while self._bytes > MOST_BYTES:
                oldest = self._sprites.pop(next(iter(self._sprites)))
                self._bytes -= oldest.pixels.nbytes
            return drawn
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
    width, height = (
        int(np.ceil((side + 2 * margin) * scale)) for side in (right - left, low - top)
    )
    shape = (height * OVERSAMPLING, width * OVERSAMPLING)
    foot = np.array([margin - left, margin - top]) * fine
    colour: Array = np.zeros((*shape, 3), np.uint8)
    opacity, patterned, shade = (np.full(shape, level, np.uint8) for level in (0, 0, 255 * EDGE))
    order = sorted((_nearness(figure, part, phase, view), n) for n, part in enumerate(figure.parts))
    for nearness, number in order:
        part = figure.parts[number]
        places = np.stack([figure.joints[name][phase, view, :2] for name in part.joints])
        middles = foot + fine * places * [1, -1]
        radii = fine * np.array(part.radii)[:, None]
        outline = _hull(middles, radii)
        _fill(colour, outline, figure.outfit.colours[part.material])
        _fill(opacity, outline, 255)
        _fill(patterned, outline, 255 * (part.material == "top"))
        # What lies farther back is in the shadow of the rest; edges turn away from the light.
        light = 255 * min(max(0.94 + 0.6 * (nearness - part.lift) / figure.build.height, 0.74), 1.0)
        _fill(shade, outline, EDGE * light)
        _fill(shade, _hull(middles + radii * [0.30 * sunlight, -0.04], 0.62 * radii), light)
    if figure.outfit.pattern != "plain":
        _print_pattern(colour, patterned, figure, foot, fine)
    small: list[Array] = [
        cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA)
        for layer in (colour, opacity, shade)
    ]
    pixels = _shade(small[0], small[1], small[2], cloth, max(0.012 * scale, 0.4))
    return Sprite(pixels, foot / OVERSAMPLING, scale)


def _nearness(figure: Figure, part: Part, phase: int, view: int) -> float:
    """Give how many metres before the feet a part lies, to draw what is far first."""
    away = [float(figure.joints[name][phase, view, 2]) for name in part.joints]
    return part.lift - sum(away) / len(away)


def _shade(colour: Array, opacity: Array, shade: Array, cloth: Array, blur: float) -> Array:
    """Round the parts off by soft shades and fold the cloth.

    Returns:
        `(H, W, 4)` uint8, no colour brighter than its opacity.
    """
    height, width = opacity.shape
    soft = cv2.GaussianBlur(shade, (0, 0), blur)
    folds = cv2.resize(cloth, (width, height), interpolation=cv2.INTER_LINEAR)
    light = cv2.multiply(soft, folds, scale=1 / 255, dtype=cv2.CV_32F)
    lit = cv2.multiply(colour, cv2.merge([light] * 3), dtype=cv2.CV_8U)
    bounded = cv2.min(lit, cv2.merge([opacity] * 3))
    pixels: Array = cv2.merge([*cv2.split(bounded), opacity])
    return pixels


def _hull(middles: Array, radii: Array) -> Array:
    """Give the convex hull of circles; middles `(N, 2)` and radii `(N, 1)` in pixels."""
    around = middles[:, None] + radii[:, None] * CIRCLE
    hull: Array = cv2.convexHull(around.reshape(-1, 2).astype(np.float32))
    return hull


def _fill(canvas: Array, outline: Array, colour: Colour | float) -> None:
    cv2.fillConvexPoly(canvas, fixed_point(outline), colour, cv2.LINE_8, SUBPIXEL)


def _print_pattern(
    colour: Array, patterned: Array, figure: Figure, foot: Array, scale: float
) -> None:
    """Mix the second colour in where `patterned` is 255; the pattern hangs on the body."""
    tall = scale * figure.build.height
    right = ((np.arange(colour.shape[1]) - foot[0]) / tall)[None, :]
    up = ((foot[1] - np.arange(colour.shape[0])) / tall)[:, None]
    first, second = (np.array(figure.outfit.colours[name]) for name in ("top", "second"))
    # By how many stripes a place is covered, and how much of the second colour each adds.
    covered, share = _stripes(figure.outfit.pattern, right, up)
    covered = np.where(patterned > 0, covered, 0).astype(np.uint8)
    for times in range(1, int(covered.max()) + 1):
        mixed = first + times * share * (second - first)
        colour[covered == times] = mixed.astype(np.uint8)


def _stripes(pattern: Pattern, right: Array, up: Array) -> tuple[Array, float]:
    """Lay out a pattern; places are in heights of the body from the feet."""
    if pattern == "hoops":
        return up * 26 % 1 < 0.45, 1.0
    if pattern == "pinstripes":
        return right * 36 % 1 < 0.25, 1.0
    if pattern == "plaid":
        return np.add(right * 20 % 1 < 0.4, up * 20 % 1 < 0.4, dtype=np.uint8), 0.4
    if pattern == "logo":
        return (np.abs(right) < 0.045) & (np.abs(up - 0.73) < 0.03), 1.0
    return up < 0.68, 1.0


def _cloth(random: np.random.Generator) -> Array:
    """Make `(H, W)` folds: brightness that strays by a few percent, in long soft streaks."""
    noise = random.normal(0, 1, (96, 48)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.6, sigmaY=2.6)
    return np.asarray(1 + 0.06 * soft / soft.std(), dtype=np.float32)
