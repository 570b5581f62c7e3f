"""From what a user names to footage."""

from __future__ import annotations

import sys
from pathlib import Path

from yolox.data.footage.frame import Footage
from yolox.data.footage.images import (
    FRAME_RATE,
    SUFFIXES,
    ImageFootage,
    folder_footage,
    listed_footage,
)
from yolox.data.footage.video import video_footage
from yolox.structures import InputError, check_range


def open_footage(source: str | int | Path, *, frame_rate: float | None = None) -> Footage:
    """Open a video, an image, a folder of images, or the images whose paths are on stdin.

    Args:
        source: A file, a folder, or `-` for stdin with a path a line.
        frame_rate: Frames a second, instead of what the source says.

    Raises:
        InputError: There is no such source, or not one frame is to be had from it.
    """
    if frame_rate is not None:
        check_range(0.1, 1000, frame_rate=frame_rate)
    if source == "-":
        return listed_footage(sys.stdin, frame_rate=frame_rate)
    path = Path(str(source))
    if path.is_dir():
        return folder_footage(path, frame_rate=frame_rate)
    if not path.exists():
        raise InputError(
            f"{source}: no such file or folder; give a video, a folder of images, a stream's "
            "address, a camera's number, or - for paths on stdin"
        )
    if path.suffix.lower() in SUFFIXES:
        return ImageFootage([path], name=path.stem, frame_rate=frame_rate or FRAME_RATE)
    return video_footage(path, frame_rate=frame_rate)
