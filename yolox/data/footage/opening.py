"""From what a user names to footage."""

from __future__ import annotations

import sys
from pathlib import Path

from yolox.data.footage.camera import CameraFootage
from yolox.data.footage.frame import Footage
from yolox.data.footage.images import (
    FRAME_RATE,
    SUFFIXES,
    ImageFootage,
    folder_footage,
    listed_footage,
)
from yolox.data.footage.stream import SCHEMES, TIMEOUT, TRIES, url_footage
from yolox.data.footage.video import video_footage
from yolox.structures import InputError, check_range


def open_footage(
    source: str | int | Path,
    *,
    frame_rate: float | None = None,
    timeout: float = TIMEOUT,
    tries: int = TRIES,
) -> Footage:
    """Open a video, images, a stream or a camera.

    Args:
        source: A video or image file, a folder of images, the address of a stream, the number of a
            camera, or `-` for stdin with the path of an image a line. Digits are a camera unless a
            file or folder has that name.
        frame_rate: Frames a second, instead of what the source says.
        timeout: Seconds that a stream may keep silent.
        tries: To connect again if a stream breaks off, with growing waits.

    Raises:
        InputError: There is no such source, or not one frame is to be had from it.
    """
    if frame_rate is not None:
        check_range(0.1, 1000, frame_rate=frame_rate)
    if isinstance(source, int):
        return CameraFootage(source, frame_rate=frame_rate)
    if source == "-":
        return listed_footage(sys.stdin, frame_rate=frame_rate)
    if isinstance(source, str) and source.partition("://")[0].lower() in SCHEMES:
        return url_footage(source, frame_rate=frame_rate, timeout=timeout, tries=tries)
    path = Path(source)
    if path.exists():
        return _path_footage(path, frame_rate)
    if str(source).isdecimal():
        return CameraFootage(int(str(source)), frame_rate=frame_rate)
    raise InputError(
        f"{source}: no such file or folder; give a video, a folder of images, a stream's address "
        f"({', '.join(SCHEMES)}), a camera's number, or - for paths on stdin"
    )


def _path_footage(path: Path, frame_rate: float | None) -> Footage:
    if path.is_dir():
        return folder_footage(path, frame_rate=frame_rate)
    if path.suffix.lower() in SUFFIXES:
        return ImageFootage([path], name=path.stem, frame_rate=frame_rate or FRAME_RATE)
    return video_footage(path, frame_rate=frame_rate)
