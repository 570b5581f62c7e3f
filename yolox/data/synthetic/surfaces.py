"""The ground in perspective: pavement, road, planks. Every pixel asks for the metres it shows."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.synthetic.layout import Layout
from yolox.data.synthetic.perspective import Perspective
from yolox.structures.boxes import Array

TILE = 512  # samples a side of the noise that all surfaces share


class Ground(NamedTuple):
    """The metres that the pixels of the canvas below the horizon show, all `(H, W)`.

    Attributes:
        x: To the right.
        z: Away.
        wide: Metres that a pixel covers from left to right.
        deep: Metres that it covers in depth.
    """

    x: Array
    z: Array
    wide: Array
    deep: Array


def ground_seen(view: Perspective, columns: Array, rows: Array) -> Ground:
    """Give the ground that the pixels of columns `(W,)` and rows `(H,)` show."""
    below = rows[:, None] - view.horizon
    z = view.focal * view.eye / below + 0 * columns[None, :]
    wide = z / view.focal
    return Ground((columns[None, :] - view.centre) * wide, z, wide, z * wide / view.eye)


def paint_ground(layout: Layout, ground: Ground, random: np.random.Generator) -> Array:
    """Colour the ground.

    Returns:
        `(H, W, 3)` float32, blue, green, red from 0 to 255.
    """
    if layout.place == "stage":
        return _planks(ground, random)
    noise = _noise_tile(random)
    paved = _pavement(ground, noise, random)
    if layout.place == "precinct":
        return _gutters(paved, layout, ground)
    return _lay_road(paved, layout, ground, noise)


def _pavement(ground: Ground, noise: Array, random: np.random.Generator) -> Array:
    """Lay slabs, each of slightly another grey, in straight or shifted courses."""
    long, broad = random.choice([0.5, 0.6, 0.9, 1.2]), random.choice([0.4, 0.6])
    warmth = random.uniform(-0.02, 0.05)
    tint = np.array([1 - warmth, 1.0, 1 + warmth])
    grey = random.uniform(140, 185)
    course = np.floor(ground.z / broad)
    shifted = ground.x + (course % 2) * long / 2 * random.integers(0, 2)
    slab = (np.floor(shifted / long) * 73 + course * 151).astype(np.int64) % TILE
    own = random.normal(0, 0.035, TILE)[slab] * _distinct(broad, ground.deep)
    joint = np.maximum(
        _line(shifted % long, 0.0, 0.012, ground.wide, long),
        _line(ground.z % broad, 0.0, 0.012, ground.deep, broad),
    )
    bright = (1 + own) * (1 - 0.28 * joint) * (1 + 0.05 * _stains(ground, noise))
    return np.asarray(grey * tint * bright[..., None], dtype=np.float32)


def _lay_road(paved: Array, layout: Layout, ground: Ground, noise: Array) -> Array:
    """Lay a road with kerbs, a broken middle line, and a zebra crossing."""
    near, far = layout.road
    on_road = _band(ground.z, near, far, ground.deep)
    asphalt = 82 * (1 + 0.09 * _stains(ground, noise) + 0.05 * _grain(ground, noise))
    middle = (near + far) / 2
    dashes = _band(ground.z, middle - 0.07, middle + 0.07, ground.deep) * (ground.x % 6 < 3)
    edges = _band(ground.z, near + 0.25, near + 0.37, ground.deep)
    edges = np.maximum(edges, _band(ground.z, far - 0.37, far - 0.25, ground.deep))
    left, right = layout.crossing.left, layout.crossing.right
    crossing = _band(ground.x, left, right, ground.wide)
    stripes = crossing * _band(ground.z, near + 0.5, far - 0.5, ground.deep)
    bars = stripes * _band((ground.x - left) % 0.9, 0.0, 0.5, ground.wide)
    paint = np.maximum(np.maximum(dashes, edges) * (1 - crossing), bars)
    worn = paint * (0.86 + 0.12 * np.clip(_grain(ground, noise), -2, 0))
    road = asphalt + worn * (215 - asphalt)
    picture = paved + on_road[..., None] * (road[..., None] * [1.03, 1.0, 0.98] - paved)
    for kerb, out in ((near, -1), (far, 1)):
        low, high = sorted((kerb, kerb + 0.22 * out))
        stone = _band(ground.z, low, high, ground.deep)[..., None]
        picture += stone * (188 - picture)
        # The near kerb turns its back on the camera, the far one shows its shaded face.
        face = _band(ground.z, kerb - 0.16, kerb, ground.deep)[..., None]
        picture *= 1 - 0.45 * face
    return np.asarray(picture, dtype=np.float32)


def _gutters(paved: Array, layout: Layout, ground: Ground) -> Array:
    """Lay two gutters and a darker middle along the street."""
    for side in (-1, 1):
        middle = side * 0.55 * layout.side
        gutter = _band(ground.x, middle - 0.18, middle + 0.18, ground.wide)[..., None]
        paved = paved * (1 - 0.32 * gutter)
    carpet = _band(ground.x, -0.55 * layout.side, 0.55 * layout.side, ground.wide)[..., None]
    return np.asarray(paved * (1 - 0.10 * carpet * [0.6, 0.8, 1.0]), dtype=np.float32)


def _planks(ground: Ground, random: np.random.Generator) -> Array:
    """Lay the boards of a stage, which shine where the light falls."""
    broad = 0.16
    row = np.floor(ground.x / broad).astype(np.int64)
    own = random.normal(0, 0.06, TILE)[row % TILE] * _distinct(broad, ground.wide)
    grain = _noise_tile(random)[(ground.x * 260).astype(np.int64) % TILE,
                                (ground.z * 14).astype(np.int64) % TILE]  # fmt: skip
    joint = _line(ground.x % broad, 0.0, 0.008, ground.wide, broad)
    bright = (1 + own + 0.04 * grain) * (1 - 0.5 * joint)
    wood = np.array([58.0, 92.0, 132.0]) * random.uniform(0.75, 1.05)
    return np.asarray(wood * bright[..., None], dtype=np.float32)


def _noise_tile(random: np.random.Generator) -> Array:
    """Make `(TILE, TILE)` noise of unit spread that repeats without a seam."""
    noise = random.normal(0, 1, (TILE, TILE)).astype(np.float32)
    tile = noise
    for blur in (2.0, 6.0, 18.0):
        ring = np.pad(noise, 64, mode="wrap")
        soft = cv2.GaussianBlur(ring, (0, 0), blur)[64:-64, 64:-64]
        tile = tile * 0.5 + soft / soft.std()
    return np.asarray(tile / tile.std(), dtype=np.float32)


def _stains(ground: Ground, noise: Array) -> Array:
    """Look the noise up as blotches of about a metre."""
    return np.asarray(noise[(ground.z * 22).astype(int) % TILE, (ground.x * 22).astype(int) % TILE])


def _grain(ground: Ground, noise: Array) -> Array:
    """Look the noise up as fine grain, which disappears in the distance."""
    fine = noise[(ground.z * 190).astype(int) % TILE, (ground.x * 190).astype(int) % TILE]
    return np.asarray(fine * _distinct(0.1, ground.deep))


def _band(value: Array, low: float, high: float, pixel: Array) -> Array:
    """Give the share of a pixel that lies between two lines, so that edges are smooth."""
    rising = np.clip((value - low) / pixel + 0.5, 0, 1)
    falling = np.clip((high - value) / pixel + 0.5, 0, 1)
    return np.asarray(np.minimum(rising, falling) * np.clip((high - low) / pixel, 0, 1))


def _line(value: Array, at: float, width: float, pixel: Array, period: float) -> Array:
    """Give the share of a pixel that a line repeated with a period covers."""
    apart = np.abs((value - at + period / 2) % period - period / 2)
    return np.asarray(
        np.clip((width / 2 - apart) / pixel + 0.5, 0, 1) * np.clip(width / pixel, 0, 1)
    )


def _distinct(size: float, pixel: Array) -> Array:
    """Fade what is smaller than two pixels: it would only flicker."""
    return np.asarray(np.clip(size / pixel / 2 - 0.5, 0, 1))
