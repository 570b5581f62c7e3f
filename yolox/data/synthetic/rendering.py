"""A scene drawn frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.synthetic.backdrop import draw_backdrop
from yolox.data.synthetic.camera import squared, warp_points
from yolox.data.synthetic.compositing import Sprite, compose, darken, overlay, smear, soft_spot
from yolox.data.synthetic.layout import Occluder
from yolox.data.synthetic.perspective import Perspective
from yolox.data.synthetic.props import draw_prop
from yolox.data.synthetic.scene import Scene
from yolox.data.synthetic.sprites import SCALES, Wardrobe
from yolox.structures.boxes import Array

GRAIN = 2.2  # standard deviation of the sensor's noise in grey levels
SPARE = 64  # pixels by which the field of noise is larger than the image
SHADOW = 0.42  # share of the light that a shadow takes away
SHADOW_DETAIL = 32.0  # pixels a metre of the silhouettes that cast shadows: coarse ones are soft


def render(scene: Scene) -> Iterator[Array]:
    """Draw a scene.

    The same scene gives the same pixels. Memory holds one frame, the still background, and the
    people's pictures, which are drawn when first needed.

    Yields:
        `(height, width, 3)` uint8, blue, green, red; one a frame.
    """
    painter = _Painter(scene)
    for frame in range(scene.length):
        yield painter.paint(frame)


class _Standing(NamedTuple):
    """Something upright on the ground.

    Attributes:
        depth: In metres.
        picture: What it looks like.
        foot: `(2,)` where it stands on the canvas.
        scale: Pixels a metre at its place.
    """

    depth: float
    picture: Sprite
    foot: Array
    scale: float


class _Painter:
    """All pictures that the frames of a scene are put together from."""

    def __init__(self, scene: Scene) -> None:
        self._world = world = scene.world
        self._size = (scene.width, scene.height)
        random = np.random.default_rng(world.texture_seed)
        self._canvas = _canvas(world.poses, self._size)
        self._backdrop = draw_backdrop(world.layout, world.view, self._canvas, random)
        sun = float(random.uniform(0.35, 0.9) * random.choice([-1, 1]))
        # Where a metre of height throws its shadow: metres aside, and up the image.
        self._shadow = (-sun, float(random.uniform(0.10, 0.24)))
        self._wardrobe = Wardrobe(world.figures, np.sign(sun), random)
        self._things = [_thing(thing, world.view, random) for thing in world.layout.occluders]
        noise = random.normal(0, GRAIN, (scene.height + SPARE, scene.width + SPARE, 1))
        self._grain = np.repeat(np.rint(noise).astype(np.int16), 3, axis=2)
        self._blur = _blur_vectors(scene)
        self._spot = soft_spot()

    def paint(self, frame: int) -> Array:
        """Draw ground, shadows, then everything that stands, far things first."""
        pose = self._world.poses[frame]
        image = self._ground(pose)
        standing = sorted([*self._people(frame), *self._things], key=lambda one: -one.depth)
        for one in standing:
            self._cast_shadow(image, pose, one)
        for one in standing:
            overlay(image, one.picture.pixels, compose(pose, _upright(one)))
        return self._expose(smear(image, self._blur[frame]), frame)

    def _ground(self, pose: Array) -> Array:
        left, top, _, _ = self._canvas
        corner = np.array([[1.0, 0, left], [0, 1.0, top]])
        warped: Array = cv2.warpAffine(self._backdrop, compose(pose, corner), self._size)
        return warped

    def _people(self, frame: int) -> Iterator[_Standing]:
        world = self._world
        zoom = float(np.hypot(*world.poses[frame, 0, :2]))
        for person in np.flatnonzero(world.present[frame]).tolist():
            depth = float(world.depths[frame, person])
            scale = world.view.focal / depth
            looks = person, int(world.phase[frame, person]), int(world.side[frame, person])
            sprite = self._wardrobe.sprite(*looks, scale * zoom)
            yield _Standing(depth, sprite, world.feet[frame, person], scale)

    def _cast_shadow(self, image: Array, pose: Array, one: _Standing) -> None:
        """Lay a silhouette on the ground, and a soft dark spot under it."""
        aside, up = self._shadow
        picture = one.picture
        # A coarse silhouette has a soft edge.
        coarse = min(SHADOW_DETAIL / picture.scale, 1.0)
        opacity = cv2.resize(
            picture.pixels[..., 3], None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA
        )
        lay = one.scale / picture.scale / coarse * np.array([[1.0, -aside], [0.0, up]])
        warp = np.column_stack([lay, one.foot - lay @ (coarse * picture.foot)])
        darken(image, opacity, compose(pose, warp), SHADOW)
        side = self._spot.shape[0]
        wide = one.scale / picture.scale * picture.pixels.shape[1] / side
        lay = np.diag([wide, 0.25 * wide])
        warp = np.column_stack([lay, one.foot - lay @ [side / 2, side / 2]])
        darken(image, self._spot, compose(pose, warp), SHADOW)

    def _expose(self, image: Array, frame: int) -> Array:
        """Apply the light of the moment and the noise of the sensor."""
        levels = np.arange(256)[:, None] * self._world.light[frame]
        table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        lit = cv2.LUT(image, table[None])
        # Another window of one large field of noise for every frame.
        x, y = (frame * 37) % SPARE, (frame * 53) % SPARE
        noise = self._grain[y : y + self._size[1], x : x + self._size[0]]
        exposed: Array = cv2.add(lit, noise, dtype=cv2.CV_8U)
        return exposed


def _thing(thing: Occluder, view: Perspective, random: np.random.Generator) -> _Standing:
    scale = view.focal / thing.depth
    sprite = draw_prop(thing.kind, min(scale, SCALES[-1]), random)
    return _Standing(thing.depth, sprite, view.project(np.array([thing.x, thing.depth])), scale)


def _upright(one: _Standing) -> Array:
    """Give the `(2, 3)` map that stands a picture on its place on the canvas."""
    size = one.scale / one.picture.scale
    return np.column_stack([np.diag([size, size]), one.foot - size * one.picture.foot])


def _canvas(poses: Array, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the part of the canvas that any frame shows: left, top, right, bottom."""
    back = np.linalg.inv(squared(poses))[:, None, :2]
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float)
    seen = warp_points(back, corners)
    left, top = np.floor(seen.min(axis=(0, 1))).astype(int).tolist()
    right, low = np.ceil(seen.max(axis=(0, 1))).astype(int).tolist()
    return left - 1, top - 1, right + 1, low + 1  # the pixel beside is needed to interpolate


def _blur_vectors(scene: Scene) -> Array:
    """Give how far the middle of the image moves while the shutter is open, `(F, 2)` pixels."""
    middle = np.array([scene.width / 2, scene.height / 2])
    moved = warp_points(scene.camera_motion, middle) - middle
    open_share = min(scene.world.exposure * scene.frame_rate, 1.0)
    return np.asarray(open_share * moved)
