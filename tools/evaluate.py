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

from tqdm import tqdm

from yolox.cli import Parser, run, warn
from yolox.formats.atomic import write_whole
from yolox.metrics.scores import doubts, format_scores
from yolox.metrics.tracking import (
    BENCHMARKS,
    PROTOCOLS,
    evaluate,
    load_sequences,
    missing_results,
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
    add("--protocol", choices=(*PROTOCOLS, "both"), default="both", help="(default: both)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--json", type=Path, metavar="FILE", help="write the scores there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, score, print."""
    args = parse_args()
    loaded = load_sequences(args.gt, args.results, args.half, args.sequences)
    unscored = missing_results(args.gt, loaded)
    if unscored:
        warn(f"note: not scored, for want of a result: {', '.join(unscored)}")
    protocols = PROTOCOLS if args.protocol == "both" else (args.protocol,)
    report = {}
    for protocol in protocols:
        with tqdm(total=len(loaded), desc=protocol, leave=False, disable=None) as bar:
            report[protocol] = evaluate(loaded, protocol, args.benchmark, on_done=bar.update)
        print(f"protocol {protocol}\n{format_scores(report[protocol])}\n")
    warn(doubts(report[protocols[0]]))
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"half": args.half, "scores": report}, file, indent=2)


if __name__ == "__main__":
    run(main)
