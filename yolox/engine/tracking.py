"""Stored detections to result files: a tracker run over whole sequences."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy.optimize  # noqa: F401  the trackers load it at their first match: before the clock runs

from yolox.engine.processes import working
from yolox.formats.camera_motion import read_camera_motion
from yolox.formats.mot import (
    Half,
    half_frames,
    list_sequences,
    read_detections,
    read_sequence_info,
    write_tracks,
)
from yolox.results.filtering import drop_odd_boxes
from yolox.results.offline import NOTE
from yolox.structures import DetectionTable, InputError, TrackTable
from yolox.structures.boxes import Array
from yolox.tracker import Backend, Tracker, find_tracker
from yolox.tracker.motion import camera
from yolox.tracker.motion.box_camera import estimate_sequence

# Tell the camera's motion from the detections themselves.
FromBoxes = Literal["boxes"]


class Source(NamedTuple):
    """What one sequence is read from.

    Attributes:
        detections: `<sequence>.txt`.
        embeddings: `<sequence>.npy`; the one beside the detections, if any, where None.
        camera_motion: `<sequence>.txt`, "boxes" or None.
        half: Part of the sequence.
        length: Frames of the whole sequence; up to the last detection where None.
    """

    detections: Path
    embeddings: Path | None
    camera_motion: Path | FromBoxes | None
    half: Half
    length: int | None


class Job(NamedTuple):
    """One sequence to track, complete, so that another process can do it."""

    name: str
    source: Source
    output: Path
    tracker: str
    backend: Backend
    parameters: dict[str, Any]
    frame_step: int
    min_box_area: float
    max_aspect_ratio: float


class Inputs(NamedTuple):
    """What one sequence is tracked from.

    Attributes:
        detections: Of the chosen half, frames from 1.
        length: Frames of it.
        camera_motion: `(length, 2, 3)`, "boxes" or None.
        note: What may be wrong.
    """

    detections: DetectionTable
    length: int
    camera_motion: Array | FromBoxes | None
    note: str | None


class Outcome(NamedTuple):
    """What tracking one sequence came to.

    `seconds` is the time in the tracker, reading and writing left out; `note` is what may be wrong.
    """

    name: str
    frames: int
    boxes: int
    ids: int
    seconds: float
    note: str | None = None


def track_sequence(
    tracker: Tracker,
    detections: DetectionTable,
    length: int,
    *,
    camera_motion: Array | FromBoxes | None = None,
    frame_step: int = 1,
) -> TrackTable:
    """Run a fresh tracker over frames 1 to `length`; frames without detections count.

    Args:
        tracker: Of any algorithm.
        detections: Of the sequence.
        length: Frames.
        camera_motion: `(length, 2, 3)`, a map from the frame before for each frame; "boxes" to
            tell it from the detections; or None.
        frame_step: Run over frames 1, 1 + `frame_step` and so on alone, so much time between them.
    """
    kept, detections = -(-length // frame_step), detections.every(frame_step)
    if isinstance(camera_motion, str):
        warps: Array | None = estimate_sequence(detections, kept, dt=frame_step)
    else:
        warps = None if camera_motion is None else camera.every(camera_motion, frame_step)
    tracks = tracker.update_all(detections, kept, dt=frame_step, camera_motion=warps)
    return dataclasses.replace(tracks, frames=(tracks.frames - 1) * frame_step + 1)


def plan_jobs(
    detections: Path,
    output: Path,
    *,
    tracker: str = "byte",
    backend: Backend = "numpy",
    parameters: Mapping[str, Any] | None = None,
    per_sequence: Mapping[str, Mapping[str, str]] | None = None,
    truth: Path | None = None,
    half: Half = "all",
    sequences: Iterable[str] = ("*",),
    use_sequence_frame_rate: bool = False,
    embeddings: Path | None = None,
    camera_motion: Path | FromBoxes | None = None,
    frame_step: int = 1,
    min_box_area: float = 100.0,
    max_aspect_ratio: float = 1.6,
) -> list[Job]:
    """Check everything that can be checked before any work, and lay out the work.

    Args:
        detections: Folder of `<sequence>.txt`.
        output: Folder for the results.
        tracker: Name of the algorithm.
        backend: As for `find_tracker`.
        parameters: Its parameters, where they differ from the defaults.
        per_sequence: Texts of further parameters for single sequences; they win.
        truth: Folder of `<sequence>/seqinfo.ini`, which tells how long a sequence is; without it
            a sequence ends with its last detection.
        half: Part of each sequence to track, frames renumbered from 1; needs `truth`.
        sequences: Patterns of the sequences to take, such as `MOT17-*-FRCNN`.
        use_sequence_frame_rate: Take `frame_rate` from `seqinfo.ini`; needs `truth`. Trackers that
            count in seconds do so anyway.
        embeddings: Folder of `<sequence>.npy`, in place of those beside the detections.
        camera_motion: Folder of `<sequence>.txt` as `formats.camera_motion` reads them, or "boxes".
        frame_step: As for `track_sequence`.
        min_box_area: As in `drop_odd_boxes`.
        max_aspect_ratio: As in `drop_odd_boxes`.

    Raises:
        InputError: A file is missing, or a parameter is unknown or out of range.
    """
    algorithm = find_tracker(tracker, backend)
    if use_sequence_frame_rate and "frame_rate" in (parameters or {}):
        raise InputError("frame_rate is given and to be taken from seqinfo.ini; choose one")
    if truth is None and (half != "all" or use_sequence_frame_rate):
        raise InputError("a half or the frame rate needs seqinfo.ini; give the ground truth (--gt)")
    if use_sequence_frame_rate and "frame_rate" not in algorithm.parameters():
        raise InputError(
            f"tracker {tracker} counts in frames and takes no frame rate; "
            "leave --use-sequence-frame-rate out"
        )
    check_output(output, detections, truth)
    jobs = []
    for name in list_sequences(detections, sequences):
        chosen = dict(parameters or {})
        info = read_sequence_info(truth / name / "seqinfo.ini") if truth else None
        if info:
            known = {"image_width": float(info.width)}
            if use_sequence_frame_rate or algorithm.counts_in_seconds:
                known["frame_rate"] = info.frame_rate
            chosen = algorithm.informed(chosen, **known)
        own = (per_sequence or {}).get(name, {})
        try:
            chosen |= {key: algorithm.parse_parameter(key, text) for key, text in own.items()}
            algorithm.create(chosen)
        except InputError as error:
            raise InputError(f"[{name}] {error}" if own else str(error)) from None
        jobs.append(
            Job(
                name,
                Source(
                    detections / f"{name}.txt",
                    embeddings and embeddings / f"{name}.npy",
                    camera_motion / f"{name}.txt"
                    if isinstance(camera_motion, Path)
                    else camera_motion,
                    half,
                    info.length if info else None,
                ),
                output / f"{name}.txt",
                tracker,
                backend,
                chosen,
                frame_step,
                min_box_area,
                max_aspect_ratio,
            )
        )
    return jobs


def run_jobs(jobs: list[Job], workers: int | None = None) -> Iterator[Outcome]:
    """Track sequences in parallel processes, giving each outcome as it comes.

    A result file appears whole or not at all; those that were written stay if a later job fails.

    Args:
        jobs: From `plan_jobs`.
        workers: Number of processes; one per core if None.
    """
    count = min(workers or os.cpu_count() or 1, len(jobs))
    if count <= 1:
        yield from map(run_job, jobs)
        return
    cure = "use fewer workers. Results already written are whole"
    with working(ProcessPoolExecutor(count), cure) as pool:
        for future in as_completed([pool.submit(run_job, job) for job in jobs]):
            yield future.result()


def read_inputs(source: Source) -> Inputs:
    """Read what is tracked.

    Raises:
        InputError: The detections or the camera motion are malformed or do not fit the sequence.
    """
    detections = read_detections(source.detections, source.embeddings)
    length = detections.last_frame if source.length is None else source.length
    if detections.last_frame > length:
        raise InputError(
            f"{source.detections}: detections reach frame {detections.last_frame}, but seqinfo.ini "
            f"gives the sequence {length} frames; give the detections of this sequence"
        )
    first, last = half_frames(length, source.half)
    note = None
    if len(detections) and detections.last_frame < first:
        note = (
            f"note: {source.detections} ends with frame {detections.last_frame}, before half "
            f"{source.half!r} begins with {first}: are these the detections of the whole sequence?"
        )
    warps = _read_warps(source.camera_motion, length)
    return Inputs(
        detections.cut(first, last),
        last - first + 1,
        warps[first - 1 : last] if isinstance(warps, np.ndarray) else warps,
        note,
    )


def track_inputs(job: Job, inputs: Inputs) -> TrackTable:
    """Track one sequence by the job's tracker; all boxes, odd ones too."""
    return track_sequence(
        find_tracker(job.tracker, job.backend).create(job.parameters),
        inputs.detections,
        inputs.length,
        camera_motion=inputs.camera_motion,
        frame_step=job.frame_step,
    )


def put_out(job: Job, tracks: TrackTable) -> TrackTable:
    """Leave out the boxes that the job does not put out."""
    return drop_odd_boxes(
        tracks, min_box_area=job.min_box_area, max_aspect_ratio=job.max_aspect_ratio
    )


def run_job(job: Job) -> Outcome:
    """Read the detections of one sequence, track, filter, write.

    Raises:
        InputError: The input is malformed or does not fit the sequence.
    """
    inputs = read_inputs(job.source)
    start = time.perf_counter()
    tracks = track_inputs(job, inputs)
    seconds = time.perf_counter() - start
    tracks = put_out(job, tracks)
    write_tracks(job.output, tracks)
    ids = len(set(tracks.ids.tolist()))
    frames = -(-inputs.length // job.frame_step)
    return Outcome(job.name, frames, len(tracks), ids, seconds, inputs.note)


def _read_warps(path: Path | FromBoxes | None, length: int) -> Array | FromBoxes | None:
    if not isinstance(path, Path):
        return path
    if not path.exists():
        raise InputError(
            f"{path}: no such file; give the folder of camera motion right above <sequence>.txt"
        )
    warps = read_camera_motion(path)
    if len(warps) != length:
        raise InputError(
            f"{path}: has {len(warps)} frames, the sequence {length}; give the camera "
            "motion of this sequence, a row for each frame"
        )
    try:
        return camera.check_warps(warps, length)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def check_output(output: Path, detections: Path, truth: Path | None) -> None:
    """Check that results are not to be written where the input lies.

    Raises:
        InputError: They are, or `output` is a file.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file; give a folder for the results")
    if (output / NOTE).exists():
        raise InputError(
            f"{output}: holds offline results, as its {NOTE} says; give another folder"
        )
    if output.resolve() == detections.resolve():
        raise InputError(
            f"{output}: holds the detections, which the results would replace; give another folder"
        )
    if truth and truth.resolve() in (output.resolve(), *output.resolve().parents):
        raise InputError(f"{output}: lies in the ground truth folder; give another folder")


def summarise(outcomes: Iterable[Outcome]) -> str:
    """Say in a line what tracking came to."""
    outcomes = list(outcomes)
    frames = sum(outcome.frames for outcome in outcomes)
    milliseconds = 1e3 * sum(outcome.seconds for outcome in outcomes) / max(frames, 1)
    return (
        f"{len(outcomes)} sequences, {frames} frames, "
        f"{sum(outcome.boxes for outcome in outcomes)} boxes, "
        f"{sum(outcome.ids for outcome in outcomes)} ids, "
        f"{milliseconds:.2f} ms a frame in association"
    )
