"""What stands in a street and hides people, drawn as sprites."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from yolox.data.synthetic.brush import Brush
from yolox.data.synthetic.compositing import Sprite
from yolox.data.synthetic.layout import Kind
from yolox.data.synthetic.vehicles import paint_car, paint_van

LEAVES = 2600  # clusters of them in the crown of a tree


def draw_prop(kind: Kind, scale: float, random: np.random.Generator) -> Sprite:
    """Draw a thing.

    Args:
        kind: What it is.
        scale: Pixels a metre.
        random: Source of its looks.
    """
    wide, tall, paint = PROPS[kind]
    mirrored = bool(random.random() < 0.5) and kind != "sign"  # which is to be read
    brush = Brush(wide, tall, scale, mirrored=mirrored)
    paint(brush, random)
    return brush.sprite()


def _tree(brush: Brush, random: np.random.Generator) -> None:
    bark = np.array([48, 66, 84]) * random.uniform(0.8, 1.2)
    brush.polygon([(-0.20, 0), (0.20, 0), (0.11, 3.2), (-0.11, 3.2)], bark)
    brush.polygon([(-0.20, 0), (-0.06, 0), (-0.03, 3.2), (-0.11, 3.2)], bark * 0.7)
    for way in (-1, 1):
        brush.polygon([(0, 2.4), (0.12 * way, 2.4), (0.9 * way, 3.9), (0.8 * way, 3.95)], bark)
    leaf = np.array([46, 112, 78]) * random.uniform(0.75, 1.15, 3)
    boughs = [(0.0, 4.4, 1.25)] + [
        (1.05 * np.cos(turn) * random.uniform(0.7, 1.1), 4.2 + 0.95 * np.sin(turn), 0.85)
        for turn in np.arange(6) * np.pi / 3 + random.uniform(0, 1)
    ]
    for step in range(LEAVES):  # dark leaves inside and below, light ones outside and above
        x, y, reach = boughs[random.integers(len(boughs))]
        angle, far = random.uniform(0, 2 * np.pi), np.sqrt(random.random())
        aside, above = reach * far * np.cos(angle), 0.85 * reach * far * np.sin(angle)
        light = 0.5 + 0.45 * step / LEAVES + 0.28 * above / reach + random.normal(0, 0.10)
        brush.disc(x + aside, y + above, random.uniform(0.04, 0.13), leaf * light, 0.7)


def _lamp(brush: Brush, random: np.random.Generator) -> None:
    metal = np.array([62, 62, 58]) * random.uniform(0.7, 1.5)
    brush.box(-0.12, 0, 0.12, 0.7, metal * 0.8)
    brush.polygon([(-0.07, 0.7), (0.07, 0.7), (0.045, 5.2), (-0.045, 5.2)], metal)
    brush.box(-0.07, 0.7, -0.03, 5.1, metal * 1.5)
    brush.polygon([(0, 5.1), (0, 5.22), (0.75, 5.36), (0.75, 5.28)], metal)
    brush.polygon([(0.35, 5.25), (0.85, 5.34), (0.85, 5.24), (0.4, 5.17)], metal * 0.7)


def _sign(brush: Brush, random: np.random.Generator) -> None:
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


def _bench(brush: Brush, random: np.random.Generator) -> None:
    wood = np.array([52, 88, 130]) * random.uniform(0.7, 1.2)
    for x in (-0.72, 0.72):
        brush.box(x - 0.05, 0, x + 0.05, 0.82, (44, 44, 46))
    for low in (0.50, 0.62, 0.74):
        brush.box(-0.85, low, 0.85, low + 0.09, wood * (0.9 + 0.2 * random.random()))
    brush.box(-0.9, 0.40, 0.9, 0.47, wood * 1.15)
    brush.box(-0.9, 0.34, 0.9, 0.40, wood * 0.6)


def _bin(brush: Brush, random: np.random.Generator) -> None:
    paint = np.array([60, 90, 60]) * random.uniform(0.6, 1.4, 3)
    brush.polygon([(-0.24, 0), (0.24, 0), (0.28, 0.9), (-0.28, 0.9)], paint)
    brush.polygon([(-0.20, 0), (-0.08, 0), (-0.10, 0.9), (-0.24, 0.9)], paint * 1.35)
    brush.polygon([(0.13, 0), (0.24, 0), (0.28, 0.9), (0.15, 0.9)], paint * 0.7)
    brush.disc(0, 0.9, 0.29, paint * 0.55, 0.28)
    brush.disc(0, 0.92, 0.22, (20, 20, 20), 0.22)


def _column(brush: Brush, random: np.random.Generator) -> None:
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


def _planter(brush: Brush, random: np.random.Generator) -> None:
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


# Width and height of the picture in metres, and who paints it.
PROPS: dict[Kind, tuple[float, float, Callable[[Brush, np.random.Generator], None]]] = {
    "car": (4.6, 1.6, paint_car),
    "van": (5.4, 2.4, paint_van),
    "tree": (4.6, 6.2, _tree),
    "lamp": (1.8, 5.5, _lamp),
    "sign": (0.8, 2.95, _sign),
    "bench": (2.0, 1.0, _bench),
    "bin": (0.8, 1.1, _bin),
    "column": (1.6, 3.0, _column),
    "planter": (2.6, 1.3, _planter),
}
