"""A brush that paints flat shapes given in metres, on colour and opacity at once."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from yolox.data.synthetic.compositing import Sprite
from yolox.structures.boxes import Array

SUBPIXEL = 4  # bits of fraction in the coordinates that OpenCV draws
FADE_STEPS = 8

Colour = Array | Sequence[float]  # blue, green, red; what lies outside 0 to 255 is clipped


class Brush:
    """A picture in the making; points are metres to the right of its middle and up from its foot.

    Edges are smooth, and since the picture begins black and clear, its colours come out multiplied
    by their opacity.
    """

    def __init__(self, wide: float, tall: float, scale: float, *, mirrored: bool = False) -> None:
        shape = (max(round(tall * scale), 1), max(round(wide * scale), 1))
        self.colour = np.zeros((*shape, 3), np.uint8)
        self.opacity = np.zeros(shape, np.uint8)
        self._foot = np.array([shape[1] / 2, shape[0]])
        self._scale = scale
        self._way = np.array([-scale if mirrored else scale, -scale])

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        corners = fixed_point(self._foot + self._way * points)
        cv2.fillPoly(self.colour, [corners], _clipped(colour), cv2.LINE_AA, SUBPIXEL)
        cv2.fillPoly(self.opacity, [corners], 255, cv2.LINE_AA, SUBPIXEL)

    def box(self, left: float, low: float, right: float, high: float, colour: Colour) -> None:
        """Fill an upright box."""
        self.polygon([(left, low), (right, low), (right, high), (left, high)], colour)

    def fade(
        self, left: float, low: float, right: float, high: float, top: Colour, foot: Colour
    ) -> None:
        """Fill an upright box with a gradient."""
        for step in range(FADE_STEPS):
            colour = np.asarray(top) + (np.asarray(foot) - top) * (step / (FADE_STEPS - 1))
            self.box(left, low, right, high - (high - low) * step / FADE_STEPS, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, flat: float = 1.0) -> None:
        """Fill a disc; `flat` is its height relative to its width."""
        middle = fixed_point(self._foot + self._way * (x, y)).tolist()
        axes = fixed_point(np.array([radius, radius * flat]) * self._scale).tolist()
        for canvas, value in ((self.colour, _clipped(colour)), (self.opacity, 255)):
            cv2.ellipse(canvas, middle, axes, 0, 0, 360, value, -1, cv2.LINE_AA, SUBPIXEL)

    def sprite(self) -> Sprite:
        """Finish the picture: lit from one side, darker towards the ground."""
        height, width = self.opacity.shape
        side = np.clip(np.linspace(-1, 1, width), 0, 1)[None, :, None]
        down = np.linspace(0, 1, height)[:, None, None]
        lit = self.colour * (1 - 0.12 * side - 0.22 * down**2)
        pixels = np.dstack([np.minimum(lit, self.opacity[..., None]), self.opacity])
        return Sprite(pixels.astype(np.uint8), self._foot, self._scale)


def fixed_point(pixels: Array) -> Array:
    """Give coordinates as OpenCV draws them with a fraction of `SUBPIXEL` bits."""
    fixed: Array = np.rint(pixels * (1 << SUBPIXEL)).astype(np.int32)
    return fixed


def _clipped(colour: Colour) -> tuple[float, ...]:
    return tuple(np.clip(colour, 0, 255).tolist())
