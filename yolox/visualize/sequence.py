"""A sequence as a video: its images with the tracks of one result, or of several to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import cv2

from yolox.formats.mot import SequenceInfo
from yolox.formats.sequence_images import read_frame
from yolox.structures import TrackTable
from yolox.structures.boxes import Array
from yolox.visualize.frames import TRAIL, Layout, add_caption, arrange, draw_frame
from yolox.visualize.video import write_video


def draw_sequence(
    path: Path,
    tables: Mapping[str, TrackTable],
    info: SequenceInfo,
    images: Sequence[Path],
    *,
    width: int | None = None,
    layout: Layout = "beside",
    trail: int = TRAIL,
    on_frame: Callable[[], object] = lambda: None,
) -> None:
    """Write an MP4 with a picture a table, each under its title; whole or not at all.

    Args:
        path: The MP4 file.
        tables: Tracks in image pixels by title; frame 1 is the first of `images`.
        info: Gives the images' size and the frame rate.
        images: Files, one a frame.
        width: Of one picture, in pixels; None is that of the images.
        layout: Whether pictures are beside or above each other.
        trail: Frames that trails reach back.
        on_frame: Called after every frame.

    Raises:
        InputError: An image is not as it should be, or the video would be too large.
    """
    scale = 1.0 if width is None else width / info.width
    scaled = {title: replace(table, boxes=table.boxes * scale) for title, table in tables.items()}
    drawn = _frames(scaled, info, images, scale, layout, trail)
    first = next(drawn)
    with write_video(path, first.shape[1], first.shape[0], info.frame_rate) as write:
        for picture in chain([first], drawn):
            write(picture)
            on_frame()


def _frames(
    tables: Mapping[str, TrackTable],
    info: SequenceInfo,
    images: Sequence[Path],
    scale: float,
    layout: Layout,
    trail: int,
) -> Iterator[Array]:
    size = max(1, round(info.width * scale)), max(1, round(info.height * scale))
    for frame, path in enumerate(images, start=1):
        image = read_frame(path, info)
        if scale != 1:
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        note = f"{info.name}, frame {frame} of {len(images)}"
        pictures = [
            add_caption(draw_frame(image, table, frame, trail=trail), title, note)
            for title, table in tables.items()
        ]
        yield arrange(pictures, layout)
