"""The joints of a walking body, in its own frame: forward, left, up from the ground.

Proportions are shares of the body's height (after Drillis and Contini), angles are radians, and the
phase of the gait runs from 0 to 1 in a double step, beginning when the left heel strikes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array

PHASES = 16  # poses of a double step; one more pose follows them, that of a person who stands
STANDING = PHASES

THIGH, SHIN, SOLE = 0.245, 0.246, 0.026
UPPER_ARM, FOREARM = 0.178, 0.158
TOE_RADIUS = 0.014  # so far above the ground is the middle of a toe that stands on it


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


def pose(build: Build) -> dict[str, Array]:
    """Place the joints in all phases of the gait and in the pose of a person who stands.

    Returns:
        By name, `(PHASES + 1, 3)` metres forward, to the left, and up from the ground.
    """
    phase = np.arange(PHASES + 1) / PHASES
    moving = np.ones(PHASES + 1)
    moving[STANDING] = 0
    joints: dict[str, Array] = {}
    for side, sign, own in (("l", 1, phase), ("r", -1, phase + 0.5)):
        joints |= _leg(side, sign, own, moving * build.swing)
    ends = [joints[f"{end}_{side}"][:, 2] for end in ("heel", "toe") for side in "lr"]
    # The lower foot stands on the ground, and the body rides up and down on it.
    joints = {
        name: _from(joint, 0, 0, TOE_RADIUS - np.min(ends, axis=0))
        for name, joint in joints.items()
    }
    joints |= _trunk((joints["hip_l"] + joints["hip_r"]) / 2)
    for side, sign, own in (("l", 1, phase), ("r", -1, phase + 0.5)):
        joints |= _arm(side, sign, own, moving, build, joints["pelvis"])
        thigh = (joints[f"hip_{side}"] + joints[f"knee_{side}"]) / 2
        joints[f"hem_{side}"] = _from(thigh, 0, sign * 0.01, -0.02)
    return {name: build.height * joint for name, joint in joints.items()}


def _leg(side: str, sign: int, phase: Array, swing: Array) -> dict[str, Array]:
    """Swing a leg: thigh like a pendulum, the knee bends twice, the foot rolls from heel to toe."""
    thigh = swing * (0.09 + 0.40 * np.cos(2 * np.pi * phase))
    bend = 0.05 + swing * (0.22 * _bump(phase, 0.13, 0.07) + 1.05 * _bump(phase, 0.72, 0.10))
    pitch = swing * (0.28 * _bump(phase, 0.0, 0.06) - 0.95 * _bump(phase, 0.61, 0.09))
    shin = thigh - bend
    hip = _from(np.zeros((len(phase), 3)), 0, sign * 0.048, 0.53)
    knee = _from(hip, THIGH * np.sin(thigh), 0, -THIGH * np.cos(thigh))
    ankle = _from(knee, SHIN * np.sin(shin), 0, -SHIN * np.cos(shin))
    along, down = np.cos(pitch), np.sin(pitch)
    sole = _from(ankle, SOLE * down, 0, -SOLE * along)
    return {
        f"hip_{side}": hip,
        f"knee_{side}": knee,
        f"ankle_{side}": ankle,
        f"heel_{side}": _from(sole, -0.018 * along, 0, -0.018 * down),
        f"toe_{side}": _from(sole, 0.098 * along, sign * 0.012, 0.098 * down),
    }


def _trunk(pelvis: Array) -> dict[str, Array]:
    """Stack trunk and head, and what bags, hair and hats are hung on."""
    waist, chest = _from(pelvis, 0.006, 0, 0.09), _from(pelvis, 0.014, 0, 0.20)
    skull = _from(pelvis, 0.034, 0, 0.412)
    joints = {
        "pelvis": pelvis,
        "waist": waist,
        "chest": chest,
        "neck": _from(pelvis, 0.024, 0, 0.315),
        "chin": _from(pelvis, 0.046, 0, 0.363),
        "skull": skull,
        "nose": _from(skull, 0.058, 0, -0.02),
        "top": _from(skull, -0.008, 0, 0.044),
        "crown": _from(skull, -0.006, 0, 0.012),
        "nape": _from(skull, -0.032, 0, -0.045),
        "plait": _from(skull, -0.042, 0, -0.115),
        "peak": _from(skull, 0.085, 0, 0.018),
        "pack_top": _from(chest, -0.105, 0, 0.045),
        "pack_low": _from(waist, -0.095, 0, -0.01),
        "bag_top": _from(pelvis, 0, -0.115, 0),
        "bag_low": _from(pelvis, 0, -0.125, -0.065),
    }
    for side, sign in (("l", 1), ("r", -1)):
        joints[f"eye_{side}"] = _from(skull, 0.047, sign * 0.021, -0.008)
        joints[f"fringe_{side}"] = _from(skull, 0.024, sign * 0.024, 0.032)
        joints[f"strap_{side}"] = _from(chest, 0.05, sign * 0.045, 0.075)
    return joints


def _arm(
    side: str, sign: int, phase: Array, moving: Array, build: Build, pelvis: Array
) -> dict[str, Array]:
    """Swing an arm against the leg of its side; a raised arm also waves up and down."""
    counter = moving * build.arms * np.cos(2 * np.pi * phase)
    upper = 0.02 - 0.42 * counter
    fore = upper + 0.25 + 0.25 * moving * build.arms * (1 - np.cos(2 * np.pi * phase))
    raised = build.raised * (1 + 0.5 * moving * np.sin(2 * np.pi * phase))
    shoulder = _from(pelvis, 0.016 - 0.02 * counter, sign * 0.098, 0.283)
    elbow = _from(shoulder, *_limb(UPPER_ARM, upper, raised, sign))
    hand = _from(elbow, *_limb(FOREARM, fore, 1.2 * raised - 0.1, sign))
    return {f"shoulder_{side}": shoulder, f"elbow_{side}": elbow, f"hand_{side}": hand}


def _limb(length: float, forward: Array, aside: Array, sign: int) -> tuple[Array, Array, Array]:
    """Point a limb that hangs down forward and aside."""
    return (
        length * np.sin(forward) * np.cos(aside),
        sign * length * np.sin(aside),
        -length * np.cos(forward) * np.cos(aside),
    )


def _from(base: Array, forward: Array | float, left: Array | float, up: Array | float) -> Array:
    offset = [np.broadcast_to(value, base.shape[:1]) for value in (forward, left, up)]
    return np.asarray(base + np.stack(offset, axis=-1))


def _bump(phase: Array, middle: float, width: float) -> Array:
    """Rise to 1 at a phase of the cycle and fall again."""
    apart = (phase - middle + 0.5) % 1 - 0.5
    return np.asarray(np.exp(-((apart / width) ** 2)))
