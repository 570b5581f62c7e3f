"""CrowdHuman: people in single images, without identities.

`annotation_{train,val}.odgt` (one JSON object a line) beside `CrowdHuman_{train,val}/<ID>.jpg` or
`Images/<ID>.jpg`; https://www.crowdhuman.org/download.html describes the records. As in ByteTrack
the full box counts, and `extra.ignore` alone, not the tag, makes a crowd of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import image_size
from yolox.data.convert.records import four_numbers, member
from yolox.data.convert.video import Box, Image, Split, Tlwh, Video
from yolox.formats.text import parse_json, read_text
from yolox.structures import InputError


def splits(root: Path) -> list[Split]:
    """Find the annotation files."""
    found = []
    for name in ("train", "val"):
        path = root / f"annotation_{name}.odgt"
        if path.is_file():
            of_split = root / f"CrowdHuman_{name}"
            images = of_split if of_split.is_dir() else root / "Images"
            read = partial(_videos, path=path, images=images)
            found.append(Split(name, images, {1: "person"}, read))
    return found


def _videos(conversion: Conversion, path: Path, images: Path) -> Iterator[Video]:
    """Give the images as one set; a frame is a line of the file."""
    if not images.is_dir():
        raise InputError(f"{images}: no such folder; unpack the images of {path} there")
    lines = read_text(path).rstrip().split("\n")
    listed: list[Image] = []
    boxes: list[Box] = []
    names = set()
    for frame, line in enumerate(conversion.progress(lines, path.name), start=1):
        if not line.strip():
            continue
        where = f"{path}:{frame}"
        record = conversion.attempt(partial(_record, line, where))
        if record is None:
            continue
        name = f"{record['ID']}.jpg"
        if name in names:
            conversion.fault("image twice", f"{where}: the image {name} has a line already")
            continue
        names.add(name)
        if size := image_size(images / name, conversion):
            listed.append(Image(frame, name, *size))
        for number, entry in enumerate(record["gtboxes"]):
            box = _box(frame, entry, f"{where}: gtboxes[{number}]", conversion)
            if box is not None:
                boxes.append(box)
    yield Video(images.name, listed, boxes, length=len(lines), still=True)


def _record(line: str, where: str) -> dict[str, Any]:
    record = parse_json(line, where)
    for field, kind in (("ID", str), ("gtboxes", list)):
        if not isinstance(member(record, field), kind):
            raise InputError(f"{where}: has no {field}; fetch the file anew")
    result: dict[str, Any] = record
    return result


def _box(frame: int, entry: Any, where: str, conversion: Conversion) -> Box | None:
    full = four_numbers(member(entry, "fbox"))
    if full is None:
        given = member(entry, "fbox")
        conversion.fault("wrong record", f"{where}.fbox is {given}; give left, top, width, height")
        return None
    seen = member(entry, "vbox")
    visible = four_numbers(seen)
    if visible is None and seen is not None:
        conversion.fault("wrong record", f"{where}.vbox is {seen}; give left, top, width, height")
        return None
    return Box(
        frame=frame,
        tlwh=full,
        where=where,
        visibility=1.0 if visible is None else _visibility(full, visible),
        crowd=member(member(entry, "extra"), "ignore") == 1,
        visible=visible,
    )


def _visibility(full: Tlwh, visible: Tlwh) -> float:
    """Give the share of the full box that the visible one covers."""
    if min(full[2:]) <= 0:
        return 0.0
    shares = [
        max(min(full[i] + full[i + 2], visible[i] + visible[i + 2]) - max(full[i], visible[i]), 0)
        / full[i + 2]
        for i in (0, 1)
    ]
    return shares[0] * shares[1]
