"""A network over whole sequences: the detection folder that every tracker can be run on."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from functools import cache
from hashlib import sha256
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from yolox.data.footage.sequence import SequenceFootage
from yolox.engine.detector import Detector
from yolox.engine.inference import Found, StageTimes, detect
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.engine.processes import working
from yolox.engine.sequence_set import SequenceSet
from yolox.formats.atomic import write_whole
from yolox.formats.mot import (
    half_frames,
    read_detections,
    read_ground_truth,
    read_sequence_info,
    write_detections,
)
from yolox.formats.text import read_json
from yolox.metrics.detection import DetectionScores, score_detection_tables
from yolox.structures import DetectionTable, InputError

MADE_BY = "made_by.json"


class Detected(NamedTuple):
    """What became of one sequence; `times` is None where its detections were there already."""

    name: str
    detections: int | None
    times: StageTimes | None


def detect_sequence(
    detector: Detector,
    sequence: Path,
    first: int,
    last: int,
    *,
    batch_size: int = 1,
    times: StageTimes | None = None,
    on_frame: Callable[[], object] = lambda: None,
) -> DetectionTable:
    """Detect, and embed if the network can, everybody in frames `first` to `last` of a sequence.

    Args:
        detector: The network.
        sequence: Folder of `seqinfo.ini` and the images.
        first: Frame, from 1.
        last: Frame, included.
        batch_size: Frames that go through the network together.
        times: Gets what the stages took.
        on_frame: Called after each frame.

    Returns:
        The detections in image pixels, with the sequence's own frame numbers.

    Raises:
        InputError: An image is missing, damaged or of another size than seqinfo.ini says.
    """
    footage = SequenceFootage(sequence, first, last)
    found: list[Found] = []
    with closing(detect(detector, [footage], batch_size=batch_size, times=times)) as frames:
        for one in frames:
            found.append(one._replace(frame=one.frame._replace(image=None)))
            on_frame()
    return _join(found, first)


def detect_sequences(
    choice: DetectorChoice,
    sequences: SequenceSet,
    folder: Path,
    *,
    batch_size: int = 1,
    processes: int = 1,
    overwrite: bool = False,
    on_frame: Callable[[], object] = lambda: None,
) -> Iterator[Detected]:
    """Fill a detection folder, giving each sequence as it is done; go on where a run was stopped.

    Args:
        choice: Of the detector.
        sequences: What to detect in.
        folder: Gets `<sequence>.txt`, with embeddings `<sequence>.npy` too.
        batch_size: Frames that go through the network together.
        processes: Among which the sequences are split; each GPU has one, or they share the CPU.
        overwrite: Detect again what is there already.
        on_frame: Called after each frame, with one process.

    Raises:
        InputError: The folder holds other detections, or a sequence or the detector is wrong.
    """
    _begin(folder, choice, sequences, overwrite=overwrite)
    todo = []
    for name in sequences.names:
        if (folder / f"{name}.txt").exists() and not overwrite:
            yield Detected(name, None, None)
        else:
            todo.append(_Job(sequences, name, folder, batch_size))
    if not todo:
        return
    processes = min(processes, len(todo))
    if processes == 1:
        detector = open_detector(choice)
        for job in todo:
            yield _run(job, detector, on_frame)
        return
    yield from _run_in_processes(todo, choice, processes)


def score_folder(sequences: SequenceSet, folder: Path) -> DetectionScores:
    """Score the detections of sequences that have ground truth."""
    truth, found = {}, {}
    for name in sequences.names:
        sequence = sequences.root / name
        length = read_sequence_info(sequence / "seqinfo.ini").length
        frames = half_frames(length, sequences.half)
        truth[name] = read_ground_truth(sequence / "gt" / "gt.txt").cut(*frames)
        found[name] = read_detections(folder / f"{name}.txt").cut(*frames)
    return score_detection_tables(truth, found)


class _Job(NamedTuple):
    sequences: SequenceSet
    name: str
    folder: Path
    batch_size: int


def _run(job: _Job, detector: Detector, on_frame: Callable[[], object] = lambda: None) -> Detected:
    times = StageTimes()
    sequence = job.sequences.root / job.name
    length = read_sequence_info(sequence / "seqinfo.ini").length
    table = detect_sequence(
        detector,
        sequence,
        *half_frames(length, job.sequences.half),
        batch_size=job.batch_size,
        times=times,
        on_frame=on_frame,
    )
    write_detections(job.folder / f"{job.name}.txt", table)
    return Detected(job.name, len(table), times)


_of_process: DetectorChoice


def _start_process(choice: DetectorChoice, devices: Queue[str], threads: int) -> None:
    global _of_process
    torch.set_num_threads(threads)
    _of_process = choice._replace(device=devices.get())


@cache
def _detector_of_process() -> Detector:
    # Not at the start of the process: what is wrong there is told as if the process had been ended.
    return open_detector(_of_process)


def _run_here(job: _Job) -> Detected:
    return _run(job, _detector_of_process())


def _run_in_processes(
    jobs: Sequence[_Job], choice: DetectorChoice, processes: int
) -> Iterator[Detected]:
    context = multiprocessing.get_context("spawn")  # CUDA does not survive a fork
    devices = context.Queue()
    for device in list_devices(choice.device, processes):
        devices.put(device)
    threads = max(torch.get_num_threads() // processes, 1)
    pool = ProcessPoolExecutor(
        processes, context, initializer=_start_process, initargs=(choice, devices, threads)
    )
    cure = "give fewer devices (-d) or a smaller batch (-b). Detections already written are whole"
    with working(pool, cure):
        for future in as_completed([pool.submit(_run_here, job) for job in jobs]):
            yield future.result()


def list_devices(device: str, count: int) -> list[str]:
    """Name the devices of several processes: each its own GPU, or all the same CPU.

    Raises:
        InputError: There are not as many.
    """
    if device != "cuda":
        return [device] * count
    there = torch.cuda.device_count()
    if there < count:
        raise InputError(f"there are {there} GPUs, not {count}; give fewer devices (-d)")
    return [f"cuda:{number}" for number in range(count)]


def _begin(
    folder: Path, choice: DetectorChoice, sequences: SequenceSet, *, overwrite: bool
) -> None:
    """Note what makes the detections of a folder, so that no others are taken for them."""
    made_by = {
        **_identify(choice),
        "precision": choice.precision,
        "classes": list(choice.classes),
        "sequences": str(sequences.root.resolve()),
        "half": sequences.half,
    }
    replaced = [folder / f"{name}.txt" for name in sequences.names] if overwrite else []
    stay = sorted(set(folder.glob("*.txt")) - set(replaced))
    note = folder / MADE_BY
    if stay and not (note.exists() and read_json(note) == made_by):
        raise InputError(
            f"{stay[0]}: was not made by these weights and settings of these sequences; give "
            "another folder (--save-detections), or --overwrite it"
        )
    # First, so that a run that is stopped does not leave old ones beside the new note.
    for path in replaced:
        path.unlink(missing_ok=True)
    with write_whole(note) as file:
        json.dump(made_by, file)


def _identify(choice: DetectorChoice) -> dict[str, object]:
    """Say what network it is, and by which thresholds; None is what an exported one says itself."""
    if choice.exported is not None:
        folder = choice.exported.is_dir()
        files = sorted(choice.exported.glob("network.*")) if folder else [choice.exported]
        return {
            "weights": [_hash(file) for file in files],
            "runtime": choice.runtime,
            "preprocessing": choice.preprocessing,
            "size": choice.size and list(choice.size),
            "thresholds": [choice.score_thresh, choice.nms_thresh],
        }
    exp = choice.read_exp()
    assert choice.weights is not None
    return {
        "weights": _hash(choice.weights),
        "preprocessing": exp.preprocessing,
        "size": list(exp.test_size),
        "thresholds": [exp.test_conf, exp.nmsthre],
    }


def _hash(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the weights (-c), or another --detector")
    with open(path, "rb") as file:
        digest = sha256()
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _join(found: Iterable[Found], first: int) -> DetectionTable:
    by_frame = [one.detections for one in found]
    embeddings = [one.embeddings for one in by_frame if one.embeddings is not None]
    frames = np.arange(first, first + len(by_frame))
    return DetectionTable(
        frames=np.repeat(frames, [len(one) for one in by_frame]),
        boxes=np.concatenate([one.boxes for one in by_frame]),
        scores=np.concatenate([one.scores for one in by_frame]),
        class_ids=np.concatenate([one.class_ids for one in by_frame]),
        embeddings=np.concatenate(embeddings) if embeddings else None,
    )
