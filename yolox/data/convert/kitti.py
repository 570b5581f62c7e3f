"""KITTI's tracking benchmark: streets seen from a car.

`training/{image_02/<sequence>/000000.png, label_02/<sequence>.txt}`, and `testing/image_02` without
labels. The development kit's readme describes the rows; frames and pixels count from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.numbered import numbered_videos
from yolox.data.convert.rows import finite, read_rows, whole
from yolox.data.convert.video import Box, Split, number_classes

CLASSES = ("Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram")
# The files say Person where the readme says Person_sitting.
CATEGORY_IDS = {name: number for number, name in enumerate(CLASSES, start=1)} | {
    "Person": 1 + CLASSES.index("Person_sitting")
}
COLUMNS: dict[str, Callable[[str], Any]] = {
    "frame": whole,
    "id": whole,
    "type": str,
    "truncated": finite,
    "occluded": finite,
    "alpha": finite,
    "left": finite,
    "top": finite,
    "right": finite,
    "bottom": finite,
    "3D height": finite,
    "3D width": finite,
    "3D length": finite,
    "x": finite,
    "y": finite,
    "z": finite,
    "rotation": finite,
}
FRAME_RATE = 10.0


def splits(root: Path) -> list[Split]:
    """Find `training`, and `testing`, which has no labels."""
    found = []
    for folder, name in (("training", "train"), ("testing", "test")):
        images = root / folder / "image_02"
        if images.is_dir():
            read = partial(
                numbered_videos,
                images=images,
                labels=root / folder / "label_02" if name == "train" else None,
                read_boxes=_boxes,
                first=0,
                frame_rate=FRAME_RATE,
            )
            found.append(Split(name, images, number_classes(CLASSES), read))
    return found


def _boxes(labels: Path, conversion: Conversion) -> list[Box]:
    boxes = []
    for where, row in read_rows(labels, COLUMNS, conversion):
        frame, identity, kind, _, _, _, left, top, right, bottom, *_ = row
        region = kind == "DontCare"
        if kind == "Misc":
            conversion.by_rule["Misc"] += 1
            continue
        if not region and kind not in CATEGORY_IDS:
            names = ", ".join(CLASSES)
            conversion.fault("wrong row", f"{where}: type is {kind!r}; give one of {names}")
            continue
        boxes.append(
            Box(
                frame=frame + 1,
                tlwh=(left, top, right - left, bottom - top),
                where=where,
                identity=None if region else identity,
                category=1 if region else CATEGORY_IDS[kind],
                crowd=region,
            )
        )
    return boxes
