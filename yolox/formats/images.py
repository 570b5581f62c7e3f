"""Image files to pixels, whole or at a fraction of their size, with no damage overlooked."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from yolox.structures import InputError
from yolox.structures.boxes import Array

_JPEG = b"\xff\xd8\xff"
# Fractions that a JPEG decodes to directly, faster the smaller they are.
REDUCTIONS = (1, 2, 4, 8)


def read_image(path: Path, reduction: int = 1, *, fast: bool = False) -> Array:
    """Decode an image file.

    The orientation that cameras note in EXIF is ignored, as labels are of the pixels as stored.

    Args:
        path: JPEG, PNG or what else OpenCV reads.
        reduction: One of `REDUCTIONS`: width and height are divided by it, rounded up.
        fast: Spread a JPEG's halved colour channels by the simpler rule: a tenth of the time less,
            a seventh of a grey level off in the mean. Otherwise pixels are what OpenCV reads.

    Returns:
        `(H, W, 3)` uint8 BGR.

    Raises:
        InputError: The file is missing, damaged or cut short.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such image") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if data.startswith(_JPEG):
        return _decode_jpeg(path, data, reduction, fast)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags) if data else None
    except cv2.error:  # a header that tells of more pixels than OpenCV takes
        image = None
    if image is None:
        raise InputError(f"{path}: is no image, or is damaged; fetch it anew")
    if reduction > 1:
        # OpenCV's own reduction rounds down, where that of a JPEG rounds up.
        size = -(-image.shape[1] // reduction), -(-image.shape[0] // reduction)
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    pixels: Array = image
    return pixels


def _decode_jpeg(path: Path, data: bytes, reduction: int, fast: bool) -> Array:
    """Decode strictly: OpenCV fills the missing part of a truncated JPEG with grey instead."""
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
        pixels: Array = simplejpeg.decode_jpeg(
            data,
            "BGR",
            fastupsample=fast,
            min_height=-(-height // reduction),
            min_width=-(-width // reduction),
        )
    except ValueError as error:
        raise InputError(f"{path}: {error}; fetch it anew") from None
    return pixels
