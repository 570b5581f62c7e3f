r"""What trackers gain by appearance of a known quality, on real detections or made-up ones.

  python benchmarks/appearance.py --detections DIR --gt datasets/mot/train --half val \
      --trackers byte byte_reid botsort_reid --json runs/appearance.json

Each detection gets an embedding by which a known share of people is recognised (rank-1, see
`yolox/data/synthetic/looks.py`), drawn anew for each quality with the same noise; `nothing` are
embeddings that say nothing. Noise that is new in every frame averages out within a second; real
looks change slowly, which `--slow-noise` imitates. Scores are of protocol trackeval. Output is
Markdown: a table of HOTA and one of IDF1, a row a tracker, a column a quality.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.data.synthetic.looks import simulate_looks
from yolox.engine.tracking import Inputs, Job, plan_jobs, put_out, read_inputs, track_inputs
from yolox.formats.atomic import write_whole
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate, load_truth
from yolox.structures import DetectionTable
from yolox.tracker import available_trackers

QUALITIES = (None, 0.5, 0.65, 0.8, 0.9, 0.95)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence (default: all)")
    add("--camera-motion", type=Path, metavar="DIR", help="folder of <sequence>.txt")
    add("--trackers", nargs="+", default=["byte", "byte_reid"], choices=list(available_trackers()),
        metavar="NAME", help="(default: byte byte_reid)")
    add("--length", type=at_least(2, int), default=12, metavar="N",
        help="numbers of an embedding: with 12 two pictures of a person are as alike as to a "
        "trained network of the same rank-1, with more they are less alike (default: 12)")
    add("--slow-noise", type=float, default=0.0, metavar="SHARE",
        help="share of the noise that changes slowly for each person, its correlation halved in "
        "30 frames; the rest is new in every frame (default: 0)")
    add("--seed", type=int, default=0, metavar="N", help="of the embeddings (default: 0)")
    add("--json", type=Path, metavar="FILE", help="write the scores there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, measure, print."""
    args = parse_args()
    found: dict[str, dict[str, dict[str, float]]] = {name: {} for name in args.trackers}
    total = len(QUALITIES) * len(args.trackers)
    with tqdm(total=total, desc="scoring", unit="run", disable=None) as bar:
        sequences = load(args)
        for quality in QUALITIES:
            title = f"{quality:.2f}" if quality else "nothing"
            seen = {
                job: (
                    inputs._replace(detections=with_looks(inputs, truth, quality, args)),
                    truth,
                )
                for job, (inputs, truth) in sequences.items()
            }
            for tracker in args.trackers:
                found[tracker][title] = score(tracker, seen, args)
                bar.update()
    for column in ("HOTA", "IDF1"):
        rows = [
            [name, *(f"{scores[column]:.2f}" for scores in by_quality.values())]
            for name, by_quality in found.items()
        ]
        titles = [f"{column} at rank-1", *found[args.trackers[0]]]
        print(f"\n{tabulate(rows, titles, tablefmt='pipe', disable_numparse=True)}")
    if args.json:
        with write_whole(args.json) as file:
            json.dump(found, file, indent=2)


def load(args: argparse.Namespace) -> dict[str, tuple[Inputs, Any]]:
    """Read detections and truth of every sequence, by its name."""
    return {
        job.name: (read_inputs(job.source), load_truth(args.gt / job.name, args.half))
        for job in jobs(args.trackers[0], args)
    }


def jobs(tracker: str, args: argparse.Namespace) -> list[Job]:
    """Lay out the sequences for a tracker."""
    return plan_jobs(
        args.detections,
        Path("unused"),
        tracker=tracker,
        truth=args.gt,
        half=args.half,
        camera_motion=args.camera_motion,
    )


def with_looks(
    inputs: Inputs, truth: Any, quality: float | None, args: argparse.Namespace
) -> DetectionTable:
    """Give detections embeddings of a quality."""
    targets, _ = truth
    return simulate_looks(
        inputs.detections,
        targets,
        rank1=quality,
        length=args.length,
        slow_noise=args.slow_noise,
        seed=args.seed,
    )


def score(tracker: str, sequences: dict[str, Any], args: argparse.Namespace) -> dict[str, float]:
    """Track all sequences and score them together."""
    scored = {}
    for job in jobs(tracker, args):
        inputs, (truth, length) = sequences[job.name]
        scored[job.name] = ScoredSequence(truth, put_out(job, track_inputs(job, inputs)), length)
    return evaluate(scored, "trackeval")[COMBINED]


if __name__ == "__main__":
    run(main)
