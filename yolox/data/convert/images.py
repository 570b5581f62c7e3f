"""What converters ask of image files: which there are, and how large they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import PIL.Image

from yolox.data.convert.video import Conversion, Image

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def list_images(folder: Path) -> list[Path]:
    """List the images of a folder in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in EXTENSIONS)


def image_size(path: Path, conversion: Conversion) -> tuple[int, int] | None:
    """Read the width and height from an image's header; a fault and None if that fails."""
    try:
        with PIL.Image.open(path) as image:
            return image.width, image.height
    except FileNotFoundError:
        conversion.fault("missing image", f"{path}: no such image")
    except (OSError, ValueError, PIL.Image.DecompressionBombError) as error:
        reason = str(error).replace(f" {str(path)!r}", "")
        conversion.fault("unreadable image", f"{path}: {reason}; fetch it anew")
    return None


def sequence_size(paths: Iterable[Path], conversion: Conversion) -> tuple[int, int] | None:
    """Read the size that all images of a sequence have from the first readable one."""
    for path in paths:
        if size := image_size(path, conversion):
            return size
    return None


def numbered_images(folder: Path, conversion: Conversion, *, first: int) -> list[Image]:
    """List a sequence's frames, whose files have numbers without gaps for names.

    Args:
        folder: Of the images; its name begins their file names. It may be missing.
        conversion: Told of the faults.
        first: The number that becomes frame 1.
    """
    paths = list_images(folder) if folder.is_dir() else []
    found = {}
    for path in paths:
        if not path.stem.isdecimal():
            continue
        frame = int(path.stem) - first + 1
        if frame >= 1:
            found[frame] = path
        else:
            conversion.fault(
                "image beyond the sequence", f"{path}: the first image has number {first}"
            )
    size = sequence_size(found.values(), conversion)
    if size is None:
        return []
    for before, after in itertools.pairwise([0, *sorted(found)]):
        if after - before > 1:
            conversion.fault(
                "missing image",
                f"{folder}: no image has a number from {before + first} to {after + first - 2}, "
                f"while there is {found[after].name}",
            )
    return [
        Image(frame, f"{folder.name}/{path.name}", *size) for frame, path in sorted(found.items())
    ]
