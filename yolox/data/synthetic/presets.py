"""The kinds of scene that can be made, each hard in one way of its own."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Preset(NamedTuple):
    """The numbers that make one kind of scene; image sizes are shares of width or height."""

    purpose: str
    place: Literal["street", "stage"] = "street"
    people: int = 12  # identities, unless the caller wants another number
    frame_rate: float = 30.0  # frames a second
    tallest: float = 0.42  # height of a person of 1.72 m at the lower border, of the image's
    horizon: float = 0.30  # row of the eye's height, of the image's height
    farthest: float = 0.47  # row of the most distant feet, of the image's height
    speed: float = 1.3  # m/s of a person
    together: int = 2  # most people who walk as one group
    alike: int = 1  # people who share an outfit
    absence: float = 4.0  # mean seconds until somebody who left comes back
    occluders: int = 6  # cars, trees, poles and the like that stand before people
    pan: float = 0.0  # how far the camera swings to each side, of the width
    zoom: float = 0.0  # how far it zooms in at most, 0.2 is 20 %
    shake: float = 0.0  # amplitude of the unsteady hand, of the height
    roll: float = 0.0  # amplitude in degrees
    exposure: float = 1 / 120  # seconds; what moves meanwhile blurs
    light: float = 0.06  # how far brightness strays, 0.1 is 10 %


# fmt: off
PRESETS = {
    "street": Preset(
        "the ordinary case: a street, individual people, some occlusion, a camera that stands"),
    "crowd": Preset(
        "heavy mutual occlusion: many people, many in groups",
        people=45, together=4, tallest=0.40, absence=3.0, occluders=4),
    "moving_camera": Preset(
        "camera motion: pan, zoom, shake and roll with motion blur; the motion is written down",
        pan=0.16, zoom=0.18, shake=0.026, roll=1.8, exposure=1 / 40),
    "lookalikes": Preset(
        "appearance that misleads: groups of five dressed alike, who also walk together",
        people=15, together=3, alike=5),
    "low_fps": Preset(
        "large displacement: the street seen five times a second",
        frame_rate=5.0),
    "dance": Preset(
        "motion that misleads: large people dressed alike cross fast and erratically on a stage",
        place="stage", people=8, frame_rate=20.0, tallest=0.56, horizon=0.16, farthest=0.80,
        speed=1.6, together=1, alike=99, occluders=0, exposure=1 / 60, light=0.12),
}
# fmt: on
