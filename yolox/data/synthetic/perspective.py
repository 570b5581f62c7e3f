"""How the ground is seen: a pinhole camera that looks level, so that what stands stays upright.

The ground is measured in metres, X to the right and Z away from the camera. The canvas is the image
of the camera at rest, in pixels; it goes on beyond the image's border.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures.boxes import Array

AVERAGE_HEIGHT = 1.72  # metres


class Perspective(NamedTuple):
    """A camera at rest.

    Attributes:
        centre: Column of the vanishing point in pixels.
        horizon: Row of the horizon in pixels.
        focal: Focal length in pixels.
        eye: Height of the camera in metres.
    """

    centre: float
    horizon: float
    focal: float
    eye: float

    @classmethod
    def of_image(cls, width: int, height: int, tallest: float, horizon: float) -> Perspective:
        """Place the camera so that somebody at the lower border is `tallest` pixels tall.

        Args:
            width: Image width in pixels.
            height: Image height in pixels.
            tallest: Height in pixels of a person of average height.
            horizon: Row of the horizon in pixels.
        """
        scale = tallest / AVERAGE_HEIGHT
        # A lens of about 50 degrees, which is what street cameras and telephones have.
        return cls(width / 2, horizon, 1.1 * width, (height - horizon) / scale)

    def scale(self, depth: Array) -> Array:
        """Give the pixels that a metre takes at a depth in metres."""
        return self.focal / depth

    def depth_of_row(self, row: float) -> float:
        """Give the depth in metres of the ground that is seen in a row below the horizon."""
        return self.focal * self.eye / (row - self.horizon)

    def project(self, ground: Array) -> Array:
        """Project points of the ground, `(..., 2)` X and Z in metres, to the canvas."""
        scale = self.scale(ground[..., 1])
        x = self.centre + scale * ground[..., 0]
        y = self.horizon + scale * self.eye
        return np.stack([x, y], axis=-1)
