"""A scene drawn frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from yolox.data.synthetic.backdrop import draw_backdrop
from yolox.data.synthetic.camera import warp_points
from yolox.data.synthetic.compositing import darken, overlay
from yolox.data.synthetic.props import draw_prop
from yolox.data.synthetic.scene import Scene, World
from yolox.data.synthetic.sprites import Sprite, Wardrobe
from yolox.structures.boxes import Array

GRAIN = 2.2  # standard deviation of the sensor's noise in grey levels
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


class _Painter:
    """All pictures that the frames of a scene are put together from."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._world = world = scene.world
        random = np.random.default_rng(world.texture_seed)
        size = (scene.width, scene.height)
        self._canvas = _canvas(world.poses, size)
        self._backdrop = draw_backdrop(world.layout, world.view, self._canvas, random)
        sun = float(random.uniform(0.35, 0.9) * random.choice([-1, 1]))
        # Where a metre of height throws its shadow, in metres: aside and down the image.
        self._shadow = np.array([-sun, random.uniform(-0.22, 0.10)])
        self._wardrobe = Wardrobe(world.figures, np.sign(sun), random)
        self._props = [
            draw_prop(kind, min(float(world.view.scale(depth)), 256.0), random)
            for kind, _, depth in world.layout.occluders
        ]
        self._grain = _grain(size, random)
        self._blur = _blur_vectors(scene)

    def paint(self, frame: int) -> Array:
        world = self._world
        image = self._background(frame)
        self._cast_shadows(image, frame)
        for depth, index in self._far_to_near(frame):
            if index < 0:
                self._put_prop(image, frame, -index - 1)
            else:
                self._put_person(image, frame, index, depth)
        image = _smear(image, self._blur[frame])
        return self._expose(image, world.light[frame], frame)

    def _background(self, frame: int) -> Array:
        left, top, _, _ = self._canvas
        pose = self._world.poses[frame]
        shifted = pose.copy()
        shifted[:, 2] += pose[:, :2] @ [left, top]
        size = (self._scene.width, self._scene.height)
        return cv2.warpAffine(self._backdrop, shifted, size, flags=cv2.INTER_LINEAR)

    def _far_to_near(self, frame: int) -> list[tuple[float, int]]:
        """Give depths, and the number of the person or minus one minus that of the thing."""
        world = self._world
        people = np.flatnonzero(world.present[frame])
        order = [(float(world.depths[frame, person]), int(person)) for person in people]
        order += [(thing.depth, -1 - n) for n, thing in enumerate(world.layout.occluders)]
        return sorted(order, reverse=True)

    def _cast_shadows(self, image: Array, frame: int) -> None:
        world = self._world
        pose = world.poses[frame]
        for number, thing in enumerate(world.layout.occluders):
            foot = world.view.project(np.array([thing.x, thing.depth]))
            self._shade(image, pose, self._props[number], foot, world.view.focal / thing.depth)
        for person in np.flatnonzero(world.present[frame]):
            sprite = self._sprite(frame, person, SHADOW_DETAIL)
            scale = float(world.view.scale(world.depths[frame, person]))
            self._shade(image, pose, sprite, world.feet[frame, person], scale)

    def _shade(self, image: Array, pose: Array, sprite: Sprite, foot: Array, scale: float) -> None:
        """Lay a silhouette on the ground."""
        size = scale / sprite.scale
        aside, down = self._shadow
        lay = size * np.array([[1.0, -aside], [0.0, -down]])
        warp = np.concatenate([lay, (foot - lay @ sprite.foot)[:, None]], axis=1)
        darken(image, sprite.pixels[..., 3], _after(pose, warp), SHADOW)

    def _put_prop(self, image: Array, frame: int, number: int) -> None:
        world = self._world
        thing = world.layout.occluders[number]
        foot = world.view.project(np.array([thing.x, thing.depth]))
        self._put(image, frame, self._props[number], foot, world.view.focal / thing.depth)

    def _put_person(self, image: Array, frame: int, person: int, depth: float) -> None:
        world = self._world
        scale = float(world.view.scale(np.array(depth)))
        zoom = float(np.hypot(*world.poses[frame, 0, :2]))
        sprite = self._sprite(frame, person, scale * zoom)
        self._put(image, frame, sprite, world.feet[frame, person], scale)

    def _put(self, image: Array, frame: int, sprite: Sprite, foot: Array, scale: float) -> None:
        size = scale / sprite.scale
        corner = foot - size * sprite.foot
        warp = np.array([[size, 0, corner[0]], [0, size, corner[1]]])
        overlay(image, sprite.pixels, _after(self._world.poses[frame], warp))

    def _sprite(self, frame: int, person: int, scale: float) -> Sprite:
        world = self._world
        phase, view = int(world.phase[frame, person]), int(world.side[frame, person])
        return self._wardrobe.sprite(int(person), phase, view, scale)

    def _expose(self, image: Array, light: Array, frame: int) -> Array:
        """Apply the light of the moment and the noise of the sensor."""
        levels = np.arange(256)[:, None] * light
        table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        lit = cv2.LUT(image, table[None])
        height, width = image.shape[:2]
        # Another window of one large field of noise for every frame.
        x, y = (frame * 37) % NOISE_SPARE, (frame * 53) % NOISE_SPARE
        noise = self._grain[y : y + height, x : x + width]
        return cv2.add(lit, noise, dtype=cv2.CV_8U)


NOISE_SPARE = 64  # pixels by which the field of noise is larger than the image


def _canvas(poses: Array, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the part of the canvas that any frame shows: left, top, right, bottom."""
    square = np.tile(np.eye(3), (len(poses), 1, 1))
    square[:, :2] = poses
    back = np.linalg.inv(square)[:, None, :2]
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float)
    seen = warp_points(back, corners)
    low = np.floor(seen.min(axis=(0, 1))).astype(int) - 2
    high = np.ceil(seen.max(axis=(0, 1))).astype(int) + 2
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _after(pose: Array, warp: Array) -> Array:
    """Compose affine maps: first `warp`, then `pose`."""
    both = pose[:, :2] @ warp
    both[:, 2] += pose[:, 2]
    return np.asarray(both)


def _blur_vectors(scene: Scene) -> Array:
    """Give how far the middle of the image moves while the shutter is open, `(F, 2)` pixels."""
    middle = np.array([scene.width / 2, scene.height / 2])
    moved = warp_points(scene.camera_motion, middle) - middle
    open_share = min(scene.world.exposure * scene.frame_rate, 1.0)
    return np.asarray(open_share * moved)


def _smear(image: Array, vector: Array) -> Array:
    """Blur along a vector: the mean of an image moved to both sides, halving the way each time."""
    size = (image.shape[1], image.shape[0])
    step = vector / 4
    while np.hypot(*step) > 0.2:  # pixels; less is not seen
        there, back = (
            cv2.warpAffine(
                image, np.array([[1, 0, x], [0, 1, y]]), size, borderMode=cv2.BORDER_REPLICATE
            )
            for x, y in (step, -step)
        )
        image = cv2.addWeighted(there, 0.5, back, 0.5, 0)
        step = step / 2
    return image


def _grain(size: tuple[int, int], random: np.random.Generator) -> Array:
    shape = (size[1] + NOISE_SPARE, size[0] + NOISE_SPARE)
    luminance = random.normal(0, GRAIN, shape)
    return np.repeat(np.rint(luminance).astype(np.int16)[..., None], 3, axis=2)
