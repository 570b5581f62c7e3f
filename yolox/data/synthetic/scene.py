"""A scene made from a seed: what is true, what a detector found, and all it takes to draw it."""

from __future__ import annotations

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from yolox.data.synthetic.camera import camera_poses, motion_between, sway, warp_points
from yolox.data.synthetic.detector import detect
from yolox.data.synthetic.figure import Figure, make_figure, view_of
from yolox.data.synthetic.layout import Layout, hiding_boxes, lay_out
from yolox.data.synthetic.perspective import Perspective
from yolox.data.synthetic.presets import PRESETS, Preset
from yolox.data.synthetic.skeleton import PHASES, STANDING, Build
from yolox.data.synthetic.visibility import visible_shares
from yolox.data.synthetic.walks import Walks, walk
from yolox.data.synthetic.wardrobe import outfits
from yolox.structures import DetectionTable, InputError, TruthTable, check_range
from yolox.structures.boxes import Array

SLOWEST_WALK = 0.25  # m/s; who is slower stands
LEAST_SIDE, MOST_SIDE = 64, 8192  # pixels
MOST_PEOPLE = 2000  # of whom each is compared with all others in every frame


class World(NamedTuple):
    """What is drawn.

    Attributes:
        view: The camera at rest.
        poses: `(F, 2, 3)` from canvas to image pixels.
        layout: The ground plan.
        figures: Everybody's looks.
        feet: `(F, N, 2)` where they stand on the canvas, in pixels.
        depths: `(F, N)` in metres.
        phase: `(F, N)` pose of the gait.
        side: `(F, N)` view of the body.
        present: `(F, N)` bool.
        light: `(F, 3)` gain of blue, green and red.
        exposure: Seconds.
        texture_seed: Of the generator that draws surfaces.
    """

    view: Perspective
    poses: Array
    layout: Layout
    figures: list[Figure]
    feet: Array
    depths: Array
    phase: Array
    side: Array
    present: Array
    light: Array
    exposure: float
    texture_seed: int


class Scene(NamedTuple):
    """A generated sequence.

    Attributes:
        truth: Who is where; a box holds a whole person, feet to top of head, limbs and bags.
        detections: What a detector found.
        length: In frames.
        width: In pixels.
        height: In pixels.
        frame_rate: Frames a second.
        camera_motion: `(length, 2, 3)` warps from the previous frame to this one.
        world: What `yolox.data.synthetic.rendering` draws.
    """

    truth: TruthTable
    detections: DetectionTable
    length: int
    width: int
    height: int
    frame_rate: float
    camera_motion: Array
    world: World


def make_scene(
    people: int | None = None,
    frames: int = 150,
    *,
    preset: str = "street",
    width: int = 1280,
    height: int = 720,
    tallest: float | None = None,
    seed: int = 0,
) -> Scene:
    """Generate a scene; nothing is drawn yet.

    Who stands lower in the image is nearer, taller, and hides those behind. People leave and come
    back under the same id. The detector sees the visible share of a person: its score falls with
    it, its boxes shake by 2 % of the height, it misses one clear person in fifty and reports a few
    things that are nobody.

    Args:
        people: Number of identities (default: the preset's). Ids count from 1; who is never in the
            image has no row.
        frames: Length of the sequence.
        preset: A key of `PRESETS`.
        width: Image width in pixels.
        height: Image height in pixels.
        tallest: Height in pixels of a person at the lower border (default: the preset's).
        seed: Of the random generator.

    Raises:
        InputError: An argument is out of its range.
    """
    if preset not in PRESETS:
        raise InputError(f"preset is {preset!r}; there are {', '.join(PRESETS)}")
    plan = PRESETS[preset]
    people = plan.people if people is None else people
    tallest = plan.tallest * height if tallest is None else tallest
    whole: dict[str, Any] = {
        "people": people,
        "frames": frames,
        "width": width,
        "height": height,
        "seed": seed,
    }
    for name, value in whole.items():
        if not isinstance(value, Integral):
            raise InputError(f"{name} is {value!r}; give a whole number")
    check_range(1, MOST_PEOPLE, people=people)
    check_range(1, 1_000_000, frames=frames)
    check_range(LEAST_SIDE, MOST_SIDE, width=width, height=height)
    check_range(4, 2 * height, tallest=tallest)
    check_range(0, 2**63 - 1, seed=seed)

    random = np.random.default_rng(seed)
    world = _make_world(people, frames, plan, (width, height), tallest, random)
    boxes = person_boxes(world)
    inside = (boxes[..., :2] < (width, height)).all(axis=-1) & (boxes[..., 2:] > 0).all(axis=-1)
    shown = world.present & inside
    hiding, hiding_depths = hiding_boxes(world.layout, world.view)
    visible = visible_shares(
        boxes,
        world.depths,
        shown,
        _move_boxes(world.poses[:, None], hiding[None]),
        hiding_depths,
        (width, height),
    )
    frame, person = np.nonzero(shown)
    truth = TruthTable(
        frames=frame + 1,
        boxes=boxes[shown],
        ids=person + 1,
        considered=np.ones(len(frame), dtype=bool),
        class_ids=np.ones(len(frame), dtype=np.int64),
        visibility=visible[shown],
    )
    return Scene(
        truth=truth,
        detections=detect(boxes, visible, shown, (width, height), tallest, random),
        length=frames,
        width=width,
        height=height,
        frame_rate=plan.frame_rate,
        camera_motion=motion_between(world.poses),
        world=world,
    )


def person_boxes(world: World) -> Array:
    """Give everybody's box in every frame, `(F, N, 4)` xyxy in image pixels."""
    people = np.arange(len(world.figures))
    extents = np.stack([figure.extents for figure in world.figures])
    scale = world.view.scale(world.depths)[..., None]
    standing = np.concatenate([world.feet, world.feet], axis=-1)
    on_canvas = standing + scale * extents[people, world.phase, world.side]
    return _move_boxes(world.poses[:, None], on_canvas)


def _make_world(
    people: int,
    frames: int,
    plan: Preset,
    image: tuple[int, int],
    tallest: float,
    random: np.random.Generator,
) -> World:
    width, height = image
    times = np.arange(frames) / plan.frame_rate
    view = Perspective.of_image(width, height, tallest, plan.horizon * height)
    layout = lay_out(plan, view, height, random)
    clothes = outfits(people, plan.alike, random)
    if plan.place == "stage":  # nobody dances with a bag
        clothes = [outfit._replace(carries="none") for outfit in clothes]
    figures = [make_figure(_build(plan, random), outfit) for outfit in clothes]
    walks = walk(people, times, plan, layout, view, random)
    poses = camera_poses(plan, times, width, height, random)
    brightness = 1 + plan.light * sway(times, (0.03, 0.15), random)
    warmth = 0.4 * plan.light * sway(times, (0.02, 0.10), random)
    return World(
        view=view,
        poses=poses,
        layout=layout,
        figures=figures,
        feet=view.project(walks.ground),
        depths=walks.ground[..., 1],
        phase=_phases(walks, times, figures, random),
        side=view_of(walks.heading),
        present=walks.present,
        light=brightness[:, None] * (1 + warmth[:, None] * [-1.0, 0.0, 1.0]),
        exposure=plan.exposure,
        texture_seed=int(random.integers(2**63)),
    )


def _build(plan: Preset, random: np.random.Generator) -> Build:
    dances = plan.place == "stage"
    child = not dances and random.random() < 0.08
    tall = random.uniform(1.15, 1.45) if child else random.normal(1.72, 0.085)
    return Build(
        height=float(np.clip(tall, 1.1, 2.0)),
        girth=float(random.uniform(0.88, 1.18)),
        swing=float(random.uniform(0.9, 1.1)),
        arms=float(random.uniform(0.6, 1.2) * (2.0 if dances else 1.0)),
        raised=float(random.uniform(0.3, 1.3) if dances else random.uniform(0.06, 0.18)),
    )


def _phases(
    walks: Walks, times: Array, figures: list[Figure], random: np.random.Generator
) -> Array:
    """Give the pose of everybody's gait: it advances with the way, so that no foot slides."""
    stride = np.array([figure.build.stride for figure in figures])
    seconds = np.diff(times, prepend=times[0])[:, None]
    walked = np.cumsum(walks.speed * seconds, axis=0) / stride + random.random(len(figures))
    phase = np.floor(walked * PHASES).astype(np.int64) % PHASES
    return np.where(walks.speed < SLOWEST_WALK, STANDING, phase)


def _move_boxes(pose: Array, boxes: Array) -> Array:
    """Map boxes by affine maps with little roll: the middles of the sides stay on the new sides."""
    left, top, right, low = np.moveaxis(boxes, -1, 0)
    x, y = (left + right) / 2, (top + low) / 2
    sides = [(left, y), (x, top), (right, y), (x, low)]
    moved = warp_points(pose, np.stack([np.stack(side, axis=-1) for side in sides]))
    return np.concatenate([moved.min(axis=0), moved.max(axis=0)], axis=-1)
