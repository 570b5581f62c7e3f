"""What converters ask of image files: which there are, and how large they are."""

from __future__ import annotations

from pathlib import Path

import PIL.Image

from yolox.data.convert.video import Conversion

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
    except OSError as error:
        reason = str(error).replace(f" {str(path)!r}", "")
        conversion.fault("unreadable image", f"{path}: {reason}; fetch it anew")
    return None
