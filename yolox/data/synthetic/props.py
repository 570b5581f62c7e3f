"""What stands in a street and hides people: cars, trees, poles, benches, drawn as sprites."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from yolox.data.synthetic.layout import Kind
from yolox.data.synthetic.sprites import OVERSAMPLING, Sprite
from yolox.structures.boxes import Array

Colour = Sequence[float]

# Metres of the picture: half its width, and its height.
PICTURES: dict[Kind, tuple[float, float]] = {
    "car": (2.3, 1.6), "van": (2.7, 2.4), "tree": (2.3, 6.2), "lamp": (0.9, 5.5),
    "sign": (0.4, 2.95), "bench": (1.0, 1.0), "bin": (0.4, 1.1), "column": (0.8, 3.0),
    "planter": (1.3, 1.3),
}  # fmt: skip

PAINTS = (
    (40, 40, 44), (200, 202, 204), (120, 124, 128), (38, 38, 140), (120, 62, 30), (70, 96, 60),
    (60, 110, 170), (150, 130, 60),
)  # fmt: skip


class _Brush:
    """Paints in metres, up from the ground, on colour and opacity at once."""

    def __init__(self, half: float, tall: float, scale: float) -> None:
        self.scale = scale * OVERSAMPLING
        self.half, self.tall = half, tall
        shape = (int(tall * scale) * OVERSAMPLING, int(2 * half * scale) * OVERSAMPLING)
        self.colour = np.zeros((*shape, 3), np.uint8)
        self.opacity = np.zeros(shape, np.uint8)

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        corners = np.array([self._pixel(x, y) for x, y in points], np.int32)
        cv2.fillPoly(self.colour, [corners], _shade(colour))
        cv2.fillPoly(self.opacity, [corners], 255)

    def box(self, left: float, low: float, right: float, high: float, colour: Colour) -> None:
        self.polygon([(left, low), (right, low), (right, high), (left, high)], colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, flat: float = 1.0) -> None:
        axes = (max(round(radius * self.scale), 1), max(round(radius * flat * self.scale), 1))
        middle = self._pixel(x, y)
        cv2.ellipse(self.colour, middle, axes, 0, 0, 360, _shade(colour), -1)
        cv2.ellipse(self.opacity, middle, axes, 0, 0, 360, 255, -1)

    def round_off(self, darker_side: float) -> None:
        """Shade from the lit side to the other and towards the ground."""
        height, width = self.opacity.shape
        across = np.linspace(-1, 1, width)[None, :] * darker_side
        down = np.linspace(0, 1, height)[:, None]
        light = 1 - 0.12 * np.clip(across, 0, 1) - 0.22 * down**2
        self.colour[:] = (self.colour * light[..., None]).astype(np.uint8)

    def sprite(self) -> Sprite:
        """Average the picture down."""
        opaque = (self.opacity > 0)[..., None]
        pixels = np.dstack([self.colour * opaque, self.opacity])
        height, width = self.opacity.shape
        small = (width // OVERSAMPLING, height // OVERSAMPLING)
        foot = np.array([self.half, self.tall]) * self.scale / OVERSAMPLING
        reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
        return Sprite(reduced, foot, self.scale / OVERSAMPLING)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        return round((x + self.half) * self.scale), round((self.tall - y) * self.scale)


def draw_prop(kind: Kind, scale: float, random: np.random.Generator) -> Sprite:
    """Draw a thing.

    Args:
        kind: What it is.
        scale: Pixels a metre.
        random: Source of its looks.
    """
    brush = _Brush(*PICTURES[kind], scale)
    PAINTERS[kind](brush, random)
    brush.round_off(float(random.choice([-1, 1])))
    return brush.sprite()


def _car(brush: _Brush, random: np.random.Generator) -> None:
    paint = np.array(PAINTS[random.integers(len(PAINTS))]) * random.uniform(0.85, 1.1)
    glass, tyre = (92, 82, 70), (26, 26, 28)
    turn = float(random.choice([-1, 1]))

    def flip(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(turn * x, y) for x, y in points]

    brush.box(-2.0, 0.12, 2.0, 0.4, (22, 22, 24))  # the dark below
    brush.polygon(flip([(-2.15, 0.30), (2.15, 0.30), (2.17, 0.62), (2.05, 0.80), (1.20, 0.92),
                        (0.62, 1.36), (0.45, 1.42), (-0.85, 1.42), (-1.05, 1.38), (-1.75, 0.96),
                        (-2.10, 0.88), (-2.17, 0.60)]), paint)  # fmt: skip
    brush.polygon(flip([(1.04, 0.93), (0.54, 1.33), (-0.82, 1.35), (-1.42, 0.95)]), glass)
    brush.polygon(flip([(0.30, 1.33), (0.0, 1.34), (-0.5, 0.94), (0.1, 0.94)]), (140, 130, 118))
    for pillar in (-0.95, 0.08):
        brush.polygon(flip([(pillar, 0.93), (pillar + 0.09, 0.93), (pillar + 0.07, 1.36),
                            (pillar - 0.02, 1.36)]), paint * 0.8)  # fmt: skip
    brush.polygon(flip([(-2.1, 0.30), (2.1, 0.30), (2.14, 0.44), (-2.14, 0.44)]), paint * 0.62)
    brush.polygon(flip([(-2.1, 0.74), (2.05, 0.70), (2.05, 0.74), (-2.1, 0.78)]), paint * 1.2 + 8)
    for seam in (-0.95, 0.1, 0.98):
        brush.polygon(flip([(seam, 0.42), (seam + 0.02, 0.42), (seam + 0.02, 0.93), (seam, 0.93)]), paint * 0.6)
    for handle in (-0.82, 0.22):
        brush.polygon(flip([(handle, 0.76), (handle + 0.2, 0.76), (handle + 0.2, 0.80), (handle, 0.80)]), paint * 0.5)
    brush.polygon(flip([(1.92, 0.62), (2.15, 0.60), (2.06, 0.76), (1.86, 0.76)]), (225, 230, 235))
    brush.polygon(flip([(-2.16, 0.66), (-1.96, 0.66), (-2.0, 0.84), (-2.12, 0.84)]), (40, 40, 190))
    for wheel in (-1.32, 1.34):
        x = turn * wheel
        brush.disc(x, 0.33, 0.40, paint * 0.35)
        brush.disc(x, 0.32, 0.33, tyre)
        brush.disc(x, 0.32, 0.21, (150, 152, 154))
        brush.disc(x, 0.32, 0.08, (70, 70, 72))


def _van(brush: _Brush, random: np.random.Generator) -> None:
    paint = np.array(PAINTS[random.integers(len(PAINTS))]) * 0.9 + 25
    turn = float(random.choice([-1, 1]))

    def flip(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(turn * x, y) for x, y in points]

    brush.box(-2.3, 0.14, 2.3, 0.5, (22, 22, 24))
    brush.polygon(flip([(-2.5, 0.35), (2.48, 0.35), (2.5, 0.85), (2.3, 1.12), (1.75, 1.95),
                        (1.55, 2.12), (-2.42, 2.15), (-2.5, 2.0)]), paint)  # fmt: skip
    brush.polygon(flip([(2.14, 1.12), (1.70, 1.85), (1.0, 1.88), (1.0, 1.12)]), (92, 82, 70))
    brush.polygon(flip([(-2.5, 0.35), (2.48, 0.35), (2.49, 0.5), (-2.5, 0.5)]), paint * 0.6)
    stripe = random.uniform(40, 220, 3)
    brush.polygon(flip([(-2.45, 0.9), (0.85, 0.9), (0.85, 1.15), (-2.45, 1.15)]), stripe)
    for seam in (-0.6, 0.9):
        brush.polygon(flip([(seam, 0.45), (seam + 0.03, 0.45), (seam + 0.03, 2.05), (seam, 2.05)]), paint * 0.65)
    for wheel in (-1.6, 1.6):
        brush.disc(turn * wheel, 0.37, 0.45, paint * 0.35)
        brush.disc(turn * wheel, 0.36, 0.36, (26, 26, 28))
        brush.disc(turn * wheel, 0.36, 0.21, (140, 142, 144))


def _tree(brush: _Brush, random: np.random.Generator) -> None:
    bark = np.array([48, 66, 84]) * random.uniform(0.8, 1.2)
    brush.polygon([(-0.20, 0), (0.20, 0), (0.11, 3.2), (-0.11, 3.2)], bark)
    brush.polygon([(-0.20, 0), (-0.06, 0), (-0.03, 3.2), (-0.11, 3.2)], bark * 0.7)
    for way in (-1, 1):
        brush.polygon([(0, 2.4), (0.12 * way, 2.4), (0.9 * way, 3.9), (0.8 * way, 3.95)], bark)
    leaf = np.array([40, 110, 66]) * random.uniform(0.75, 1.15, 3)
    for step in range(420):  # dark leaves inside and below, light ones outside and above
        angle, far = random.uniform(0, 2 * np.pi), np.sqrt(random.random())
        x, y = 1.75 * far * np.cos(angle), 4.25 + 1.5 * far * np.sin(angle)
        light = 0.55 + 0.5 * step / 420 + 0.18 * (y - 4.25) + random.normal(0, 0.07)
        brush.disc(x, y, random.uniform(0.10, 0.26), leaf * light, random.uniform(0.6, 1.0))


def _lamp(brush: _Brush, random: np.random.Generator) -> None:
    metal = np.array([62, 62, 58]) * random.uniform(0.7, 1.5)
    brush.box(-0.12, 0, 0.12, 0.7, metal * 0.8)
    brush.polygon([(-0.07, 0.7), (0.07, 0.7), (0.045, 5.2), (-0.045, 5.2)], metal)
    brush.box(-0.07, 0.7, -0.03, 5.1, metal * 1.5)
    way = float(random.choice([-1, 1]))
    brush.polygon([(0, 5.1), (0, 5.22), (0.75 * way, 5.36), (0.75 * way, 5.28)], metal)
    brush.polygon([(0.35 * way, 5.25), (0.85 * way, 5.34), (0.85 * way, 5.24), (0.4 * way, 5.17)], metal * 0.7)


def _sign(brush: _Brush, random: np.random.Generator) -> None:
    brush.box(-0.04, 0, 0.04, 2.4, (130, 132, 132))
    brush.box(-0.04, 0, -0.015, 2.4, (175, 176, 176))
    if random.random() < 0.5:
        brush.disc(0, 2.5, 0.32, (40, 40, 190))
        brush.disc(0, 2.5, 0.24, (230, 232, 235))
        brush.box(-0.04, 2.38, 0.04, 2.62, (30, 30, 30))
    else:
        brush.box(-0.3, 2.2, 0.3, 2.8, (170, 90, 30))
        brush.box(-0.1, 2.28, -0.02, 2.7, (240, 240, 240))
        brush.disc(0.03, 2.58, 0.12, (240, 240, 240))
        brush.disc(0.03, 2.58, 0.05, (170, 90, 30))


def _bench(brush: _Brush, random: np.random.Generator) -> None:
    wood = np.array([52, 88, 130]) * random.uniform(0.7, 1.2)
    for x in (-0.72, 0.72):
        brush.box(x - 0.05, 0, x + 0.05, 0.82, (44, 44, 46))
    for low in (0.50, 0.62, 0.74):
        brush.box(-0.85, low, 0.85, low + 0.09, wood * (0.9 + 0.2 * random.random()))
    brush.box(-0.9, 0.40, 0.9, 0.47, wood * 1.15)
    brush.box(-0.9, 0.34, 0.9, 0.40, wood * 0.6)


def _bin(brush: _Brush, random: np.random.Generator) -> None:
    paint = np.array([60, 90, 60]) * random.uniform(0.6, 1.4, 3)
    brush.polygon([(-0.24, 0), (0.24, 0), (0.28, 0.9), (-0.28, 0.9)], paint)
    brush.polygon([(-0.20, 0), (-0.08, 0), (-0.10, 0.9), (-0.24, 0.9)], paint * 1.35)
    brush.polygon([(0.13, 0), (0.24, 0), (0.28, 0.9), (0.15, 0.9)], paint * 0.7)
    brush.disc(0, 0.9, 0.29, paint * 0.55, 0.28)
    brush.disc(0, 0.92, 0.22, (20, 20, 20), 0.22)


def _column(brush: _Brush, random: np.random.Generator) -> None:
    brush.box(-0.60, 0, 0.60, 2.45, (150, 158, 160))
    for x, wide in ((-0.58, 0.34), (-0.2, 0.42), (0.26, 0.32)):
        y = 0.3
        while y < 2.1:  # bills pasted over each other
            tall = random.uniform(0.4, 0.8)
            colour = random.uniform(40, 235, 3)
            brush.box(x, y, x + wide, min(y + tall, 2.35), colour)
            brush.box(x + 0.05, y + 0.1, x + wide - 0.05, y + 0.16, 255 - colour)
            y += tall + 0.05
    brush.box(-0.62, 0, 0.62, 0.22, (84, 88, 90))
    brush.box(-0.68, 2.42, 0.68, 2.58, (70, 84, 70))
    brush.disc(0, 2.56, 0.62, (80, 96, 80), 0.35)


def _planter(brush: _Brush, random: np.random.Generator) -> None:
    leaf = np.array([44, 104, 60]) * random.uniform(0.8, 1.2, 3)
    for step in range(160):
        x, y = random.uniform(-1.05, 1.05), random.uniform(0.5, 0.95)
        light = 0.6 + 0.5 * step / 160 + random.normal(0, 0.08)
        brush.disc(x, y, random.uniform(0.06, 0.13), leaf * light)
        if step > 120 and random.random() < 0.5:
            brush.disc(x, y + 0.05, 0.04, random.uniform(120, 250, 3))
    stone = np.array([150, 156, 162]) * random.uniform(0.7, 1.05)
    brush.polygon([(-1.1, 0), (1.1, 0), (1.15, 0.55), (-1.15, 0.55)], stone)
    brush.box(-1.2, 0.48, 1.2, 0.58, stone * 1.15)


def _shade(colour: Colour) -> tuple[float, ...]:
    return tuple(float(value) for value in np.clip(colour, 0, 255))


PAINTERS: dict[Kind, Callable[[_Brush, np.random.Generator], None]] = {
    "car": _car, "van": _van, "tree": _tree, "lamp": _lamp, "sign": _sign, "bench": _bench,
    "bin": _bin, "column": _column, "planter": _planter,
}  # fmt: skip
