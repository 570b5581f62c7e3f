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
from pathlib import Path

from tqdm import tqdm

from yolox.cli import (
    Parser,
    add_image_options,
    add_job_options,
    add_tracker_options,
    at_least,
    chosen_images,
    chosen_jobs,
    refuse_image_options,
    run,
    show_detecting,
    show_scores,
    tracker_choice,
    warn,
)
from yolox.engine.tracking import check_output, run_jobs, summarise
from yolox.formats.atomic import write_whole
from yolox.formats.per_sequence import read_per_sequence
from yolox.metrics.tracking import BACKENDS, PROTOCOLS, check_annotated, load_sequences


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, metavar="DIR", help="folder of <sequence>.txt, to track these")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree; its gt.txt score the result")
    add("--per-sequence", type=Path, metavar="FILE", help="INI file of parameters by sequence")
    add("--min-box-area", type=at_least(0, float), default=100.0, metavar="PX",
        help="put out larger boxes only; 0 is off (default: 100)")
    add("--max-aspect-ratio", "--aspect-ratio-thresh", type=at_least(0, float), default=1.6,
        metavar="R", help="largest width / height put out; 0 is off (default: 1.6)")
    add("--metrics-backend", choices=BACKENDS, default="fast",
        help="who computes protocol trackeval, with the same numbers (default: fast)")
    add("--json", type=Path, metavar="FILE", help="write settings and scores there")
    # fmt: on
    add_job_options(parser)
    add_image_options(parser)
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Parse, detect if need be, track, score, print."""
    args = parse_args()
    tracker, report = tracker_choice(args), {}
    per_sequence = read_per_sequence(args.per_sequence) if args.per_sequence else {}
    if args.detections:
        refuse_image_options(args)
    else:
        # Else what is wrong would be found once the images are through.
        tracker.algorithm.create(tracker.parameters)
        args.detections = args.save_detections or args.output / "detections"
        check_output(args.output, args.detections, args.gt)
        chosen = chosen_images(args)
        args.gt, args.half = chosen.root, chosen.half
        args.sequences = [glob.escape(name) for name in chosen.names]
        report = show_detecting(args, chosen, args.detections)
    jobs = chosen_jobs(
        args,
        tracker,
        args.half,
        per_sequence=per_sequence,
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
    report |= {"tracker": tracker.name, "backend": tracker.backend}
    report |= {"parameters": tracker.parameters, "half": args.half, "frame_step": args.frame_step}
    if scored:
        loaded = load_sequences(args.gt, args.output, names, args.half, args.frame_step)
        report["scores"] = show_scores(loaded, PROTOCOLS, args.benchmark, args.metrics_backend)
    if args.json:
        with write_whole(args.json) as file:
            json.dump(report, file, indent=2, allow_nan=False)


if __name__ == "__main__":
    run(main)
