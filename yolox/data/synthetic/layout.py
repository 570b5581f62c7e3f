"""Where things are on the ground of a scene: walls, road, walkways and what stands on them."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from yolox.data.synthetic.perspective import Perspective
from yolox.data.synthetic.presets import Preset
from yolox.structures.boxes import Array

Kind = Literal["car", "van", "tree", "lamp", "sign", "bench", "bin", "column", "planter"]
Place = Literal["avenue", "precinct", "stage"]

ROAD = 7.0  # metres from kerb to kerb

# What hides people, as boxes in metres about the middle of the base: left, low, right, high.
# The first one is also as wide as the footprint.
# fmt: off
SHAPES: dict[Kind, tuple[tuple[float, float, float, float], ...]] = {
    "car": ((-2.15, 0.18, 2.15, 0.82), (-1.25, 0.82, 1.35, 1.36)),
    "van": ((-2.50, 0.25, 2.50, 2.10),),
    "tree": ((-0.17, 0.0, 0.17, 3.0), (-1.5, 2.6, 1.5, 5.2)),
    "lamp": ((-0.07, 0.0, 0.07, 5.2),),
    "sign": ((-0.05, 0.0, 0.05, 2.2), (-0.32, 2.2, 0.32, 2.84)),
    "bench": ((-0.85, 0.0, 0.85, 0.82),),
    "bin": ((-0.28, 0.0, 0.28, 0.95),),
    "column": ((-0.62, 0.0, 0.62, 2.75),),
    "planter": ((-1.1, 0.0, 1.1, 0.92),),
}
# fmt: on# Metres from front to back of what is not thin.
DEPTHS: dict[Kind, float] = {"car": 1.8, "van": 2.0, "column": 1.2, "planter": 0.8, "bench": 0.6}

AVENUE: tuple[Kind, ...] = ("car", "van", "tree", "lamp", "sign", "bin", "bench", "planter")
PRECINCT: tuple[Kind, ...] = ("tree", "lamp", "sign", "bin", "bench", "planter", "column")


class Occluder(NamedTuple):
    """Something that stands on the ground; `depth` is that of its front."""

    kind: Kind
    x: float
    depth: float


class Strip(NamedTuple):
    """A rectangle of ground that people use: X and Z in metres."""

    left: float
    right: float
    near: float
    far: float


class Layout(NamedTuple):
    """The ground plan.

    Attributes:
        place: `"avenue"` is seen across its road, `"precinct"` along its houses.
        walkways: Where people walk to and fro, near ones first.
        crossing: Where people walk towards the camera and away from it.
        wall: Depth in metres of the houses (or of the backdrop) across the view.
        side: Distance in metres of the houses along the view; infinite if there are none.
        road: Depths in metres of its kerbs; both the same if there is none.
        occluders: What stands on the ground.
    """

    place: Place
    walkways: tuple[Strip, ...]
    crossing: Strip
    wall: float
    side: float
    road: tuple[float, float]
    occluders: tuple[Occluder, ...]


def lay_out(preset: Preset, view: Perspective, height: int, random: np.random.Generator) -> Layout:
    """Plan the ground between the lower border of the image and the preset's farthest row.

    Args:
        preset: The kind of scene.
        view: How the ground is seen.
        height: Image height in pixels.
        random: Source of the plan.
    """
    near = view.depth_of_row(0.98 * height)
    far = view.depth_of_row(preset.farthest * height)
    if preset.place == "stage":
        wide = view.centre / view.scale(np.array(far))
        strip = Strip(-float(wide), float(wide), near, far)
        return Layout("stage", (strip,), strip, 1.5 * far, np.inf, (far, far), ())
    if random.random() < 0.5:
        return _avenue(preset, view, near, far, random)
    return _precinct(preset, view, near, far, random)


def half_width(view: Perspective, depth: Array | float) -> Array:
    """Give half the width in metres of the ground that the image shows at a depth."""
    return np.asarray(view.centre * np.asarray(depth) / view.focal)


def hiding_boxes(layout: Layout, view: Perspective) -> tuple[Array, Array]:
    """Give what hides people: `(O, 4)` xyxy on the canvas and `(O,)` depths of their fronts."""
    boxes, depths = [np.empty((0, 4))], [np.empty(0)]
    for kind, x, depth in layout.occluders:
        scale = view.focal / depth
        foot = view.project(np.array([x, depth]))
        left, low, right, high = np.array(SHAPES[kind]).T * scale
        boxes.append(np.stack([foot[0] + left, foot[1] - high, foot[0] + right, foot[1] - low], 1))
        depths.append(np.full(len(left), depth))
    return np.concatenate(boxes), np.concatenate(depths)


def is_blocked(layout: Layout, path: Array) -> bool:
    """Tell whether a path, `(N, 2)` X and Z in metres, leads through something."""
    room = 0.35  # half a person's width
    for kind, x, depth in layout.occluders:
        left, _, right, _ = SHAPES[kind][0]
        across = (path[:, 0] > x + left - room) & (path[:, 0] < x + right + room)
        along = (path[:, 1] > depth - room) & (path[:, 1] < depth + DEPTHS.get(kind, 0.3) + room)
        if (across & along).any():
            return True
    return False


def _avenue(
    preset: Preset, view: Perspective, near: float, far: float, random: np.random.Generator
) -> Layout:
    """Lay out pavement, road, pavement and houses, one behind the other."""
    kerb = near + random.uniform(0.75, 1.0) * (far - near) * 0.33
    back = min(kerb + ROAD, 0.8 * far)
    middle = random.uniform(-0.5, 0.5) * float(half_width(view, kerb))
    zebra = Strip(middle - 1.6, middle + 1.6, near, far)
    wide = float(half_width(view, far)) + 3
    pavement = Strip(-wide, wide, near, near + 0.9 * (kerb - near))
    walkways = (pavement, Strip(-wide, wide, back + 0.1 * (far - back), far))
    occluders: list[Occluder] = []
    for kind in ("car", *_mixed(AVENUE, preset.occluders - 1, random)):
        if kind in ("car", "van"):
            depth = back - 2.0 if random.random() < 0.7 else kerb + 0.3
        elif kind in ("tree", "lamp", "sign"):
            depth = back + 0.3 if random.random() < 0.5 else kerb - 0.5
        else:
            depth = near + float(random.uniform(0.45, 0.85)) * (kerb - near)
        _place(occluders, kind, depth, zebra, view, random)
    return Layout("avenue", walkways, zebra, far + 1.2, np.inf, (kerb, back), tuple(occluders))


def _precinct(
    preset: Preset, view: Perspective, near: float, far: float, random: np.random.Generator
) -> Layout:
    """Lay out a paved street between two rows of houses that ends at another house."""
    side = float(half_width(view, near + 0.42 * (far - near))) * random.uniform(0.9, 1.15)
    walkway = Strip(-0.85 * side, 0.85 * side, near, far)
    occluders: list[Occluder] = []
    for kind in ("tree", *_mixed(PRECINCT, preset.occluders - 1, random)):
        depth = float(near + random.uniform(0.1, 0.75) * (far - near))
        _place(occluders, kind, depth, None, view, random, least=0.35, border=0.9 * side)
    end = 1.25 * far
    street = walkway._replace(far=0.97 * end)  # down to the doors at its end
    return Layout("precinct", (walkway,), street, end, side, (far, far), tuple(occluders))


def _mixed(kinds: tuple[Kind, ...], count: int, random: np.random.Generator) -> list[Kind]:
    """Choose among kinds without repeating one before all have been used."""
    order = np.concatenate([random.permutation(len(kinds)) for _ in range(count // len(kinds) + 1)])
    return [kinds[at] for at in order[:count]]


def _place(
    occluders: list[Occluder],
    kind: Kind,
    depth: float,
    keep_free: Strip | None,
    view: Perspective,
    random: np.random.Generator,
    least: float = 0.0,
    border: float = np.inf,
) -> None:
    """Put a thing at a depth where it is in view and covers no other, or leave it out."""
    reach = min(0.95 * float(half_width(view, depth)), border)
    half = SHAPES[kind][0][2]
    for _ in range(12):
        x = float(random.uniform(least, 1.0) * reach * random.choice([-1, 1]))
        free = keep_free is None or abs(x - (keep_free.left + keep_free.right) / 2) > half + 2.0
        apart = all(
            abs(x - other.x) > half + SHAPES[other.kind][0][2] + 0.3
            or abs(depth - other.depth) > 2.4
            for other in occluders
        )
        if free and apart:
            occluders.append(Occluder(kind, x, depth))
            return
