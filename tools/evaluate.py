"""Score a folder of results against ground truth: HOTA, CLEAR and Identity.

  python tools/evaluate.py --gt datasets/mot/train --results runs/byte --half val

--gt holds <sequence>/gt/gt.txt and <sequence>/seqinfo.ini; --results holds <sequence>.txt with rows
frame,id,x,y,w,h,score. With --half the results count their frames from 1 within the half.

Protocol trackeval is MOTChallenge's own: tracks on people who are not to be tracked are forgiven.
Protocol motmetrics is that of ByteTrack's README, about one MOTA lower on the same tracks.
"""

import argparse
import json
from pathlib import Path

from yolox.cli import Parser, at_least, run, show_scores, warn
from yolox.formats.atomic import write_whole
from yolox.formats.mot import list_sequences
from yolox.metrics.tracking import (
    BACKENDS,
    BENCHMARKS,
    PROTOCOLS,
    annotated_sequences,
    load_sequences,
)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--results", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of the ground truth that the results are of (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--frame-step", type=at_least(1, int), default=1, metavar="K",
        help="score every K-th frame, as track.py --frame-step put them out (default: 1)")
    add("--protocol", choices=(*PROTOCOLS, "both"), default="both", help="(default: both)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--metrics-backend", choices=BACKENDS, default="fast",
        help="who computes protocol trackeval, with the same numbers (default: fast)")
    add("--json", type=Path, metavar="FILE", help="write the scores there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, score, print."""
    args = parse_args()
    names = list_sequences(args.results, args.sequences)
    loaded = load_sequences(args.gt, args.results, names, args.half, args.frame_step)
    unscored = sorted(annotated_sequences(args.gt) - set(list_sequences(args.results)))
    if unscored:
        warn(f"note: not scored, for want of a result: {', '.join(unscored)}")
    protocols = PROTOCOLS if args.protocol == "both" else (args.protocol,)
    scores = show_scores(loaded, protocols, args.benchmark, args.metrics_backend)
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"half": args.half, "scores": scores}, file, indent=2, allow_nan=False)


if __name__ == "__main__":
    run(main)
