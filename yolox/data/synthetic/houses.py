"""Fronts of houses, drawn flat: floors of windows over a row of shops."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.synthetic.brush import Brush
from yolox.structures.boxes import Array

SHOP = 3.6  # metres of the ground floor
FLOOR = 3.1  # metres of the floors above

PLASTERS = (
    (150, 175, 200), (178, 196, 208), (120, 150, 190), (196, 200, 202), (140, 160, 160),
    (110, 130, 165), (90, 105, 150), (165, 170, 150),
)  # fmt: skip


def draw_house(wide: float, tall: float, scale: float, random: np.random.Generator) -> Array:
    """Draw a front.

    Args:
        wide: In metres.
        tall: In metres.
        scale: Pixels a metre.
        random: Source of its looks.

    Returns:
        `(H, W, 3)` uint8, blue, green, red.
    """
    wall = np.array(PLASTERS[random.integers(len(PLASTERS))]) * random.uniform(0.75, 1.1)
    draw = Brush(wide, tall, scale)
    draw.colour[:] = _plaster(draw.opacity.shape, scale, wall, bool(random.random() < 0.4), random)
    trim = np.clip(wall * random.choice([0.7, 1.25]), 0, 245)
    bays = max(2, round(wide / random.uniform(2.2, 3.2)))
    bay, half = wide / bays, wide / 2
    window = (random.uniform(0.42, 0.62) * bay, random.uniform(1.5, 2.0))
    floors = max(1, int((tall - SHOP - 0.4) / FLOOR))
    for floor in range(floors):
        sill = SHOP + 0.75 + floor * FLOOR
        for column in range(bays):
            _window(draw, (column + 0.5) * bay - wide / 2, sill, window, trim, random)
        draw.box(-half, SHOP + floor * FLOOR - 0.06, half, SHOP + floor * FLOOR + 0.10, trim * 0.95)
    draw.box(-half, tall - 0.35, half, tall, trim)  # the cornice, and its shadow
    draw.box(-half, tall - 0.50, half, tall - 0.35, wall * 0.6)
    _shops(draw, wide, random)
    return draw.colour


def _plaster(
    shape: tuple[int, ...], scale: float, wall: Array, bricks: bool, random: np.random.Generator
) -> Array:
    """Make a rough wall, `(*shape, 3)`."""
    height, width = shape
    rough = cv2.resize(
        random.normal(0, 1, (max(height // 12, 2), max(width // 12, 2))).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_CUBIC,
    )
    bright = 1 + 0.025 * rough + 0.02 * random.normal(0, 1, (height, width))
    if bricks:
        course = (np.arange(height) / scale / 0.25).astype(int)
        joint = (np.arange(height) / scale / 0.25) % 1 < 0.15
        end = ((np.arange(width)[None, :] / scale / 0.6 + 0.5 * (course % 2)[:, None]) % 1) < 0.07
        bright = bright * np.where(joint[:, None] | end, 0.88, 1.0)
    return np.clip(wall * bright[..., None], 0, 255).astype(np.uint8)


def _window(
    draw: Brush,
    middle: float,
    sill: float,
    size: tuple[float, float],
    trim: Array,
    random: np.random.Generator,
) -> None:
    """Draw a window with frame, sill, reflection of the sky, and sometimes a curtain."""
    half, tall = size[0] / 2, size[1]
    draw.box(middle - half - 0.12, sill - 0.1, middle + half + 0.12, sill + tall + 0.12, trim)
    sky = np.array([150, 125, 105]) * random.uniform(0.5, 1.2)
    draw.fade(middle - half, sill, middle + half, sill + tall, sky, sky * 0.35)
    if random.random() < 0.4:
        cloth = np.array([190, 200, 205]) * random.uniform(0.5, 1.0)
        draw.box(middle - half, sill, middle - 0.55 * half, sill + tall, cloth)
        draw.box(middle + 0.55 * half, sill, middle + half, sill + tall, cloth)
    frame = np.array([225, 225, 225]) * random.uniform(0.85, 1.0)
    draw.box(middle - 0.04, sill, middle + 0.04, sill + tall, frame)
    draw.box(middle - half, sill + 0.62 * tall, middle + half, sill + 0.62 * tall + 0.06, frame)
    draw.box(middle - half - 0.2, sill - 0.16, middle + half + 0.2, sill - 0.06, trim * 1.1)


def _shops(draw: Brush, wide: float, random: np.random.Generator) -> None:
    """Draw the ground floor: panes with a door, a board with a name, now and then an awning."""
    count = max(1, round(wide / random.uniform(4.5, 7.0)))
    for shop in range(count):
        left, right = (wide * (edge / count - 0.5) for edge in (shop, shop + 1))
        board = random.uniform(30, 200, 3)
        draw.box(left, 0, right, SHOP - 0.15, board * 0.55)
        draw.box(left + 0.25, 0, right - 0.25, 0.5, board * 0.35)
        pane = np.array([120, 110, 100]) * random.uniform(0.5, 1.1)
        door = left + random.uniform(0.25, 0.6) * (right - left)
        for low, high in ((left + 0.3, door - 0.08), (door + 1.18, right - 0.3)):
            if high - low < 0.6:
                continue
            draw.fade(low, 0.5, high, 2.65, pane * 1.3, pane * 0.6)
            for _ in range(int((high - low) * 2)):  # goods behind the glass
                x = random.uniform(low + 0.1, high - 0.4)
                colour = random.uniform(60, 220, 3)
                draw.box(x, 0.55, x + 0.28, random.uniform(0.9, 1.7), colour)
        draw.box(door - 0.06, 0, door + 1.16, 2.65, board * 0.8)
        draw.fade(door + 0.08, 0.25, door + 1.02, 2.5, pane * 0.9, pane * 0.35)
        draw.box(door + 0.12, 1.05, door + 0.18, 1.35, np.array([190, 200, 205]))
        draw.box(left + 0.1, 2.75, right - 0.1, SHOP - 0.2, board)
        ink = np.array([240, 240, 240]) if board.mean() < 125 else np.array([25, 25, 30])
        _lettering(draw, left + 0.4, right - 0.4, ink, random)
        if random.random() < 0.45:
            _awning(draw, left + 0.15, right - 0.15, random)


def _lettering(
    draw: Brush, left: float, right: float, ink: Array, random: np.random.Generator
) -> None:
    """Write a name that nobody can read."""
    x = left + random.uniform(0, 0.25) * (right - left)
    for _ in range(int(random.integers(4, 10))):
        if x > right - 0.3:
            return
        draw.box(x, 2.92, x + 0.06, 3.24, ink)
        bar = random.uniform(2.92, 3.18)
        draw.box(x, bar, x + 0.2, bar + 0.06, ink)
        if random.random() < 0.5:
            draw.box(x + 0.15, 2.92, x + 0.2, 3.24, ink)
        x += 0.3


def _awning(draw: Brush, left: float, right: float, random: np.random.Generator) -> None:
    colours = random.uniform(40, 230, 3), np.array([225, 230, 232])
    width = (right - left) / max(2, round((right - left) / 0.35))
    x, odd = left, 0
    while x < right - 0.01:
        draw.fade(x, 2.15, x + width, 2.85, colours[odd], colours[odd] * 0.78)
        x, odd = x + width, 1 - odd
    draw.box(left, 2.03, right, 2.15, colours[0] * 0.5)
