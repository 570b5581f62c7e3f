"""BDD100K's box tracking (2020): streets seen from a car.

`labels/box_track_20/{train,val}/<video>.json` and `images/track/{train,val}/<video>/<name>`;
https://doc.bdd100k.com/format.html describes the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import measured
from yolox.data.convert.records import four_numbers, member
from yolox.data.convert.video import Box, Split, Video, number_classes
from yolox.formats.coco import is_raw_id
from yolox.formats.text import read_json
from yolox.structures import InputError

CLASSES = ("pedestrian", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle")
# Labelled, but not among the classes of the benchmark.
LEFT_OUT = ("other person", "trailer", "other vehicle")
FRAME_RATE = 5.0


class _Frame(NamedTuple):
    number: int
    name: str
    labels: list[Any]
    where: str


def splits(root: Path) -> list[Split]:
    """Find the splits that have labels."""
    found = []
    for name in ("train", "val"):
        labels = root / "labels" / "box_track_20" / name
        if labels.is_dir():
            images = root / "images" / "track" / name
            categories = number_classes(CLASSES)
            found.append(
                Split(name, images, categories, partial(_videos, labels=labels, images=images))
            )
    return found


def _videos(conversion: Conversion, labels: Path, images: Path) -> Iterator[Video]:
    for path in conversion.progress(sorted(labels.glob("*.json")), labels.name):
        frames = conversion.attempt(partial(_frames, path))
        if frames is None:
            continue
        files = ((frame.number, images / path.stem / frame.name) for frame in frames)
        listed = list(measured(files, images, conversion))
        boxes = [box for frame in frames for box in _boxes(frame, conversion)]
        length = max((frame.number for frame in frames), default=0)
        yield Video(path.stem, listed, boxes, length=length, frame_rate=FRAME_RATE)


def _frames(path: Path) -> list[_Frame]:
    """Read a video's frames, in a list of their own or as `frames` of an object."""
    document = read_json(path)
    records = document if isinstance(document, list) else member(document, "frames")
    if not isinstance(records, list):
        raise InputError(f"{path}: has no list of frames; give a file of box_track_20")
    frames = []
    for row, record in enumerate(records):
        where = f"{path}: frame record {row}"
        name, index = member(record, "name"), member(record, "frameIndex")
        if index is None:  # as the first release has it
            index = member(record, "index")
        if not isinstance(name, str) or type(index) is not int or index < 0:
            raise InputError(f"{where}: has name {name!r} and frameIndex {index!r}; give both")
        labels = record.get("labels") or []
        if not isinstance(labels, list):
            raise InputError(f"{where}: labels is no list; fetch the file anew")
        frames.append(_Frame(index + 1, name, labels, where))
    numbers = [frame.number for frame in frames]
    if len(set(numbers)) < len(numbers):
        raise InputError(f"{path}: two frames have the same frameIndex; number them anew")
    return sorted(frames)


def _boxes(frame: _Frame, conversion: Conversion) -> Iterator[Box]:
    for row, label in enumerate(frame.labels):
        where = f"{frame.where}, label {row}"
        category, identity = member(label, "category"), member(label, "id")
        if category in LEFT_OUT:
            conversion.by_rule[category] += 1
            continue
        if category not in CLASSES:
            names = ", ".join(CLASSES)
            conversion.fault("wrong record", f"{where}: category is {category!r}; give {names}")
            continue
        if not is_raw_id(identity):
            conversion.fault("wrong record", f"{where}: id is {identity!r}; give text or number")
            continue
        corners = member(label, "box2d")
        edges = four_numbers([member(corners, name) for name in ("x1", "y1", "x2", "y2")])
        if edges is None:
            conversion.fault("wrong record", f"{where}: box2d is {corners}; give x1, y1, x2, y2")
            continue
        left, top, right, bottom = edges
        yield Box(
            frame=frame.number,
            # The last pixels belong to the box: so Scalabel, BDD100K's tool, converts to COCO.
            tlwh=(left, top, right - left + 1, bottom - top + 1),
            where=where,
            identity=identity,
            category=1 + CLASSES.index(category),
            crowd=bool(member(member(label, "attributes"), "crowd")),
        )
