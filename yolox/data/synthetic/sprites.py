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
EDGE = 0.70  # brightness of a limb's edge relative to its middle
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
    small = tuple(int(np.ceil((side + 2 * margin) * scale)) for side in (right - left, low - top))
    shape = (small[1] * OVERSAMPLING, small[0] * OVERSAMPLING)
    foot = np.array([margin - left, margin - top]) * fine
    colour = np.zeros((*shape, 3), np.uint8)
    opacity, patterned = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    shade = np.full(shape, 255 * EDGE, np.uint8)

    def nearness(part: Part) -> float:
        return part.lift - float(np.mean([figure.joints[name][phase, view, 2] for name in part.joints]))

    for part in sorted(figure.parts, key=nearness):
        # What lies farther back is in the shadow of the rest.
        light = 255 * float(np.clip(0.94 + 0.6 * nearness(part) / figure.build.height, 0.74, 1.0))
        outline = _outline(figure, part, phase, view, foot, fine, 1.0, 0.0)
        _fill(colour, outline, figure.outfit.colours[part.material])
        _fill(opacity, outline, 255)
        _fill(patterned, outline, 255 * (part.material == "top"))
        _fill(shade, outline, EDGE * light)
        lit = _outline(figure, part, phase, view, foot, fine, 0.62, 0.30 * sunlight)
        _fill(shade, lit, light)
    patterned = cv2.multiply(patterned, _pattern(figure, shape, foot, fine), scale=1 / 255)
    layers = (cv2.resize(layer, small, interpolation=cv2.INTER_AREA)
              for layer in (colour, opacity, patterned, shade))  # fmt: skip
    pixels = _finish(*layers, figure.outfit, cloth, max(0.012 * scale, 0.4))
    return Sprite(pixels, foot / OVERSAMPLING, scale)


def _finish(
    colour: Array, opacity: Array, patterned: Array, shade: Array, outfit: Outfit, cloth: Array, blur: float
) -> Array:
    """Print the pattern, round the parts off by soft shades and fold the cloth."""
    height, width = opacity.shape
    change = np.subtract(outfit.colours["second"], outfit.colours["top"])
    printed = colour + patterned[..., None] * (change / 255).astype(np.float32)
    soft = cv2.GaussianBlur(shade, (0, 0), blur).astype(np.float32) / 255
    soft *= cv2.resize(cloth, (width, height), interpolation=cv2.INTER_LINEAR)
    pixels = np.empty((height, width, 4), np.uint8)
    # Premultiplied: no colour is brighter than its opacity.
    pixels[..., :3] = np.clip(printed * soft[..., None], 0, opacity[..., None])
    pixels[..., 3] = opacity
    return pixels


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


def _pattern(figure: Figure, shape: tuple[int, int], foot: Array, scale: float) -> Array:
    """Give the share of the second colour as `(H, W)` uint8; it hangs on the body, not on limbs."""
    tall = scale * figure.build.height
    right = ((np.arange(shape[1]) - foot[0]) / tall)[None, :]
    up = ((foot[1] - np.arange(shape[0])) / tall)[:, None]
    hoops, pinstripes = up * 26 % 1 < 0.45, right * 36 % 1 < 0.25
    checks = 0.4 * (right * 20 % 1 < 0.4) + 0.4 * (up * 20 % 1 < 0.4)
    logo = (np.abs(right) < 0.045) & (np.abs(up - 0.73) < 0.03)
    shares = {
        "plain": 0.0, "hoops": hoops, "pinstripes": pinstripes, "plaid": checks, "logo": logo,
        "halves": up < 0.68,
    }  # fmt: skip
    share = np.asarray(shares[figure.outfit.pattern], dtype=np.float32)
    return np.broadcast_to((255 * share).astype(np.uint8), shape).copy()


def _cloth(random: np.random.Generator) -> Array:
    """Make `(H, W)` folds: brightness that strays by a few percent, in long soft streaks."""
    noise = random.normal(0, 1, (96, 48)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.6, sigmaY=2.6)
    return np.asarray(1 + 0.06 * soft / soft.std(), dtype=np.float32)
