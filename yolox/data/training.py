"""Pictures as training sees them: mosaic, mixup, random perspective, mirror, colours.

All chance of a picture comes from the seed and its number: workers, ranks and interruptions change
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from torch.utils.data import Dataset

from yolox.data.annotations import Objects
from yolox.data.colour import distort
from yolox.data.dataset import MOTDataset, Sample
from yolox.data.mosaic import (
    Augmentation,
    letterbox_placement,
    mixup_placement,
    mosaic_placements,
)
from yolox.data.placement import LONGEST, Placement, Size, flip, paste, place
from yolox.data.preprocess import PADDING
from yolox.structures import InputError

# Sides that an object must exceed in the picture, in pixels: in a mosaic, blended in, and alone.
SMALLEST_IN_MOSAIC, SMALLEST_IN_MIXUP, SMALLEST_ALONE = 2.0, 5.0, 1.0
# The stream of chance that is the pictures'; NumPy takes the seed (5, 1) for (5, 1, 0).
_PICTURE = 0


@dataclass(frozen=True)
class Draw:
    """What a sampler asks the training view for.

    Attributes:
        index: The image.
        number: Of the draw since training began, over all ranks: with the seed, all its chance.
        size: Height and width of the picture.
        mosaic: Whether mosaic and mixup are on.
    """

    index: int
    number: int
    size: Size
    mosaic: bool = True


class TrainingView(Dataset[Sample]):
    """A data set as random pictures; a sampler asks for them by `Draw`.

    Args:
        dataset: The images.
        augmentation: How pictures are made.
        seed: Of all chance.
        on_error: Whether an image that cannot be read stops, or is left out and named in the
            sample: in a mosaic its place stays grey, alone (or if that leaves nothing of the
            mosaic) the next one takes its place.
    """

    def __init__(
        self,
        dataset: MOTDataset,
        augmentation: Augmentation,
        *,
        seed: int,
        on_error: Literal["raise", "skip"] = "raise",
    ) -> None:
        self.dataset = dataset
        self.augmentation = augmentation
        self.seed = seed
        self.on_error = on_error
        self._with_objects = np.flatnonzero(np.diff(dataset.annotations.starts))

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, draw: Draw) -> Sample:
        how = self.augmentation
        random = np.random.default_rng((self.seed, _PICTURE, draw.number))
        mirrored = bool(random.random() < how.flip)
        if draw.mosaic and random.random() < how.mosaic:
            picture = self._mosaic(draw, random, mirrored)
        else:
            picture = self._alone(draw, mirrored)
        distort(
            picture.drawn,
            random,
            brightness=how.brightness,
            contrast=how.contrast,
            hue=how.hue,
            saturation=how.saturation,
        )
        return Sample(picture.pixels, picture.objects, draw.index, faults=tuple(picture.faults))

    def _mosaic(self, draw: Draw, random: np.random.Generator, mirrored: bool) -> _Picture:
        """Four images in one, and perhaps a fifth blended in."""
        how, size = self.augmentation, draw.size
        mirror = flip(size[1]) if mirrored else np.eye(3)
        indices = [draw.index, *random.integers(len(self), size=3).tolist()]
        sizes = [self.dataset.size(index) for index in indices]
        picture = _Picture(size)
        placements = mosaic_placements(sizes, size, random, how)
        added = [
            self._add(picture, index, placement.then(mirror), SMALLEST_IN_MOSAIC)
            for index, placement in zip(indices, placements, strict=True)
        ]
        if picture.faults and not any(added):
            return self._alone(draw, mirrored)
        # Blending into a picture without objects would teach that those blended in are background.
        if len(picture.objects.boxes) and random.random() < how.mixup:
            index = int(random.choice(self._with_objects))
            other = _Picture(size)
            placement = mixup_placement(self.dataset.size(index), size, random, how)
            self._add(other, index, placement.then(mirror), SMALLEST_IN_MIXUP)
            picture.blend(other)
        return picture

    def _alone(self, draw: Draw, mirrored: bool) -> _Picture:
        """One whole image, letterboxed; the next one where it cannot be read."""
        picture = _Picture(draw.size)
        for index in range(draw.index, draw.index + len(self)):
            size = self.dataset.size(index % len(self))
            placement = letterbox_placement(size, draw.size)
            if mirrored:
                placement = placement._replace(matrix=placement.matrix @ flip(size[1]))
            if self._add(picture, index % len(self), placement, SMALLEST_ALONE, longest=math.inf):
                region = placement.region(picture.size)
                assert region is not None
                picture.drawn = picture.pixels[region[1] : region[3], region[0] : region[2]]
                return picture
        raise InputError(f"no image can be read; the first: {picture.faults[0]}")

    def _add(
        self,
        picture: _Picture,
        index: int,
        placement: Placement,
        smallest: float,
        longest: float = LONGEST,
    ) -> bool:
        """Add an image and its objects; False if nothing of it is in the picture.

        That is so if it lies outside, or cannot be read and is to be skipped.
        """
        if placement.region(picture.size) is None:
            return False
        try:
            image = self.dataset.read(index, placement.reduction())
        except InputError as error:
            if self.on_error == "raise":
                raise
            picture.faults.append(str(error))
            return False
        size = self.dataset.size(index)
        paste(picture.pixels, image, size, placement)
        picture.add(
            place(
                self.dataset.annotations.of_image(index),
                size,
                placement,
                picture.size,
                smallest=smallest,
                longest=longest,
                min_visibility=self.augmentation.min_visibility,
                clip=self.augmentation.clip,
            )
        )
        return True


class _Picture:
    """A picture that is being put together.

    Attributes:
        size: Height and width.
        pixels: `(H, W, 3)` uint8 BGR.
        drawn: The part of them whose colours may change: padding looks as it does in evaluation.
        faults: Images that could not be read.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self.pixels = np.full((*size, 3), PADDING, dtype=np.uint8)
        self.drawn = self.pixels
        self._parts: list[Objects] = []
        self.faults: list[str] = []

    @property
    def objects(self) -> Objects:
        return Objects.join(self._parts)

    def add(self, objects: Objects) -> None:
        self._parts.append(objects)

    def blend(self, other: _Picture) -> None:
        """Blend in another, unless none of its objects were kept (YOLOX's rule)."""
        self.faults += other.faults
        if len(other.objects.boxes):
            cv2.addWeighted(self.pixels, 0.5, other.pixels, 0.5, 0, dst=self.pixels)
            self._parts += other._parts
