"""The options that choose what is tracked of stored detections, and the jobs that they come to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Literal

from yolox.cli.command_line import at_least
from yolox.cli.trackers import TrackerChoice
from yolox.engine.tracking import Job, plan_jobs
from yolox.formats.mot import Half
from yolox.metrics.tracking import BENCHMARKS


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that tracking and tuning share."""
    add = parser.add_argument
    # fmt: off
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence to track and score, by ByteTrack's rule (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--use-sequence-frame-rate", action="store_true", help="take frame_rate "
        "from seqinfo.ini; covertrack and covertrack_reid do so anyway")
    add("--embeddings", type=Path, metavar="DIR",
        help="folder of <sequence>.npy, in place of those beside the detections")
    add("--camera-motion", type=_camera_motion, metavar="DIR|boxes",
        help="folder of <sequence>.txt: how the camera moved (docs/formats.md); or boxes: tell it "
        "from the detections (docs/trackers/camera_motion.md)")
    add("--frame-step", type=at_least(1, int), default=1, metavar="K",
        help="track and score every K-th frame, so much time apart (default: 1)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--workers", type=at_least(1, int), metavar="N", help="processes (default: one per core)")
    # fmt: on


def chosen_jobs(
    args: argparse.Namespace, tracker: TrackerChoice, half: Half, **of_track: Any
) -> list[Job]:
    """Lay out what the options choose: a half of each sequence, by a tracker.

    Args:
        args: With `detections`, `output` and `gt` too.
        tracker: Of any algorithm.
        half: Part of each sequence.
        of_track: What else `plan_jobs` takes.

    Raises:
        InputError: As `plan_jobs`.
    """
    return plan_jobs(
        args.detections,
        args.output,
        tracker=tracker.name,
        backend=tracker.backend,
        parameters=tracker.parameters,
        truth=args.gt,
        half=half,
        sequences=args.sequences,
        use_sequence_frame_rate=args.use_sequence_frame_rate,
        embeddings=args.embeddings,
        camera_motion=args.camera_motion,
        frame_step=args.frame_step,
        **of_track,
    )


def _camera_motion(text: str) -> Path | Literal["boxes"]:
    return "boxes" if text == "boxes" else Path(text)
