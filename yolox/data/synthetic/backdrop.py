"""Everything that never moves: ground, houses, sky, or a stage; one large picture of the canvas."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.data.synthetic.houses import draw_house
from yolox.data.synthetic.layout import Layout
from yolox.data.synthetic.perspective import Perspective
from yolox.data.synthetic.surfaces import ground_seen, paint_ground
from yolox.structures.boxes import Array

FAR_ROW = 2.3  # depth of the second row of houses relative to the first
MOST_DETAIL = 60.0  # pixels a metre at which fronts are drawn at most


def draw_backdrop(
    layout: Layout,
    view: Perspective,
    canvas: tuple[int, int, int, int],
    random: np.random.Generator,
) -> Array:
    """Draw the still part of a scene.

    Args:
        layout: The ground plan.
        view: How the ground is seen.
        canvas: Left, top, right, bottom in pixels.
        random: Source of the looks.

    Returns:
        `(bottom - top, right - left, 3)` uint8.
    """
    left, top, right, bottom = canvas
    picture = np.empty((bottom - top, right - left, 3), np.float32)
    # Ground begins a little below the horizon: on it a pixel would show all the world.
    first = min(max(int(np.ceil(view.horizon + 2)), top), bottom)
    columns, rows = np.arange(left, right) + 0.0, np.arange(first, bottom) + 0.0
    picture[: first - top] = _sky(right - left, first - top, random)
    picture[first - top :] = paint_ground(layout, ground_seen(view, columns, rows), random)
    if layout.place == "stage":
        _curtain(picture, layout, view, (left, top), random)
        return np.clip(picture, 0, 255).astype(np.uint8)
    flat = np.clip(picture, 0, 255).astype(np.uint8)
    for ends, tall in _walls(layout, view, random):
        _put_house(flat, (left, top), ends, tall, view, random)
    return flat


def _sky(width: int, height: int, random: np.random.Generator) -> Array:
    """Paint a gradient with soft clouds."""
    if height <= 0:
        return np.empty((0, width, 3), np.float32)
    high, low = np.array([205, 150, 95]), np.array([232, 222, 208])
    if random.random() < 0.4:  # overcast
        high = np.array([196, 190, 184])
    fall = np.linspace(0, 1, height)[:, None, None]
    sky = high * (1 - fall) + low * fall
    clouds = np.zeros((height, width), np.float32)
    for size in (24, 10, 5):
        grid = random.normal(0, 1, (size, 2 * size)).astype(np.float32)
        clouds += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * size / 24
    cover = np.clip(clouds * 0.35, 0, 0.8)[..., None]
    return np.asarray(sky * (1 - cover) + 240 * cover, dtype=np.float32)


def _walls(
    layout: Layout, view: Perspective, random: np.random.Generator
) -> list[tuple[Array, float]]:
    """Line up houses, far ones first.

    Returns:
        The ends of each foot, `(2, 2)` X and Z in metres, the left end as it is seen first, and the
        height in metres.
    """
    size = _house_size(view)
    walls: list[tuple[Array, float]] = []
    # A far row closes the gaps of the near one.
    for depth, gaps in ((FAR_ROW * layout.wall, 0.0), (layout.wall, 0.2)):
        reach = 2.2 * view.centre / view.focal * depth
        x = -reach
        while x < reach:
            wide = random.uniform(7, 13) * size
            walls.append(
                (np.array([[x, depth], [x + wide, depth]]), random.uniform(7.5, 13.5) * size)
            )
            x += wide + (random.uniform(2, 5) * size if random.random() < gaps else 0)
    if not np.isfinite(layout.side):
        return walls
    nearest = 0.3 * view.focal * layout.side / view.centre  # out of view on both sides
    for side in (-1, 1):
        z = layout.wall
        while z > nearest:
            nearer = max(z - random.uniform(7, 12) * size, 0.8 * nearest)
            ends = np.array([[side * layout.side, nearer], [side * layout.side, z]])
            walls.append((ends[::-side], random.uniform(7.5, 12.5) * size))
            z = nearer
    return walls


def _house_size(view: Perspective) -> float:
    """Give the size of houses relative to real ones: seen from high above, they are blocks."""
    return max(1.0, view.eye / 4)


def _put_house(
    picture: Array,
    corner: tuple[int, int],
    ends: Array,
    tall: float,
    view: Perspective,
    random: np.random.Generator,
) -> None:
    """Draw a front and bend it into its place; `corner` is the picture's place on the canvas."""
    wide = float(np.linalg.norm(ends[1] - ends[0]))
    scales = view.scale(ends[:, 1])
    enlarged = _house_size(view)
    detail = min(enlarged * float(scales.max()), MOST_DETAIL)
    front = draw_house(wide / enlarged, tall / enlarged, detail, random)
    if ends[0, 1] != ends[1, 1]:  # houses along the street turn away from the light
        front = cv2.convertScaleAbs(front, alpha=0.72 if ends[0, 0] < 0 else 0.9)
    haze = float(np.clip(ends[:, 1].min() / 150, 0, 0.45))
    front = cv2.convertScaleAbs(front, alpha=1 - haze, beta=215 * haze)
    feet = view.project(ends) - corner
    heads = feet - [[0, scales[0] * tall], [0, scales[1] * tall]]
    height, width = front.shape[:2]
    flat = np.array([[0, height], [width, height], [width, 0], [0, 0]], np.float32)
    seen = np.array([feet[0], feet[1], heads[1], heads[0]], np.float32)
    bend = cv2.getPerspectiveTransform(flat, seen)
    size = (picture.shape[1], picture.shape[0])
    cv2.warpPerspective(
        front, bend, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )


def _curtain(
    picture: Array,
    layout: Layout,
    view: Perspective,
    corner: tuple[int, int],
    random: np.random.Generator,
) -> None:
    """Hang a curtain behind the stage and let lamps shine on it and on the boards."""
    height, width = picture.shape[:2]
    foot = int(view.project(np.array([0.0, layout.wall]))[1]) - corner[1]
    x = (np.arange(width) + corner[0] - view.centre) / view.scale(np.array(layout.wall))
    waves = random.uniform(3.0, 5.0)
    fold = np.sin(waves * x) + 0.5 * np.sin(2.3 * waves * x + random.uniform(0, 6))
    cloth = np.array(
        ((60, 40, 170), (170, 90, 60), (110, 110, 118), (130, 70, 130))[random.integers(4)]
    )
    fall = np.linspace(0.55, 1.0, max(foot, 1))[:, None, None]
    picture[:foot] = cloth * (0.75 + 0.25 * fold[None, :, None]) * fall
    picture[max(foot - 3, 0) : foot] *= 0.4
    columns, rows = np.arange(width)[None, :], np.arange(height)[:, None]
    glow = np.zeros((height, width), np.float32)
    for lamp in range(3):
        middle = width * (0.2 + 0.3 * lamp + random.uniform(-0.05, 0.05))
        pool = ((columns - middle) / (0.22 * width)) ** 2 + (
            (rows - 0.8 * height) / (0.30 * height)
        ) ** 2
        glow += np.exp(-pool).astype(np.float32)
    picture *= (0.75 + 0.55 * glow)[..., None]
