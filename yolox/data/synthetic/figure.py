"""What a person looks like from all sides: round parts hung on the joints of a walking body.

One description serves the drawing and the ground truth, so that the boxes fit what is drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.data.synthetic.skeleton import Build, pose
from yolox.data.synthetic.wardrobe import Outfit
from yolox.structures.boxes import Array

VIEWS = 12  # headings, 30 degrees apart: view 0 walks to the right, view 3 away from the camera

# The camera looks down a little: what is a metre farther away is seen so much higher.
DOWNWARD = 0.12


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
        extents: `(PHASES + 1, VIEWS, 4)`: xyxy in metres about the feet, y down.
    """

    build: Build
    outfit: Outfit
    parts: tuple[Part, ...]
    joints: dict[str, Array]
    extents: Array


def make_figure(build: Build, outfit: Outfit) -> Figure:
    """Pose a person in all phases of the gait, seen from all sides."""
    joints = {name: _seen_from_all_sides(place) for name, place in pose(build).items()}
    parts = (*_head(build, outfit), *_clothes(build, outfit), *_belongings(build, outfit))
    return Figure(build, outfit, parts, joints, _extents(parts, joints))


def view_of(heading: Array) -> Array:
    """Give the nearest view to headings in radians from the image's right, turning away."""
    return np.rint(heading / (2 * np.pi) * VIEWS).astype(np.int64) % VIEWS


def _head(build: Build, outfit: Outfit) -> list[Part]:
    """List face, hair and hat."""
    h = build.height
    parts = [
        Part("skin", ("neck", "chin"), (0.028 * h, 0.026 * h)),
        Part("skin", ("skull", "chin"), (0.050 * h, 0.032 * h)),
        Part("hair", ("crown",), (0.053 * h,), -0.01 * h),
        Part("hair", ("crown", "nape"), (0.052 * h, 0.036 * h)),
        Part("hair", ("fringe_l", "fringe_r", "top"), (0.023 * h,) * 3),
        Part("skin", ("nose",), (0.008 * h,)),
        Part("eyes", ("eye_l",), (0.0048 * h,)),
        Part("eyes", ("eye_r",), (0.0048 * h,)),
    ]
    if outfit.long_hair:
        parts.append(Part("hair", ("nape", "plait"), (0.040 * h, 0.030 * h)))
    if outfit.hat == "cap":
        parts.append(Part("hat", ("crown",), (0.056 * h,), 0.005 * h))
        parts.append(Part("hat", ("crown", "peak"), (0.030 * h, 0.014 * h), 0.005 * h))
    elif outfit.hat == "beanie":
        parts.append(Part("hat", ("crown",), (0.060 * h,), 0.005 * h))
    return parts


def _clothes(build: Build, outfit: Outfit) -> list[Part]:
    """List trunk and limbs with what covers them."""
    h, g = build.height, build.height * build.girth
    trousers = outfit.bottom == "trousers"
    hips, thighs, under = 0.058 * g, 0.062 * g, -0.14 * h  # top and skirt hang over the legs
    parts = [
        Part("top", ("shoulder_l", "shoulder_r", "chest", "waist", "hip_l", "hip_r"),
             (0.036 * g, 0.036 * g, 0.070 * g, 0.064 * g, hips, hips)),
        Part("top", ("shoulder_l", "shoulder_r", "neck"), (0.034 * g, 0.034 * g, 0.030 * h)),
    ]  # fmt: skip
    for side in "lr":
        hip, knee, ankle = f"hip_{side}", f"knee_{side}", f"ankle_{side}"
        shoulder, elbow, hand = f"shoulder_{side}", f"elbow_{side}", f"hand_{side}"
        parts += [
            Part("legs", (hip, knee), (hips if trousers else 0.9 * hips, 0.040 * g), under),
            Part("legs" if trousers else "skin", (knee, ankle),
                 (0.038 * g, (0.028 if trousers else 0.020) * g), under),
            Part("shoes", (f"heel_{side}", f"toe_{side}"), (0.020 * h, 0.014 * h), under),
            Part("top", (shoulder, elbow), (0.034 * g, 0.026 * g)),
            Part(outfit.sleeves, (elbow, hand), (0.025 * g, 0.018 * g)),
            Part("skin", (hand,), (0.021 * h,)),
        ]  # fmt: skip
    if outfit.bottom == "skirt":
        knees = 0.050 * g
        parts.append(Part("legs", ("hip_l", "hip_r", "hem_l", "hem_r", "knee_l", "knee_r"),
                          (hips, hips, thighs, thighs, knees, knees), -0.01 * h))  # fmt: skip
    if outfit.coat:
        parts.append(Part("top", ("hip_l", "hip_r", "hem_l", "hem_r"), (thighs,) * 4, 0.05 * h))
    return parts


def _belongings(build: Build, outfit: Outfit) -> list[Part]:
    """List what is carried."""
    h = build.height
    if outfit.carries == "backpack":
        straps = [
            Part("bag", (f"shoulder_{side}", f"strap_{side}"), (0.012 * h, 0.010 * h), 0.02 * h)
            for side in "lr"
        ]
        return [Part("bag", ("pack_top", "pack_low"), (0.062 * h, 0.070 * h)), *straps]
    if outfit.carries == "bag":
        return [
            Part("bag", ("bag_top", "bag_low"), (0.040 * h, 0.052 * h), 0.02 * h),
            Part("bag", ("shoulder_l", "bag_top"), (0.008 * h, 0.008 * h), 0.03 * h),
        ]
    return []


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
