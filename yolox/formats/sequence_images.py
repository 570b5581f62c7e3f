"""The images of a MOTChallenge sequence, as its `seqinfo.ini` tells where they are."""

from __future__ import annotations

from pathlib import Path

from yolox.formats.images import read_image
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
    image = read_image(path)
    check_size(path, (image.shape[1], image.shape[0]), info)
    return image


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
