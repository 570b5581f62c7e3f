"""Sequences whose images have numbers for names, with one text file of labels each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import by_number, list_folders, measured
from yolox.data.convert.video import Box, Image, Video

ReadBoxes = Callable[[Path, Conversion], list[Box]]


def numbered_videos(
    conversion: Conversion,
    images: Path,
    labels: Path | None,
    read_boxes: ReadBoxes,
    *,
    first: int,
    frame_rate: float | None = None,
) -> Iterator[Video]:
    """Give the sequences that have images, labels or both.

    Args:
        conversion: Told of the faults.
        images: Folder of the sequences' folders.
        labels: Folder of the `<sequence>.txt`, None if there is no ground truth.
        read_boxes: Reads one of these.
        first: The number of the first image, which becomes frame 1.
        frame_rate: Images a second, None where nobody says.
    """
    names = {path.name for path in list_folders(images)}
    if labels is not None:
        names |= {path.stem for path in labels.glob("*.txt")}
    for name in conversion.progress(sorted(names), images.parent.name):
        boxes: list[Box] | None = []
        if labels is not None:
            boxes = conversion.attempt(partial(read_boxes, labels / f"{name}.txt", conversion))
        if boxes is not None:
            listed = _images(images / name, conversion, first=first)
            length = listed[-1].frame if listed else 0
            yield Video(name, listed, boxes, length=length, frame_rate=frame_rate)


def _images(folder: Path, conversion: Conversion, *, first: int) -> list[Image]:
    """List a sequence's frames, of which none may be missing; its folder may."""
    found = {}
    for number, path in by_number(folder, conversion).items() if folder.is_dir() else ():
        if number >= first:
            found[number - first + 1] = path
        else:
            conversion.fault(
                "image beyond the sequence", f"{path}: the first image has number {first}"
            )
    for before, after in itertools.pairwise([0, *sorted(found)]):
        if after - before > 1:
            conversion.fault(
                "missing image",
                f"{folder}: no image has a number from {before + first} to {after + first - 2}, "
                f"while there is {found[after].name}",
            )
    return list(measured(sorted(found.items()), folder.parent, conversion))
