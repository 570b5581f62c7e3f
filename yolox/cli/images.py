"""Detections from images: the options, and the run with its progress and its scores."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from yolox.cli.command_line import at_least, warn
from yolox.cli.detectors import add_detector_options, detector_choice
from yolox.engine.sequence_set import SequenceSet, validation_set
from yolox.metrics.tracking import check_annotated
from yolox.structures import InputError

# What makes detections, and would be ignored where they are there already; as it is written.
_OF_IMAGES = {
    "exp_file": "-f", "ckpt": "-c", "detector": "--detector", "preprocessing": "--preprocessing",
    "runtime": "--runtime", "classes": "--classes", "conf": "--conf", "nms": "--nms",
    "tsize": "--tsize", "fp16": "--fp16", "bf16": "--bf16", "save_detections": "--save-detections",
    "overwrite": "--overwrite", "opts": "KEY VALUE",
}  # fmt: skip


def add_image_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the detector and of where its detections go."""
    add = parser.add_argument
    # fmt: off
    add("--save-detections", type=Path, metavar="DIR",
        help="where detections from images go (default: OUTPUT/detections)")
    add("-d", "--devices", type=at_least(1, int), default=1, metavar="N",
        help="GPUs, or processes on the CPU, that sequences are split among (default: 1)")
    add("--overwrite", action="store_true", help="detect again what is there already")
    # fmt: on
    add_detector_options(parser)


def refuse_image_options(args: argparse.Namespace) -> None:
    """Check that no option is given that makes detections.

    Raises:
        InputError: One is.
    """
    given = [
        option
        for name, option in _OF_IMAGES.items()
        if (value := getattr(args, name)) is not None and value is not False and value != []
    ]
    if given:
        raise InputError(
            f"--detections are there already; leave {', '.join(given)} out, or --detections"
        )


def chosen_images(args: argparse.Namespace) -> SequenceSet:
    """Find the sequences that the options choose: of a tree, or those the exp is validated on.

    Raises:
        InputError: There are none.
    """
    if args.gt:
        return SequenceSet.of_tree(args.gt, args.half, args.sequences)
    if args.half != "all" or args.sequences != ["*"]:
        raise InputError("--half and --sequences choose from a tree; give it (--gt)")
    return validation_set(detector_choice(args).read_exp())


def show_detecting(
    args: argparse.Namespace, sequences: SequenceSet, folder: Path
) -> dict[str, object]:
    """Fill a detection folder; print the times and, given ground truth, the scores; give both."""
    # Stored detections are tracked without torch.
    from yolox.engine.detection_folder import detect_sequences, score_folder
    from yolox.engine.inference import StageTimes

    times = StageTimes()
    with tqdm(desc="detecting", unit="frame", disable=None) as bar:
        for done in detect_sequences(
            detector_choice(args),
            sequences,
            folder,
            batch_size=args.batch_size,
            processes=args.devices,
            overwrite=args.overwrite,
            on_frame=bar.update,
        ):
            if done.times is None:
                warn(f"{done.name}: its detections are there already")
            else:
                times.add(done.times)
                bar.write(f"{done.name}: {done.detections} detections", file=sys.stderr)
    if times.frames:
        print(f"{times.format()}\nof {times.frames} frames; the stages overlap")
    report: dict[str, object] = {"ms": times.milliseconds()}
    if check_annotated(sequences.root, sequences.names):
        scores = score_folder(sequences, folder)._asdict()
        print("detection: " + ", ".join(f"{name} {100 * x:.2f}" for name, x in scores.items()))
        report["detection"] = scores
    return report
