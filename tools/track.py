"""Track stored detections with any tracker and, given ground truth, score the result.

The published ByteTrack result on the second halves of MOT17's training sequences:

  python tools/track.py --detections DIR --gt datasets/mot/train --half val --output runs/byte

--detections holds <sequence>.txt with rows frame,-1,x,y,w,h,score; --output gets <sequence>.txt as
MOTChallenge takes it. Underscores and dashes in option names are the same.
"""

import argparse
import json
from pathlib import Path

from tqdm import tqdm

from yolox.cli import (
    Parser,
    add_tracker_options,
    at_least,
    run,
    show_scores,
    tracker_parameters,
    warn,
)
from yolox.engine.tracking import plan_jobs, run_jobs, summarise
from yolox.formats.atomic import write_whole
from yolox.formats.per_sequence import read_per_sequence
from yolox.metrics.tracking import BENCHMARKS, PROTOCOLS, check_annotated, load_sequences


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree; its gt.txt score the result")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence to track and score, by ByteTrack's rule (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--per-sequence", type=Path, metavar="FILE", help="INI file of parameters by sequence")
    add("--use-sequence-frame-rate", action="store_true", help="take frame_rate from seqinfo.ini")
    add("--min-box-area", type=at_least(0, float), default=100.0, metavar="PX",
        help="put out larger boxes only; 0 is off (default: 100)")
    add("--max-aspect-ratio", "--aspect-ratio-thresh", type=at_least(0, float), default=1.6,
        metavar="R", help="largest width / height put out; 0 is off (default: 1.6)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--workers", type=at_least(1, int), metavar="N", help="processes (default: one per core)")
    add("--json", type=Path, metavar="FILE", help="write settings and scores there")
    # fmt: on
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Parse, track, score, print."""
    args = parse_args()
    parameters = tracker_parameters(args)
    per_sequence = read_per_sequence(args.per_sequence) if args.per_sequence else {}
    jobs = plan_jobs(
        args.detections,
        args.output,
        tracker=args.tracker,
        parameters=parameters,
        per_sequence=per_sequence,
        truth=args.gt,
        half=args.half,
        sequences=args.sequences,
        use_sequence_frame_rate=args.use_sequence_frame_rate,
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
    print(f"{args.tracker}: {summarise(outcomes)}; results in {args.output}")
    report = {"tracker": args.tracker, "parameters": parameters, "half": args.half}
    if scored:
        loaded = load_sequences(args.gt, args.output, names, args.half)
        report["scores"] = show_scores(loaded, PROTOCOLS, args.benchmark)
    if args.json:
        with write_whole(args.json) as file:
            json.dump(report, file, indent=2, allow_nan=False)


if __name__ == "__main__":
    run(main)
