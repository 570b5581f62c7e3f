"""The images that annotations are of."""

from __future__ import annotations

from yolox.data.annotations import Annotations
from yolox.formats.images import read_image
from yolox.structures import InputError
from yolox.structures.boxes import Array


def read_annotated(
    annotations: Annotations, index: int, reduction: int = 1, *, fast: bool = False
) -> Array:
    """Read the file of an annotated image (see `read_image`) and check its size.

    Raises:
        InputError: The file is missing, damaged or of another size than the annotations say.
    """
    path = annotations.root / annotations.files[index]
    image = read_image(path, reduction, fast=fast)
    width, height = annotations.sizes[index].tolist()
    if image.shape[:2] != (-(-height // reduction), -(-width // reduction)):
        found = "" if reduction > 1 else f" {image.shape[1]} × {image.shape[0]},"
        raise InputError(
            f"{path}: is{found} not {width} × {height} as the annotations say; convert it anew"
        )
    return image
