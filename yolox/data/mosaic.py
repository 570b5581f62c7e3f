"""Mosaic, random perspective and mixup as placements of images (YOLOX, section 2.1).

The arithmetic is YOLOX's and ByteTrack's: four letterboxed images around a random centre of a
canvas of twice the output's size, seen through a random transformation. Only the way is another: no
canvas is ever drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from yolox.data.placement import Placement, Size, fill, flip, shift
from yolox.data.preprocess import fit
from yolox.structures import check_range
from yolox.structures.boxes import Array

_MOST_TILT = 0.9
_CORNERS = ((-1, -1), (0, -1), (-1, 0), (0, 0))


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How training pictures are made; the defaults are YOLOX's, and ByteTrack's.

    Attributes:
        mosaic: Chance that four images make a picture instead of one.
        mixup: Chance that another image is blended into a mosaic.
        degrees: Largest rotation.
        translate: Largest shift, as a share of the output's sides.
        scale: Range of the zoom; (0.5, 1.5) for nano and tiny.
        shear: Largest shear in degrees.
        perspective: Largest perspective distortion, below 1 / (height + width) of the picture.
        mixup_scale: Range of the zoom of the blended image.
        flip: Chance of a mirror image.
        brightness: Largest change in grey levels; it and the next three each have a chance of 0.5.
        contrast: Range of the factor.
        hue: Largest turn in steps of two degrees.
        saturation: Range of the factor.
        min_visibility: An object less visible than this keeps its box and loses its identity.
        clip: Cut boxes at the image's border, as MOT20 wants; MOT17's leave the image.
    """

    mosaic: float = 1.0
    mixup: float = 1.0
    degrees: float = 10.0
    translate: float = 0.1
    scale: tuple[float, float] = (0.1, 2.0)
    shear: float = 2.0
    perspective: float = 0.0
    mixup_scale: tuple[float, float] = (0.5, 1.5)
    flip: float = 0.5
    brightness: float = 32.0
    contrast: tuple[float, float] = (0.5, 1.5)
    hue: int = 18
    saturation: tuple[float, float] = (0.5, 1.5)
    min_visibility: float = 0.1
    clip: bool = False

    def __post_init__(self) -> None:
        check_range(
            0, 1, mosaic=self.mosaic, mixup=self.mixup, flip=self.flip,
            translate=self.translate, min_visibility=self.min_visibility,
        )  # fmt: skip
        check_range(0, 180, degrees=self.degrees)
        check_range(0, 80, shear=self.shear)
        check_range(0, 0.001, perspective=self.perspective)
        check_range(0, 255, brightness=self.brightness)
        check_range(0, 90, hue=self.hue)
        for name in ("scale", "mixup_scale", "contrast", "saturation"):
            low, high = getattr(self, name)
            check_range(0.01, 100, **{f"{name}[0]": low, f"{name}[1]": high})
            check_range(low, 100, **{f"{name}[1]": high})


def letterbox_placement(image: Size, output: Size) -> Placement:
    """Fit a whole image into the output's left top corner.

    Args:
        image: Height and width.
        output: Height and width.
    """
    height, width, _ = fit(image, output)
    return fill(image, 0, 0, width, height)


def mosaic_placements(
    images: list[Size], output: Size, random: np.random.Generator, how: Augmentation
) -> list[Placement]:
    """Place four images around a random centre, seen through a random transformation.

    Args:
        images: Height and width of the four: left top, right top, left bottom, right bottom.
        output: Height and width.
        random: Source of chance.
        how: Parameters.
    """
    height, width = output
    x = int(random.uniform(0.5, 1.5) * width)
    y = int(random.uniform(0.5, 1.5) * height)
    view, zoom = _random_view(output, random, how)
    placements = []
    for image, (left_of, above) in zip(images, _CORNERS, strict=True):
        fitted = letterbox_placement(image, output)
        wide, tall = (fitted.matrix @ (image[1], image[0], 1))[:2]
        left, top = x + left_of * wide, y + above * tall
        # The canvas ends at twice the output's size, and cuts what reaches beyond.
        cut = np.clip(
            [left, top, left + wide, top + tall], 0, [2 * width, 2 * height, 2 * width, 2 * height]
        )
        ratio = np.array([image[1] / wide, image[0] / tall])
        part = np.concatenate([(cut[:2] - (left, top)) * ratio, (cut[2:] - (left, top)) * ratio])
        placements.append(fitted._replace(part=part).then(view @ shift(left, top), zoom))
    return placements


def mixup_placement(
    image: Size, output: Size, random: np.random.Generator, how: Augmentation
) -> Placement:
    """Zoom a letterboxed image, maybe mirror it, and cut out the output's size at random.

    Args:
        image: Height and width.
        output: Height and width.
        random: Source of chance.
        how: Parameters.
    """
    zoom = random.uniform(*how.mixup_scale)
    mirrored = random.random() < 0.5
    tall, wide = (int(side * zoom) for side in output)
    top = int(random.random() * max(tall - output[0], 0))
    left = int(random.random() * max(wide - output[1], 0))
    zoomed = letterbox_placement(image, (tall, wide))
    if mirrored:
        zoomed = zoomed.then(flip(wide))
    return zoomed.then(shift(-left, -top))


def _random_view(
    output: Size, random: np.random.Generator, how: Augmentation
) -> tuple[Array, float]:
    """Draw the transformation from the canvas to the output, and its zoom.

    It turns, zooms, shears and distorts about the canvas' centre, which comes to lie near the
    output's.
    """
    height, width = output
    # Beyond, corners of the canvas would come to lie behind the camera.
    check_range(0, _MOST_TILT / (height + width), perspective=how.perspective)
    angle = math.radians(random.uniform(-how.degrees, how.degrees))
    zoom = random.uniform(*how.scale)
    shear_x, shear_y = np.tan(np.radians(random.uniform(-how.shear, how.shear, 2)))
    lean = random.uniform(-how.perspective, how.perspective, 2)
    across, down = random.uniform(0.5 - how.translate, 0.5 + how.translate, 2)

    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    sheared = np.array([[1, shear_x, 0], [shear_y, 1, 0], [0, 0, 1]])
    tilted = np.array([[1, 0, 0], [0, 1, 0], [*lean, 1]])
    view: Array = (
        shift(across * width, down * height) @ sheared @ turn @ tilted @ shift(-width, -height)
    )
    return view, zoom
