"""The images of a MOTChallenge sequence, as its `seqinfo.ini` tells where they are.

Read with Pillow, which the base install has, and which refuses a JPEG that is cut short where
OpenCV fills it with grey; training reads faster (`yolox.data.images`).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from yolox.formats.mot import SequenceInfo
from yolox.structures import InputError
from yolox.structures.boxes import Array


def find_images(sequence: Path, info: SequenceInfo, first: int, last: int) -> list[Path]:
    """Name the images of frames `first` to `last`, whose names are their numbers.

    Args:
        sequence: The folder of `seqinfo.ini`.
        info: What that file says.
        first: Frame, from 1.
        last: Frame, included.

    Raises:
        InputError: The folder of images or one of them is missing.
    """
    folder = sequence / info.image_folder
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; put the sequence's images there, or mend imDir in "
            f"{sequence / 'seqinfo.ini'}"
        )
    suffix = info.image_suffix.lower()
    by_number = {
        int(path.stem): path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == suffix and path.stem.isdecimal()
    }
    if not by_number:
        raise InputError(
            f"{folder}: holds no image named by its number, such as 000001{info.image_suffix}; "
            f"put them there, or mend imExt in {sequence / 'seqinfo.ini'}"
        )
    for frame in range(first, last + 1):
        if frame not in by_number:
            digits = len(next(iter(by_number.values())).stem)
            raise InputError(
                f"{folder / f'{frame:0{digits}d}'}{info.image_suffix}: image {frame} of frames "
                f"{first} to {last} is missing; fetch it, or mend seqLength in "
                f"{sequence / 'seqinfo.ini'}"
            )
    return [by_number[frame] for frame in range(first, last + 1)]


def read_frame(path: Path, info: SequenceInfo) -> Array:
    """Decode one image of a sequence.

    Returns:
        `(H, W, 3)` uint8 BGR.

    Raises:
        InputError: It is missing, damaged, cut short or not of the size that `info` says.
    """
    try:
        with PIL.Image.open(path) as image:
            size = image.size
            pixels = np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such image; fetch it") from None
    # A broken PNG is a SyntaxError or a ValueError to Pillow.
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        reason = str(error).replace(f" {str(path)!r}", "")
        raise InputError(f"{path}: {reason}; fetch it anew") from None
    check_size(path, size, info)
    bgr: Array = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return bgr


def check_size(path: Path, size: tuple[int, int], info: SequenceInfo) -> None:
    """Check the width and height of a decoded image.

    Raises:
        InputError: They are not what `info` says.
    """
    if size != (info.width, info.height):
        raise InputError(
            f"{path}: is {size[0]} × {size[1]}, but seqinfo.ini says {info.width} × "
            f"{info.height}; correct imWidth and imHeight there, or fetch the image anew"
        )
