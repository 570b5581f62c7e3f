"""What converters ask of image files: which there are, and how large they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import PIL.Image

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.video import Image

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def is_image(path: Path) -> bool:
    """Tell by its name whether a file is an image, and not hidden, as macOS's `._1.jpg` are."""
    return path.suffix.lower() in EXTENSIONS and not path.name.startswith(".")


def list_images(folder: Path) -> list[Path]:
    """List the images of a folder in the order of their names."""
    return sorted(filter(is_image, folder.iterdir()))


def list_folders(folder: Path) -> list[Path]:
    """List the folders in a folder in the order of their names, without hidden ones."""
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


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


def by_number(folder: Path, conversion: Conversion) -> dict[int, Path]:
    """Give a folder's images by the numbers that are their names."""
    found: dict[int, Path] = {}
    for path in list_images(folder):
        if not path.stem.isdecimal():
            conversion.fault("wrong image name", f"{path}: give the image its number for a name")
        elif int(path.stem) in found:
            other = found[int(path.stem)].name
            conversion.fault("wrong image name", f"{path}: has the number of {other}; keep one")
        else:
            found[int(path.stem)] = path
    return found


def measured(
    files: Iterable[tuple[int, Path]], folder: Path, conversion: Conversion
) -> Iterator[Image]:
    """Give those frames of a sequence whose images can be read, with the size of each.

    Args:
        files: Number and file of each frame.
        folder: What the file names start from.
        conversion: Told of the faults.
    """
    for frame, path in files:
        if size := image_size(path, conversion):
            yield Image(frame, path.relative_to(folder).as_posix(), *size)
