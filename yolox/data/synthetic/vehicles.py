"""Cars and vans seen from the side; their front is on the right."""

from __future__ import annotations

import numpy as np

from yolox.data.synthetic.brush import Brush, Colour

PAINTS = (
    (40, 40, 44), (200, 202, 204), (120, 124, 128), (38, 38, 140), (120, 62, 30), (70, 96, 60),
    (60, 110, 170), (150, 130, 60),
)  # fmt: skip
GLASS, TYRE, RIM, DARK = (92, 82, 70), (26, 26, 28), (150, 152, 154), (22, 22, 24)

# Outlines in metres from the middle of the foot.
# fmt: off
CAR = [(-2.15, 0.30), (2.15, 0.30), (2.17, 0.62), (2.05, 0.80), (1.20, 0.92), (0.62, 1.36),
       (0.45, 1.42), (-0.85, 1.42), (-1.05, 1.38), (-1.75, 0.96), (-2.10, 0.88), (-2.17, 0.60)]
CAR_GLASS = [(1.04, 0.93), (0.54, 1.33), (-0.82, 1.35), (-1.42, 0.95)]
CAR_GLEAM = [(0.30, 1.33), (0.0, 1.34), (-0.5, 0.94), (0.1, 0.94)]
CAR_SILL = [(-2.1, 0.30), (2.1, 0.30), (2.14, 0.44), (-2.14, 0.44)]
CAR_CREASE = [(-2.1, 0.74), (2.05, 0.70), (2.05, 0.74), (-2.1, 0.78)]
CAR_LAMP = [(1.92, 0.62), (2.15, 0.60), (2.06, 0.76), (1.86, 0.76)]
CAR_REAR_LAMP = [(-2.16, 0.66), (-1.96, 0.66), (-2.0, 0.84), (-2.12, 0.84)]
VAN = [(-2.5, 0.35), (2.48, 0.35), (2.5, 0.85), (2.3, 1.12), (1.75, 1.95), (1.55, 2.12),
       (-2.42, 2.15), (-2.5, 2.0)]
VAN_GLASS = [(2.14, 1.12), (1.70, 1.85), (1.0, 1.88), (1.0, 1.12)]
# fmt: on


def paint_car(brush: Brush, random: np.random.Generator) -> None:
    """Paint a saloon of 4.3 m."""
    paint = np.array(PAINTS[random.integers(len(PAINTS))]) * random.uniform(0.85, 1.1)
    brush.box(-2.0, 0.12, 2.0, 0.4, DARK)
    brush.polygon(CAR, paint)
    brush.polygon(CAR_GLASS, GLASS)
    brush.polygon(CAR_GLEAM, np.add(GLASS, 48))
    for pillar in (-0.95, 0.08):
        brush.box(pillar, 0.93, pillar + 0.08, 1.37, paint * 0.8)
    brush.polygon(CAR_SILL, paint * 0.62)
    brush.polygon(CAR_CREASE, paint * 1.2 + 8)
    for seam in (-0.95, 0.1, 0.98):
        brush.box(seam, 0.42, seam + 0.02, 0.93, paint * 0.6)
    for handle in (-0.82, 0.22):
        brush.box(handle, 0.76, handle + 0.2, 0.80, paint * 0.5)
    brush.polygon(CAR_LAMP, (225, 230, 235))
    brush.polygon(CAR_REAR_LAMP, (40, 40, 190))
    for wheel in (-1.32, 1.34):
        _wheel(brush, wheel, 0.33, paint * 0.35)


def paint_van(brush: Brush, random: np.random.Generator) -> None:
    """Paint a delivery van of 5 m with a stripe in its firm's colour."""
    paint = np.array(PAINTS[random.integers(len(PAINTS))]) * 0.9 + 25
    brush.box(-2.3, 0.14, 2.3, 0.5, DARK)
    brush.polygon(VAN, paint)
    brush.polygon(VAN_GLASS, GLASS)
    brush.box(-2.5, 0.35, 2.48, 0.5, paint * 0.6)
    brush.box(-2.45, 0.9, 0.85, 1.15, random.uniform(40, 220, 3))
    for seam in (-0.6, 0.9):
        brush.box(seam, 0.45, seam + 0.03, 2.05, paint * 0.65)
    for wheel in (-1.6, 1.6):
        _wheel(brush, wheel, 0.36, paint * 0.35)


def _wheel(brush: Brush, x: float, radius: float, arch: Colour) -> None:
    brush.disc(x, radius, 1.2 * radius, arch)
    brush.disc(x, radius, radius, TYRE)
    brush.disc(x, radius, 0.62 * radius, RIM)
    brush.disc(x, radius, 0.22 * radius, np.multiply(RIM, 0.5))
