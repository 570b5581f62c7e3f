"""Images with their objects, as they are and as evaluation sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset

from yolox.data.annotations import Annotations, Objects, read_annotations
from yolox.data.cache import ImageCache
from yolox.data.images import read_annotated
from yolox.data.placement import Size
from yolox.data.preprocess import letterbox
from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Letterbox


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture.

    Attributes:
        image: `(H, W, 3)` uint8 BGR.
        objects: In its pixels.
        index: Of the (first) image in the data set.
        letterbox: How it came from that image, where it is one whole image.
        faults: Images that could not be read and were replaced.
    """

    image: Array
    objects: Objects
    index: int
    letterbox: Letterbox | None = None
    faults: tuple[str, ...] = ()


class MOTDataset(Dataset[Sample]):
    """The images and objects of a COCO JSON for video, unchanged.

    Args:
        annotations: The JSON, or what `read_annotations` made of it.
        images: Folder of the images; by default what the file says.
        cache: Keeps decoded images; by default none are.

    Raises:
        InputError: Naming the file, the record and the cure.
    """

    def __init__(
        self,
        annotations: Path | Annotations,
        images: Path | None = None,
        cache: ImageCache | None = None,
    ) -> None:
        if isinstance(annotations, Path):
            annotations = read_annotations(annotations, images)
        elif images is not None:
            raise InputError("annotations that were read already know their images; give a path")
        self.annotations = annotations
        self._cache = cache

    def __len__(self) -> int:
        return len(self.annotations)

    def __getitem__(self, index: int) -> Sample:
        return Sample(
            read_annotated(self.annotations, index), self.annotations.of_image(index), index
        )

    def size(self, index: int) -> Size:
        """Give an image's height and width without reading it."""
        width, height = self.annotations.sizes[index].tolist()
        return height, width

    def read(self, index: int, reduction: int = 1) -> Array:
        """Read an image for training: fast, at 1 / `reduction` of its size or as it is cached.

        Returns:
            `(H, W, 3)` uint8 BGR.

        Raises:
            InputError: The file is missing, damaged or of another size than the annotations say.
        """
        if self._cache is not None:
            return self._cache.read(index, reduction)
        return read_annotated(self.annotations, index, reduction, fast=True)


class EvaluationView(Dataset[Sample]):
    """Whole images letterboxed, just as inference does it.

    Args:
        dataset: The images.
        size: Height and width of the network input.
    """

    def __init__(self, dataset: MOTDataset, size: Size) -> None:
        self.dataset = dataset
        self.size = size

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Sample:
        whole = self.dataset[index]
        padded, fitted = letterbox(whole.image, self.size)
        scaled = whole.objects._replace(boxes=whole.objects.boxes * np.float32(fitted.scale))
        return Sample(padded, scaled, index, fitted)
