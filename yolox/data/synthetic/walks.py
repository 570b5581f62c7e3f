"""Where everybody is at any time: walks through the view, absences, and dances on a stage.

All motion is a function of continuous time, so that another frame rate shows the same world.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from yolox.data.synthetic.layout import Layout, Strip, half_width, is_blocked
from yolox.data.synthetic.perspective import Perspective
from yolox.data.synthetic.presets import Preset
from yolox.structures.boxes import Array

ABREAST = 0.75  # metres between the members of a group
OUTSIDE = 1.0  # metres beyond the border of the view where walks begin and end
STEPS = 32  # equal pieces of a path
STANDING_SHARE = 0.12  # of the groups in a street, who wait or talk
NEWCOMERS = 0.25  # share of the groups who are not there when the scene begins


class Walks(NamedTuple):
    """Everybody's motion.

    Attributes:
        ground: `(F, N, 2)` X and Z of the feet in metres.
        present: `(F, N)` bool, whether the person is in this part of town.
        heading: `(F, N)` radians from the image's right, turning away from the camera.
        speed: `(F, N)` m/s.
    """

    ground: Array
    present: Array
    heading: Array
    speed: Array


class Passage(NamedTuple):
    """A walk of a group.

    Attributes:
        path: `(STEPS + 1, 2)` X and Z in metres, at equal distances.
        begins: In seconds.
        ends: In seconds.
    """

    path: Array
    begins: float
    ends: float


# From times in seconds `(F,)` to the ground `(F, 2)` and whether the person is there `(F,)`.
Motion = Callable[[Array], tuple[Array, Array]]


def walk(
    people: int,
    times: Array,
    preset: Preset,
    layout: Layout,
    view: Perspective,
    random: np.random.Generator,
) -> Walks:
    """Move `people` through a scene.

    Args:
        people: How many.
        times: `(F,)` seconds.
        preset: The kind of scene.
        layout: The ground plan.
        view: How the ground is seen.
        random: Source of the motion.
    """
    if preset.place == "stage":
        motions = [_dance(preset.speed, layout.crossing, random) for _ in range(people)]
    else:
        motions = []
        while len(motions) < people:
            size = min(int(random.integers(1, preset.together + 1)), people - len(motions))
            motions += _group(size, float(times[-1]), preset, layout, view, random)
    instant = 0.04  # seconds, over which heading and speed are taken
    ground, present, velocity = [], [], []
    for motion in motions:
        place, there = motion(times)
        ground.append(place)
        present.append(there)
        velocity.append((motion(times + instant)[0] - motion(times - instant)[0]) / (2 * instant))
    moving = np.stack(velocity, axis=1)
    return Walks(
        np.stack(ground, axis=1),
        np.stack(present, axis=1),
        np.arctan2(moving[..., 1], moving[..., 0]),
        np.hypot(moving[..., 0], moving[..., 1]),
    )


def _group(
    size: int,
    until: float,
    preset: Preset,
    layout: Layout,
    view: Perspective,
    random: np.random.Generator,
) -> list[Motion]:
    """Let some people walk side by side, or stand and talk."""
    if random.random() < STANDING_SHARE:
        strip = layout.walkways[0]
        middle = np.array([0.7 * float(half_width(view, strip.near)), 0.0]) * random.uniform(-1, 1)
        middle[1] = _depth_in(strip, random)
        return [_stand(middle, member, size, random) for member in range(size)]
    passages = _passages(until, preset, layout, view, random)
    return [
        _walk_along(passages, ABREAST * (member - (size - 1) / 2), random) for member in range(size)
    ]


def _passages(
    until: float,
    preset: Preset,
    layout: Layout,
    view: Perspective,
    random: np.random.Generator,
) -> list[Passage]:
    """Plan walks through the view until a time, with absences between them."""
    now = 0.0
    newcomer = random.random() < NEWCOMERS
    if newcomer:
        now = random.uniform(0, 0.6 * max(until, 5.0))
    passages: list[Passage] = []
    while now <= until or not passages:
        path = _free_path(preset, layout, view, random)
        length = STEPS * float(np.linalg.norm(path[1] - path[0]))
        takes = length / (preset.speed * random.uniform(0.75, 1.3))
        if not passages and not newcomer:
            now -= takes * random.uniform(0.1, 0.75)  # on the way when the scene begins
        passages.append(Passage(path, now, now + takes))
        now += takes + preset.absence * random.uniform(0.4, 1.6)
    return passages


def _free_path(
    preset: Preset, layout: Layout, view: Perspective, random: np.random.Generator
) -> Array:
    """Choose where to walk so that nothing stands in the way, if a few tries find such a path."""
    # In metres at a depth, so far to the side the camera may swing.
    spread = 1 + 2 * preset.pan

    def border(depth: float) -> float:
        outside = float(half_width(view, depth)) * spread + OUTSIDE
        return min(outside, layout.side)

    for _ in range(20):
        if random.random() < (0.25 if layout.place == "avenue" else 0.35):
            path = _path_in_depth(layout, border, random)
        else:
            path = _path_across(layout, border, random)
        if not is_blocked(layout, path):
            break
    return path[:: random.choice([-1, 1])]


def _path_across(
    layout: Layout, border: Callable[[float], float], random: np.random.Generator
) -> Array:
    """Cross the view from one side to the other."""
    last = len(layout.walkways) - 1
    strip = layout.walkways[0 if random.random() < 0.65 else last]
    depth = _depth_in(strip, random)
    other = float(np.clip(depth * random.uniform(0.85, 1.15), strip.near, strip.far))
    start, end = np.array([-border(depth), depth]), np.array([border(other), other])
    return _curve(start, (start + end) / 2, end)


def _path_in_depth(
    layout: Layout, border: Callable[[float], float], random: np.random.Generator
) -> Array:
    """Come from the far end and leave the view beside the camera."""
    strip = layout.crossing
    depth = strip.near * random.uniform(1.0, 1.25)
    side = float(random.choice([-1, 1]))
    start = np.array([random.uniform(strip.left, strip.right), strip.far])
    turn = np.array([random.uniform(strip.left, strip.right) / 2, 1.4 * depth])
    return _curve(start, turn, np.array([side * border(depth), depth]))


def _depth_in(strip: Strip, random: np.random.Generator) -> float:
    """Choose among even rows of the image rather than even metres: most ground is far away."""
    return 1 / float(random.uniform(1 / strip.far, 1 / strip.near))


def _curve(start: Array, turn: Array, end: Array) -> Array:
    """Bend a path smoothly towards a turning point, in `STEPS` equal steps."""
    share = np.linspace(0, 1, 4 * STEPS)[:, None]
    bent = (1 - share) ** 2 * start + 2 * share * (1 - share) * turn + share**2 * end
    walked = np.cumsum(np.linalg.norm(np.diff(bent, axis=0, prepend=bent[:1]), axis=1))
    even = np.linspace(0, walked[-1], STEPS + 1)
    return np.stack([np.interp(even, walked, bent[:, axis]) for axis in (0, 1)], axis=1)


def _walk_along(passages: list[Passage], aside: float, random: np.random.Generator) -> Motion:
    """Follow a group's walks, `aside` metres from its middle, not quite straight."""
    begins = np.array([passage.begins for passage in passages])
    ends = np.array([passage.ends for passage in passages])
    paths = np.stack([passage.path for passage in passages])
    along = np.gradient(paths, axis=1)
    across = along[..., ::-1] * [-1, 1] / np.linalg.norm(along, axis=2, keepdims=True)
    sway = random.uniform(0.05, 0.25)
    pulse = random.uniform(0.4, 0.9)
    ahead = random.uniform(-0.25, 0.25)
    phase = random.uniform(0, 2 * np.pi)

    def motion(times: Array) -> tuple[Array, Array]:
        at = np.clip(np.searchsorted(begins, times, side="right") - 1, 0, None)
        done = (times - begins[at] + ahead) / (ends[at] - begins[at])
        place = STEPS * np.clip(done, 0, 1)
        before = np.minimum(place.astype(np.int64), STEPS - 1)
        share = (place - before)[:, None]
        off = aside + sway * np.sin(pulse * times + phase)
        ground = (1 - share) * paths[at, before] + share * paths[at, before + 1]
        beside = (1 - share) * across[at, before] + share * across[at, before + 1]
        return ground + beside * off[:, None], (done >= 0) & (done <= 1)

    return motion


def _stand(middle: Array, member: int, size: int, random: np.random.Generator) -> Motion:
    """Stand in a circle with others and shift the weight now and then."""
    angle = 2 * np.pi * member / size + random.uniform(-0.3, 0.3)
    place = middle + (0.55 if size > 1 else 0.0) * np.array([np.cos(angle), np.sin(angle)])
    phase = random.uniform(0, 2 * np.pi)

    def motion(times: Array) -> tuple[Array, Array]:
        # Slower than any walk; its direction is where the person looks: inwards.
        drift = -0.002 * (times + np.sin(0.7 * times + phase))
        facing = np.array([np.cos(angle), np.sin(angle)])
        return place + drift[:, None] * facing, np.ones(len(times), dtype=bool)

    return motion


def _dance(speed: float, stage: Strip, random: np.random.Generator) -> Motion:
    """Rush to and fro on a stage on a path that crosses those of all others."""
    middle = np.array([(stage.left + stage.right) / 2, (stage.near + stage.far) / 2])
    reach = np.array([stage.right - stage.left, stage.far - stage.near]) / 2
    home = middle + reach * random.uniform(-0.45, 0.45, 2)
    waves = 4
    amplitude = random.uniform(0.5, 1.0, (waves, 2)) * reach * [[0.55], [0.3], [0.16], [0.08]]
    # Half the mean speed of a wave is 2 amplitude * frequency.
    frequency = np.array([[0.6], [1.1], [2.3], [4.1]]) * speed / (4 * reach[0])
    frequency = frequency * random.uniform(0.8, 1.25, (waves, 2))
    phase = random.uniform(0, 2 * np.pi, (waves, 2))

    def motion(times: Array) -> tuple[Array, Array]:
        angle = 2 * np.pi * frequency * times[:, None, None] + phase
        ground = home + (amplitude * np.sin(angle)).sum(axis=1)
        ground[:, 1] = np.clip(ground[:, 1], stage.near, stage.far)
        return ground, np.ones(len(times), dtype=bool)

    return motion
