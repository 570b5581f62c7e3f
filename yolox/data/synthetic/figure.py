"""A walking body: joints that follow the gait, and round parts that are hung on them.

Everything is in metres in the body's frame: forward, left, up from the ground. One description
serves the drawing and the ground truth, so that the boxes fit what is drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.data.synthetic.wardrobe import Outfit
from yolox.structures.boxes import Array

PHASES = 16  # poses of a double step; one more pose follows them, that of a person who stands
STANDING = PHASES
VIEWS = 12  # headings, 30 degrees apart: view 0 walks to the right, view 3 away from the camera

# The camera looks down a little: what is a metre farther away is seen so much higher.
DOWNWARD = 0.12


class Build(NamedTuple):
    """The body and its manner of walking.

    Attributes:
        height: In metres.
        girth: Relative to the average.
        swing: Relative swing of the legs; with the height it gives the length of a step.
        arms: Relative swing of the arms.
        raised: How far the arms are lifted sideways, in radians.
    """

    height: float
    girth: float
    swing: float
    arms: float
    raised: float

    @property
    def stride(self) -> float:
        """Metres of a double step: what the swing of the legs covers, so that no foot slides."""
        return 0.80 * self.height * self.swing


class Part(NamedTuple):
    """A piece of the body: the convex hull of circles round joints.

    Attributes:
        material: Key of the outfit's colours.
        joints: Their names.
        radii: In metres, one a joint.
        lift: Metres by which it lies nearer to the camera than its joints, to order the drawing.
    """

    material: str
    joints: tuple[str, ...]
    radii: tuple[float, ...]
    lift: float = 0.0


class Figure(NamedTuple):
    """One person in all poses and views.

    Attributes:
        build: The body.
        outfit: The clothes.
        parts: What is drawn.
        joints: By name, `(PHASES + 1, VIEWS, 3)`: metres to the right, up, and away.
        extents: `(PHASES + 1, VIEWS, 4)`: left, top, right, bottom in metres about the feet, y down.
    """

    build: Build
    outfit: Outfit
    parts: tuple[Part, ...]
    joints: dict[str, Array]
    extents: Array


def make_figure(build: Build, outfit: Outfit) -> Figure:
    """Pose a person in all phases of the gait, seen from all sides."""
    phase = np.arange(PHASES + 1) / PHASES
    moving = np.ones(PHASES + 1)
    moving[STANDING] = 0
    joints = {
        name: _seen_from_all_sides(place)
        for name, place in _pose(build, phase, moving).items()
    }
    parts = tuple(_body(build, outfit) + _belongings(build, outfit))
    return Figure(build, outfit, parts, joints, _extents(parts, joints))


def view_of(heading: Array) -> Array:
    """Give the nearest view to headings in radians from the image's right, turning away."""
    return np.rint(heading / (2 * np.pi) * VIEWS).astype(np.int64) % VIEWS


def _pose(build: Build, phase: Array, moving: Array) -> dict[str, Array]:
    """Place the joints, each `(P, 3)` forward, left, up; proportions after Drillis and Contini."""
    h = build.height
    place: dict[str, Array] = {}

    def put(name: str, base: Array, forward: Array | float, left: Array | float, up: Array | float) -> None:
        offset = [np.broadcast_to(value, phase.shape) for value in (forward, left, up)]
        place[name] = base + h * np.stack(offset, axis=-1)

    root = np.zeros((len(phase), 3))
    for side, sign, p in (("l", 1, phase), ("r", -1, phase + 0.5)):
        thigh = moving * build.swing * (0.09 + 0.40 * np.cos(2 * np.pi * p))
        bend = 0.05 + moving * (0.22 * _bump(p, 0.13, 0.07) + 1.05 * _bump(p, 0.72, 0.10))
        pitch = moving * (0.28 * _bump(p, 0.0, 0.06) - 0.95 * _bump(p, 0.61, 0.09))
        put(f"hip_{side}", root, 0, sign * 0.048, 0.53)
        put(f"knee_{side}", place[f"hip_{side}"], 0.245 * np.sin(thigh), 0, -0.245 * np.cos(thigh))
        shin = thigh - bend
        put(f"ankle_{side}", place[f"knee_{side}"], 0.246 * np.sin(shin), 0, -0.246 * np.cos(shin))
        ankle, sole = place[f"ankle_{side}"], 0.026
        put(f"heel_{side}", ankle, sole * np.sin(pitch) - 0.018 * np.cos(pitch), 0,
            -sole * np.cos(pitch) - 0.018 * np.sin(pitch))  # fmt: skip
        put(f"toe_{side}", ankle, sole * np.sin(pitch) + 0.098 * np.cos(pitch), sign * 0.012,
            -sole * np.cos(pitch) + 0.098 * np.sin(pitch))  # fmt: skip
    lowest = np.min([place[f"{end}_{side}"][:, 2] for end in ("heel", "toe") for side in "lr"], 0)
    for joint in place.values():
        joint[:, 2] += 0.014 * h - lowest  # the lower foot stands on the ground, the body rides on it

    pelvis = (place["hip_l"] + place["hip_r"]) / 2
    put("pelvis", pelvis, 0, 0, 0)
    put("waist", pelvis, 0.006, 0, 0.09)
    put("chest", pelvis, 0.014, 0, 0.20)
    put("neck", pelvis, 0.024, 0, 0.315)
    put("chin", pelvis, 0.046, 0, 0.363)
    put("skull", pelvis, 0.034, 0, 0.412)
    for side, sign, p in (("l", 1, phase), ("r", -1, phase + 0.5)):
        counter = moving * build.arms * np.cos(2 * np.pi * p)
        reach = 0.02 - 0.42 * counter
        bend = 0.25 + 0.25 * moving * build.arms * (1 - np.cos(2 * np.pi * p))
        lifted = build.raised * (1 + 0.5 * moving * np.sin(2 * np.pi * p))
        put(f"shoulder_{side}", pelvis, 0.016 - 0.02 * counter, sign * 0.098, 0.283)
        put(f"elbow_{side}", place[f"shoulder_{side}"], 0.178 * np.sin(reach) * np.cos(lifted),
            sign * 0.178 * np.sin(lifted), -0.178 * np.cos(reach) * np.cos(lifted))  # fmt: skip
        fore = reach + bend
        put(f"hand_{side}", place[f"elbow_{side}"], 0.158 * np.sin(fore) * np.cos(lifted),
            sign * 0.158 * np.sin(1.2 * lifted - 0.1), -0.158 * np.cos(fore) * np.cos(1.2 * lifted))  # fmt: skip
        put(f"eye_{side}", place["skull"], 0.047, sign * 0.021, -0.008)
        put(f"fringe_{side}", place["skull"], 0.024, sign * 0.024, 0.032)
        put(f"hem_{side}", (place[f"hip_{side}"] + place[f"knee_{side}"]) / 2, 0, sign * 0.01, -0.02)
        put(f"strap_{side}", place["chest"], 0.05, sign * 0.045, 0.075)
    put("nose", place["skull"], 0.058, 0, -0.02)
    put("top", place["skull"], -0.008, 0, 0.044)
    put("crown", place["skull"], -0.006, 0, 0.012)
    put("nape", place["skull"], -0.032, 0, -0.045)
    put("plait", place["skull"], -0.042, 0, -0.115)
    put("peak", place["skull"], 0.085, 0, 0.018)
    put("pack_top", place["chest"], -0.105, 0, 0.045)
    put("pack_low", place["waist"], -0.095, 0, -0.01)
    put("bag_top", pelvis, 0.0, -0.115, 0.0)
    put("bag_low", pelvis, 0.0, -0.125, -0.065)
    return place


def _body(build: Build, outfit: Outfit) -> list[Part]:
    """List skin, hair and clothes."""
    h, g = build.height, build.height * build.girth
    parts = [
        Part("skin", ("neck", "chin"), (0.028 * h, 0.026 * h)),
        Part("skin", ("skull", "chin"), (0.050 * h, 0.032 * h)),
        Part("hair", ("crown",), (0.053 * h,), -0.01 * h),
        Part("hair", ("crown", "nape"), (0.052 * h, 0.036 * h)),
        Part("hair", ("fringe_l", "fringe_r", "top"), (0.023 * h,) * 3),
        Part("skin", ("nose",), (0.008 * h,)),
        Part("eyes", ("eye_l",), (0.0048 * h,)),
        Part("eyes", ("eye_r",), (0.0048 * h,)),
        Part("top", ("shoulder_l", "shoulder_r", "chest", "waist", "hip_l", "hip_r"),
             (0.036 * g, 0.036 * g, 0.070 * g, 0.064 * g, 0.058 * g, 0.058 * g)),
        Part("top", ("shoulder_l", "shoulder_r", "neck"), (0.034 * g, 0.034 * g, 0.030 * h)),
    ]  # fmt: skip
    if outfit.long_hair:
        parts.append(Part("hair", ("nape", "plait"), (0.040 * h, 0.030 * h)))
    shin = "legs" if outfit.bottom == "trousers" else "skin"
    wide = 0.058 if outfit.bottom == "trousers" else 0.052
    under = -0.09 * h  # the top hangs over the legs
    for side in "lr":
        hip, knee, ankle = f"hip_{side}", f"knee_{side}", f"ankle_{side}"
        parts += [
            Part("legs", (hip, knee), (wide * g, 0.040 * g), under),
            Part(shin, (knee, ankle), (0.038 * g, (0.028 if shin == "legs" else 0.020) * g), under),
            Part("shoes", (f"heel_{side}", f"toe_{side}"), (0.020 * h, 0.014 * h), under),
            Part("top", (f"shoulder_{side}", f"elbow_{side}"), (0.034 * g, 0.026 * g)),
            Part(outfit.sleeves, (f"elbow_{side}", f"hand_{side}"), (0.025 * g, 0.018 * g)),
            Part("skin", (f"hand_{side}",), (0.021 * h,)),
        ]
    if outfit.bottom == "skirt":
        parts.append(Part("legs", ("hip_l", "hip_r", "hem_l", "hem_r", "knee_l", "knee_r"),
                          (0.058 * g, 0.058 * g, 0.062 * g, 0.062 * g, 0.050 * g, 0.050 * g),
                          -0.02 * h))  # fmt: skip
    if outfit.coat:
        parts.append(Part("top", ("hip_l", "hip_r", "hem_l", "hem_r"),
                          (0.064 * g, 0.064 * g, 0.064 * g, 0.064 * g), 0.05 * h))  # fmt: skip
    return parts


def _belongings(build: Build, outfit: Outfit) -> list[Part]:
    """List what is carried or worn on the head."""
    h = build.height
    if outfit.carries == "backpack":
        pack = [
            Part("bag", ("pack_top", "pack_low"), (0.062 * h, 0.070 * h)),
            Part("bag", ("shoulder_l", "strap_l"), (0.012 * h, 0.010 * h), 0.02 * h),
            Part("bag", ("shoulder_r", "strap_r"), (0.012 * h, 0.010 * h), 0.02 * h),
        ]
    elif outfit.carries == "bag":
        pack = [
            Part("bag", ("bag_top", "bag_low"), (0.040 * h, 0.052 * h), 0.02 * h),
            Part("bag", ("shoulder_l", "bag_top"), (0.008 * h, 0.008 * h), 0.03 * h),
        ]
    else:
        pack = []
    if outfit.hat == "cap":
        pack += [
            Part("hat", ("crown",), (0.056 * h,), 0.005 * h),
            Part("hat", ("crown", "peak"), (0.030 * h, 0.014 * h), 0.005 * h),
        ]
    elif outfit.hat == "beanie":
        pack.append(Part("hat", ("crown",), (0.060 * h,), 0.005 * h))
    return pack


def _seen_from_all_sides(place: Array) -> Array:
    """Turn `(P, 3)` forward, left, up into `(P, VIEWS, 3)` right, up, away."""
    heading = np.arange(VIEWS) * 2 * np.pi / VIEWS
    forward, left, up = place[:, None, 0], place[:, None, 1], place[:, None, 2]
    right = forward * np.cos(heading) - left * np.sin(heading)
    away = forward * np.sin(heading) + left * np.cos(heading)
    return np.stack([right, up + DOWNWARD * away, away], axis=-1)


def _extents(parts: tuple[Part, ...], joints: dict[str, Array]) -> Array:
    reach: dict[str, float] = {}
    for part in parts:
        for name, radius in zip(part.joints, part.radii, strict=True):
            reach[name] = max(radius, reach.get(name, 0.0))
    places = np.stack([joints[name] for name in reach])  # (J, P, V, 3)
    radii = np.array(list(reach.values()))[:, None, None]
    right, up = places[..., 0], places[..., 1]
    return np.stack(
        [
            (right - radii).min(axis=0),
            -(up + radii).max(axis=0),
            (right + radii).max(axis=0),
            -(up - radii).min(axis=0),
        ],
        axis=-1,
    )


def _bump(phase: Array, middle: float, width: float) -> Array:
    """Rise to 1 at a phase of the cycle and fall again."""
    apart = (phase - middle + 0.5) % 1 - 0.5
    return np.exp(-((apart / width) ** 2))
