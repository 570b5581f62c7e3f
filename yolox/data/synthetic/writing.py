"""Scenes as files, in MOT17's folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.synthetic.rendering import render
from yolox.data.synthetic.scene import Scene
from yolox.formats.atomic import write_whole
from yolox.formats.camera_motion import write_camera_motion
from yolox.formats.mot import (
    SequenceInfo,
    read_ground_truth,
    read_sequence_info,
    write_detections,
    write_ground_truth,
    write_sequence_info,
)
from yolox.structures import InputError, TruthTable
from yolox.structures.boxes import Array

JPEG_QUALITY = 90


class Written(NamedTuple):
    """What was written of a sequence.

    Attributes:
        name: Of the sequence.
        people: Identities in the ground truth.
        frames: Its length.
        boxes: Rows of the ground truth.
        seconds: That drawing and encoding the images took; 0 without images.
    """

    name: str
    people: int
    frames: int
    boxes: int
    seconds: float


def write_sequence(
    scene: Scene,
    name: str,
    output: Path,
    *,
    split: str = "train",
    images: bool = True,
    on_frame: Callable[[], object] = lambda: None,
) -> Written:
    """Write a scene as `output/split/name/{img1,gt,det,seqinfo.ini}`.

    Detections and camera motion also go to `output/detections/split/name.txt` and
    `output/camera_motion/split/name.txt`. `seqinfo.ini` comes last: a sequence that has one is
    whole.

    Args:
        scene: What to write.
        name: Of the sequence.
        output: Folder of the data set.
        split: Folder of the sequences in it.
        images: Whether to draw them.
        on_frame: Called after every image.

    Raises:
        InputError: The scene shows nobody, or `split` is no name.
    """
    if not len(scene.truth):
        raise InputError(f"{name} shows nobody; give more people or frames, or another seed")
    if Path(split).name != split or split == "..":
        raise InputError(f"split is {split!r}; give the name of one folder")
    folder = output / split / name
    for stale in (folder / "seqinfo.ini", folder / "gt" / "gt.txt", *folder.glob("img1/*.jpg")):
        stale.unlink(missing_ok=True)
    started = time.perf_counter()
    if images:
        for number, image in enumerate(render(scene), start=1):
            _write_jpeg(folder / "img1" / f"{number:06d}.jpg", image)
            on_frame()
    seconds = time.perf_counter() - started if images else 0.0
    motion, detections = _beside(output, split, name)
    write_camera_motion(motion, scene.camera_motion)
    write_detections(detections, scene.detections)
    write_detections(folder / "det" / "det.txt", scene.detections)
    write_ground_truth(folder / "gt" / "gt.txt", scene.truth)
    write_sequence_info(folder / "seqinfo.ini", _info(scene, name))
    people = len(np.unique(scene.truth.ids))
    return Written(name, people, scene.length, len(scene.truth), seconds)


def is_written(
    scene: Scene, name: str, output: Path, *, split: str = "train", images: bool = True
) -> bool:
    """Tell whether a scene has been written whole; arguments as for `write_sequence`.

    Raises:
        InputError: Another scene has been written under this name.
    """
    folder = output / split / name
    if not (folder / "seqinfo.ini").is_file():
        return False
    truth = read_ground_truth(folder / "gt" / "gt.txt")
    same = read_sequence_info(folder / "seqinfo.ini") == _info(scene, name)
    if not same or not _equal_as_written(truth, scene.truth):
        raise InputError(f"{folder}: holds another scene; remove it or give another output folder")
    drawn = sum(1 for _ in folder.glob("img1/*.jpg"))
    whole = all(path.is_file() for path in _beside(output, split, name))
    return whole and (drawn == scene.length or not images)


def _beside(output: Path, split: str, name: str) -> tuple[Path, Path]:
    """Name the files of camera motion and detections."""
    return (
        output / "camera_motion" / split / f"{name}.txt",
        output / "detections" / split / f"{name}.txt",
    )


def _info(scene: Scene, name: str) -> SequenceInfo:
    return SequenceInfo(name, scene.length, scene.width, scene.height, scene.frame_rate)


def _equal_as_written(one: TruthTable, other: TruthTable) -> bool:
    return (
        np.array_equal(one.frames, other.frames)
        and np.array_equal(one.ids, other.ids)
        and np.allclose(one.boxes, other.boxes, rtol=0, atol=0.02)  # two sums of two decimals
    )


def _write_jpeg(path: Path, image: Array) -> None:
    done, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise InputError(f"{path}: OpenCV cannot encode an image of shape {image.shape}")
    with write_whole(path, "wb") as file:
        file.write(code.tobytes())
