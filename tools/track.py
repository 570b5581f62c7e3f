r"""Track any detector's detections and, given ground truth, score the result.

From images, by a network (without --gt, over the sequences that the exp is validated on):

  python tools/track.py -f EXP -c CHECKPOINT --gt datasets/mot/train --half val --output runs/mine

From stored detections; this is the published ByteTrack result on the second halves of MOT17:

  python tools/track.py --detections DIR --gt datasets/mot/train --half val --output runs/byte

--detections holds <sequence>.txt with rows frame,-1,x,y,w,h,score and maybe <sequence>.npy with
embeddings. From images they are stored first (--save-detections), then tracked: whatever tracker
runs over them again gives what it gives from the images. A run that was stopped goes on with the
first sequence that is not there. OUTPUT gets <sequence>.txt as MOTChallenge takes it. Underscores
and dashes in option names are the same.
"""

import argparse
import glob
import json
import sys
from pathlib import Path

from tqdm import tqdm

from yolox.cli import (
    Parser,
    add_detector_options,
    add_tracker_options,
    at_least,
    camera_motion_source,
    detector_choice,
    run,
    show_scores,
    tracker_choice,
    warn,
)
from yolox.engine.tracking import check_output, plan_jobs, run_jobs, summarise
from yolox.formats.atomic import write_whole
from yolox.formats.per_sequence import read_per_sequence
from yolox.metrics.tracking import BACKENDS, BENCHMARKS, PROTOCOLS, check_annotated, load_sequences
from yolox.structures import InputError

# What makes detections, and would be ignored where they are there already.
OF_IMAGES = {
    "exp_file": "-f",
    "ckpt": "-c",
    "detector": "--detector",
    "preprocessing": "--preprocessing",
    "runtime": "--runtime",
    "classes": "--classes",
    "conf": "--conf",
    "nms": "--nms",
    "tsize": "--tsize",
    "fp16": "--fp16",
    "bf16": "--bf16",
    "save_detections": "--save-detections",
    "overwrite": "--overwrite",
    "opts": "KEY VALUE",
}


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, metavar="DIR", help="folder of <sequence>.txt, to track these")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree; its gt.txt score the result")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence to track and score, by ByteTrack's rule (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--per-sequence", type=Path, metavar="FILE", help="INI file of parameters by sequence")
    add("--use-sequence-frame-rate", action="store_true", help="take frame_rate from seqinfo.ini")
    add("--embeddings", type=Path, metavar="DIR",
        help="folder of <sequence>.npy, in place of those beside the detections")
    add("--camera-motion", type=camera_motion_source, metavar="DIR|boxes",
        help="folder of <sequence>.txt: how the camera moved (docs/formats.md); or boxes: tell it "
        "from the detections (docs/trackers/camera_motion.md)")
    add("--frame-step", type=at_least(1, int), default=1, metavar="K",
        help="track and score every K-th frame, so much time apart (default: 1)")
    add("--min-box-area", type=at_least(0, float), default=100.0, metavar="PX",
        help="put out larger boxes only; 0 is off (default: 100)")
    add("--max-aspect-ratio", "--aspect-ratio-thresh", type=at_least(0, float), default=1.6,
        metavar="R", help="largest width / height put out; 0 is off (default: 1.6)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--metrics-backend", choices=BACKENDS, default="fast",
        help="who computes protocol trackeval, with the same numbers (default: fast)")
    add("--workers", type=at_least(1, int), metavar="N", help="processes (default: one per core)")
    add("--json", type=Path, metavar="FILE", help="write settings and scores there")
    add("--save-detections", type=Path, metavar="DIR",
        help="where detections from images go (default: OUTPUT/detections)")
    add("-d", "--devices", type=at_least(1, int), default=1, metavar="N",
        help="GPUs, or processes on the CPU, that sequences are split among (default: 1)")
    add("--overwrite", action="store_true", help="detect again what is there already")
    # fmt: on
    add_detector_options(parser)
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Parse, track, score, print."""
    args = parse_args()
    report: dict[str, object] = {}
    tracker = tracker_choice(args)
    per_sequence = read_per_sequence(args.per_sequence) if args.per_sequence else {}
    if args.detections is None:
        # Else what is wrong would be found once the images are through.
        tracker.algorithm.create(tracker.parameters)
        report = detect(args)
    else:
        given = [
            option
            for name, option in OF_IMAGES.items()
            if (value := getattr(args, name)) is not None and value is not False and value != []
        ]
        if given:
            raise InputError(
                f"--detections are there already; leave {', '.join(given)} out, or --detections"
            )
    jobs = plan_jobs(
        args.detections,
        args.output,
        tracker=tracker.name,
        backend=tracker.backend,
        parameters=tracker.parameters,
        per_sequence=per_sequence,
        truth=args.gt,
        half=args.half,
        sequences=args.sequences,
        use_sequence_frame_rate=args.use_sequence_frame_rate,
        embeddings=args.embeddings,
        camera_motion=args.camera_motion,
        frame_step=args.frame_step,
        min_box_area=args.min_box_area,
        max_aspect_ratio=args.max_aspect_ratio,
    )
    names = [job.name for job in jobs]
    idle = sorted(set(per_sequence) - set(names))
    warn(f"note: {args.per_sequence} has no sequence here for {', '.join(idle)}" if idle else None)
    scored = args.gt is not None and check_annotated(args.gt, names)
    if args.gt and not scored:
        warn(f"note: {args.gt} has no gt/gt.txt for these sequences; the result is not scored")

    outcomes = list(tqdm(run_jobs(jobs, args.workers), "tracking", len(jobs), disable=None))
    for outcome in outcomes:
        warn(outcome.note)
    print(f"{tracker.name}: {summarise(outcomes)}; results in {args.output}")
    report |= {
        "tracker": tracker.name,
        "backend": tracker.backend,
        "parameters": tracker.parameters,
        "half": args.half,
        "frame_step": args.frame_step,
    }
    if scored:
        loaded = load_sequences(args.gt, args.output, names, args.half, args.frame_step)
        report["scores"] = show_scores(loaded, PROTOCOLS, args.benchmark, args.metrics_backend)
    if args.json:
        with write_whole(args.json) as file:
            json.dump(report, file, indent=2, allow_nan=False)


def detect(args: argparse.Namespace) -> dict[str, object]:
    """Fill a detection folder from images, and let `args` say that it is to be tracked."""
    # Stored detections are tracked without torch.
    from yolox.engine.detection_folder import detect_sequences, score_folder
    from yolox.engine.inference import StageTimes
    from yolox.engine.sequence_set import SequenceSet, validation_set

    choice = detector_choice(args)
    args.detections = args.save_detections or args.output / "detections"
    check_output(args.output, args.detections, args.gt)
    if args.gt:
        chosen = SequenceSet.of_tree(args.gt, args.half, args.sequences)
    elif args.half != "all" or args.sequences != ["*"]:
        raise InputError("--half and --sequences choose from a tree; give it (--gt)")
    else:
        chosen = validation_set(choice.read_exp())
    args.gt, args.half = chosen.root, chosen.half
    args.sequences = [glob.escape(name) for name in chosen.names]
    times = StageTimes()
    with tqdm(desc="detecting", unit="frame", disable=None) as bar:
        for done in detect_sequences(
            choice,
            chosen,
            args.detections,
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
    if not check_annotated(args.gt, chosen.names):
        return {"ms": times.milliseconds()}
    scores = score_folder(chosen, args.detections)._asdict()
    print("detection: " + ", ".join(f"{name} {100 * x:.2f}" for name, x in scores.items()))
    return {"ms": times.milliseconds(), "detection": scores}


if __name__ == "__main__":
    run(main)
