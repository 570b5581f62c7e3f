r"""What trackers make of worse detections: missed people, shaken boxes, other scores, lower rates.

  python benchmarks/robustness.py --detections DIR --gt datasets/mot/train --half val \
      --trackers byte covertrack

The detections of a folder are made worse in one way at a time, with the same chance for every
tracker, and lower frame rates leave frames out. Trackers have their default parameters, and
CoverTrack, which counts in seconds, the frame rate. Scores are of protocol trackeval: HOTA / MOTA /
IDF1. Output is Markdown, a row a way, a column a tracker.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.engine.tracking import Inputs, Job, plan_jobs, put_out, read_inputs, track_inputs
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate, load_truth
from yolox.structures import DetectionTable
from yolox.tracker import available_trackers

Random = np.random.Generator


def as_they_are(found: DetectionTable, random: Random) -> DetectionTable:
    """Leave detections alone."""
    return found


def missed(found: DetectionTable, random: Random) -> DetectionTable:
    """Drop a fifth, each for itself."""
    return found.take(random.random(len(found)) >= 0.2)


def missed_in_spells(found: DetectionTable, random: Random) -> DetectionTable:
    """Drop a seventh, in one place of the image for five frames at a time."""
    middle = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    where = np.column_stack([found.frames // 5, middle // 150]).astype(np.int64)
    spells, of_row = np.unique(where, axis=0, return_inverse=True)
    return found.take((random.random(len(spells)) >= 1 / 7)[of_row.ravel()])


def shaken(found: DetectionTable, random: Random) -> DetectionTable:
    """Move every edge by 4 % of the height."""
    height = found.boxes[:, 3:] - found.boxes[:, 1:2]
    moved = found.boxes + 0.04 * height * random.normal(size=found.boxes.shape)
    first, second = moved[:, :2], moved[:, 2:]
    boxes = np.concatenate([np.minimum(first, second), np.maximum(first, second)], axis=1)
    return dataclasses.replace(found, boxes=boxes)


def enlarged(found: DetectionTable, random: Random) -> DetectionTable:
    """Make boxes a fifth wider and a tenth higher."""
    size = found.boxes[:, 2:] - found.boxes[:, :2]
    margin = size * (0.1, 0.05)
    boxes = np.concatenate([found.boxes[:, :2] - margin, found.boxes[:, 2:] + margin], axis=1)
    return dataclasses.replace(found, boxes=boxes)


def made_up(found: DetectionTable, random: Random) -> DetectionTable:
    """Add a tenth of false ones, of likely size, score and looks, anywhere."""
    drawn = np.flatnonzero(random.random(len(found)) < 0.1)
    false = found.take(drawn)
    right = found.boxes[:, 2].max(initial=0)
    shift = random.uniform(0, right, len(drawn)) - false.boxes[:, 0]
    boxes = false.boxes + shift[:, None] * (1, 0, 1, 0)
    scores = random.uniform(0.3, 0.8, len(drawn))
    both = found.take(np.concatenate([np.arange(len(found)), drawn]))
    both = dataclasses.replace(
        both,
        boxes=np.concatenate([found.boxes, boxes]),
        scores=np.concatenate([found.scores, scores]),
    )
    return both.take(np.argsort(both.frames, kind="stable"))


def random_scores(found: DetectionTable, random: Random) -> DetectionTable:
    """Add noise of 0.2 to the scores."""
    noise = 0.2 * random.normal(size=len(found))
    return dataclasses.replace(found, scores=np.clip(found.scores + noise, 0.01, 1))


def no_scores(found: DetectionTable, random: Random) -> DetectionTable:
    """Keep those that score above 0.5 and let all of them score 1."""
    kept = found.take(found.scores > 0.5)
    return dataclasses.replace(kept, scores=np.ones(len(kept)))


def low_scores(found: DetectionTable, random: Random) -> DetectionTable:
    """Take scores down to 0.8 of what they are."""
    return dataclasses.replace(found, scores=0.8 * found.scores)


Worsen = Callable[[DetectionTable, Random], DetectionTable]

# What is done to the detections, and how many frames a step goes on.
ROWS: dict[str, tuple[Worsen, int]] = {
    "as they are": (as_they_are, 1),
    "20 % missed": (missed, 1),
    "14 % missed, in spells": (missed_in_spells, 1),
    "edges moved by 4 %": (shaken, 1),
    "boxes too large": (enlarged, 1),
    "10 % false ones added": (made_up, 1),
    "scores with noise of 0.2": (random_scores, 1),
    "scores all 1": (no_scores, 1),
    "scores 0.8 of what they are": (low_scores, 1),
    "every 2nd frame": (as_they_are, 2),
    "every 5th frame": (as_they_are, 5),
    "every 10th frame": (as_they_are, 10),
}


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence (default: all)")
    add("--trackers", nargs="+", default=["byte", "covertrack"], choices=list(available_trackers()),
        metavar="NAME", help="(default: byte covertrack)")
    add("--seed", type=int, default=0, metavar="N", help="of what is made worse (default: 0)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, measure, print."""
    args = parse_args()
    rows = []
    with tqdm(
        total=len(ROWS) * len(args.trackers), desc="scoring", unit="run", disable=None
    ) as bar:
        found = {job.name: read_inputs(job.source) for job in jobs(args.trackers[0], 1, args)}
        for title, (worsen, frame_step) in ROWS.items():
            random = np.random.default_rng(args.seed)
            worse = {
                name: inputs._replace(detections=worsen(inputs.detections, random))
                for name, inputs in found.items()
            }
            row = [title]
            for tracker in args.trackers:
                row.append(score(tracker, worse, frame_step, args))
                bar.update()
            rows.append(row)
    print(tabulate(rows, ["HOTA / MOTA / IDF1", *args.trackers], tablefmt="pipe"))


def score(tracker: str, worse: dict[str, Inputs], frame_step: int, args: argparse.Namespace) -> str:
    """Track all sequences, by name, and score them together."""
    scored = {}
    for job in jobs(tracker, frame_step, args):
        truth, length = load_truth(args.gt / job.name, args.half, frame_step)
        tracks = put_out(job, track_inputs(job, worse[job.name])).every(frame_step)
        scored[job.name] = ScoredSequence(truth, tracks, length)
    scores = evaluate(scored, "trackeval")[COMBINED]
    return " / ".join(f"{scores[name]:.2f}" for name in ("HOTA", "MOTA", "IDF1"))


def jobs(tracker: str, frame_step: int, args: argparse.Namespace) -> list[Job]:
    """Lay out the sequences for a tracker."""
    return plan_jobs(
        args.detections,
        Path("unused"),
        tracker=tracker,
        truth=args.gt,
        half=args.half,
        frame_step=frame_step,
    )


if __name__ == "__main__":
    run(main)
