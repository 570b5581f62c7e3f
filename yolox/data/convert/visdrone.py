"""VisDrone's sequences for tracking, seen from drones.

`VisDrone2019-MOT-{train,val,test-dev}/{sequences/<name>/0000001.jpg, annotations/<name>.txt}`;
https://github.com/VisDrone/VisDrone2018-MOT-toolkit describes the rows.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.numbered import numbered_videos
from yolox.data.convert.rows import finite, read_rows, whole
from yolox.data.convert.video import Box, Split, number_classes

CLASSES = (
    "pedestrian",
    "people",
    "bicycle",
    "car",
    "van",
    "truck",
    "tricycle",
    "awning-tricycle",
    "bus",
    "motor",
)
IGNORED_REGION = 0
OTHERS = 11
COLUMNS = {
    "frame": whole,
    "id": whole,
    "left": finite,
    "top": finite,
    "width": finite,
    "height": finite,
    "score": finite,
    "class": whole,
    "truncation": finite,
    "occlusion": finite,
}


def splits(root: Path) -> list[Split]:
    """Find the splits that have ground truth."""
    found = []
    for name in ("train", "val", "test-dev"):
        folder = root / f"VisDrone2019-MOT-{name}"
        if (folder / "sequences").is_dir():
            images, labels = folder / "sequences", folder / "annotations"
            read = partial(
                numbered_videos, images=images, labels=labels, read_boxes=_boxes, first=1
            )
            found.append(Split(name, images, number_classes(CLASSES), read))
    return found


def _boxes(labels: Path, conversion: Conversion) -> list[Box]:
    boxes = []
    for where, row in read_rows(labels, COLUMNS, conversion, separator=","):
        frame, identity, left, top, width, height, score, class_id, _, _ = row
        if class_id == OTHERS:
            conversion.by_rule["others"] += 1
            continue
        if not IGNORED_REGION <= class_id < OTHERS:
            conversion.fault("wrong row", f"{where}: class is {class_id}; give one from 0 to 11")
            continue
        region = class_id == IGNORED_REGION
        boxes.append(
            Box(
                frame=frame,
                tlwh=(left, top, width, height),
                where=where,
                identity=None if region else identity,
                category=1 if region else class_id,
                crowd=region or score == 0,
            )
        )
    return boxes
