"""The camera's motion of whole sequences: images to a folder that every tracker takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.camera_motion.estimation import HEIGHT, CameraWatch, Method
from yolox.data.footage.sequence import SequenceFootage
from yolox.engine.processes import working
from yolox.engine.sequence_folder import begin_folder
from yolox.engine.sequence_set import SequenceSet
from yolox.formats.camera_motion import write_camera_motion
from yolox.formats.mot import read_detections, read_sequence_info
from yolox.structures import InputError

# Score above which a detection is somebody who is to be overlooked.
LEAST_SCORE = 0.3
NOTE = "made_by.json"


class Watched(NamedTuple):
    """What became of one sequence.

    Attributes:
        name: Of the sequence.
        frames: Its length; None where its file was there already.
        blind: Frames whose motion could not be told.
    """

    name: str
    frames: int | None
    blind: int


def estimate_folder(
    sequences: SequenceSet,
    output: Path,
    *,
    method: Method = "sparse_flow",
    height: int = HEIGHT,
    detections: Path | None = None,
    workers: int | None = None,
    on_frame: Callable[[], object] = lambda: None,
) -> Iterator[Watched]:
    """Write `output/<sequence>.txt` for every sequence that has none yet, each as it is done.

    Args:
        sequences: Whole ones.
        output: Folder for the files.
        method: What compares two images.
        height: Lines that larger images are shrunk to first.
        detections: Folder of `<sequence>.txt`: boxes of people, whose own motion is overlooked.
        workers: Processes; one per core if None.
        on_frame: Called after each frame, with one process.

    Raises:
        InputError: A file is missing or malformed, or the output was made otherwise.
    """
    made_by = {
        "images": str(sequences.root.resolve()),
        "method": method,
        "height": height,
        "detections": detections and str(detections.resolve()),
    }
    inputs = (sequences.root, *([detections] if detections else []))
    begin_folder(output, NOTE, made_by, suffix=".txt", inputs=inputs)
    todo = []
    for name in sequences.names:
        if (output / f"{name}.txt").exists():
            yield Watched(name, None, 0)
            continue
        boxes = detections / f"{name}.txt" if detections else None
        todo.append(_Job(sequences.root / name, boxes, output / f"{name}.txt", method, height))
    count = min(workers or os.cpu_count() or 1, len(todo))
    if count <= 1:
        for job in todo:
            yield _run(job, on_frame)
        return
    pool = ProcessPoolExecutor(count, initializer=cv2.setNumThreads, initargs=(1,))
    with working(pool, "use fewer workers. Files already written are whole"):
        for future in as_completed([pool.submit(_run, job) for job in todo]):
            yield future.result()


class _Job(NamedTuple):
    sequence: Path
    detections: Path | None
    output: Path
    method: Method
    height: int


def _run(job: _Job, on_frame: Callable[[], object] = lambda: None) -> Watched:
    people = read_detections(job.detections) if job.detections else None
    length = read_sequence_info(job.sequence / "seqinfo.ini").length
    if people and people.last_frame > length:
        raise InputError(
            f"{job.detections}: detections reach frame {people.last_frame}, but seqinfo.ini gives "
            f"the sequence {length} frames; give the detections of this sequence"
        )
    watch = CameraWatch(method=job.method, height=job.height)
    warps = []
    with SequenceFootage(job.sequence, 1, length) as footage:
        for frame in footage:
            assert frame.image is not None
            boxes = None
            if people:
                found = people.at(frame.number)
                boxes = found.boxes[found.scores > LEAST_SCORE]
            warps.append(watch.update(frame.image, boxes))
            on_frame()
    write_camera_motion(job.output, np.array(warps))
    return Watched(job.sequence.name, length, watch.blind)
