r"""Tune a tracker's parameters on stored detections and ground truth.

  python tools/tune.py --detections DIR --gt datasets/mot/train --half val --tracker byte \
      --trials 200 --output runs/tune
  python tools/track.py --detections DIR --gt datasets/mot/train --half val \
      --params runs/tune/parameters.json --output runs/tuned

Each sequence is tracked with parameters found on all others, and what is printed first is the score
of these results: of sequences that were not tuned on. Then the set found on all sequences, whose
score flatters; OUTPUT/parameters.json holds it. A tuning that was stopped goes on where it was,
more --trials too. Tuned are the parameters that the tracker declares a range for; those given on
the command line are held.
"""

import argparse
import os
from pathlib import Path

from tqdm import tqdm

from yolox.cli import (
    Parser,
    add_job_options,
    add_tracker_options,
    at_least,
    chosen_jobs,
    run,
    tracker_choice,
)
from yolox.engine.tuning import (
    ALL,
    Plan,
    best_of,
    finished_trials,
    held_out_scores,
    scores_of,
    search_space,
    tune,
    write_parameters,
)
from yolox.metrics.scores import format_scores
from yolox.metrics.tracking import check_annotated
from yolox.structures import InputError

OBJECTIVES = ("HOTA", "MOTA", "IDF1", "AssA", "DetA")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--detections", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--output", type=Path, required=True, metavar="DIR",
        help="folder for parameters.json and the record of the trials")
    add("--trials", type=at_least(1, int), default=100, metavar="N",
        help="of each study; there is one a sequence and one of all (default: 100)")
    add("--objective", choices=OBJECTIVES, default="HOTA",
        help="what is to be large, by protocol trackeval (default: HOTA)")
    add("--prior", type=at_least(0, float), default=0.0, metavar="X",
        help="points that a set is charged for a mean squared distance of 1 from the defaults, in "
        "units of each range; keeps it from learning the scenes by heart (default: 0)")
    add("--tune-half", choices=("train", "val", "all"),
        help="part of each sequence that is tuned on (default: that of --half)")
    add("--seed", type=int, default=0, metavar="N", help="of the search (default: 0)")
    # fmt: on
    add_job_options(parser)
    add_tracker_options(parser)
    return parser.parse_args()


def main() -> None:
    """Parse, tune, score, print."""
    args = parse_args()
    plan = make_plan(args)
    space = search_space(plan)
    total = plan.trials * len(plan.studies())
    print(f"tuning {', '.join(space)} of {plan.jobs[0].tracker}: {total} trials", flush=True)
    workers = args.workers or os.cpu_count() or 1
    with tqdm(
        total=total, desc="trials", initial=finished_trials(plan), unit="trial", disable=None
    ) as bar:
        for _, done in tune(plan, workers):
            bar.update(done)
    if len(plan.jobs) > 1:
        held_out = format_scores(held_out_scores(plan))
        print(
            f"\neach sequence with parameters found on the others, protocol trackeval\n{held_out}"
        )
    best = best_of(plan, ALL)
    print(
        "\nall sequences with the parameters found on all of them, protocol trackeval (flattering)"
        f"\n{format_scores(scores_of(plan, best.parameters))}\n"
    )
    for name, value in best.parameters.items():
        print(f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}")
    write_parameters(args.output / "parameters.json", plan)
    print(f"tools/track.py tracks with these by --params {args.output / 'parameters.json'}")


def make_plan(args: argparse.Namespace) -> Plan:
    """Lay the work out as the command line has it."""
    tracker = tracker_choice(args)
    scored = chosen_jobs(args, tracker, args.half)
    if not check_annotated(args.gt, [job.name for job in scored]):
        raise InputError(f"{args.gt}: has no gt/gt.txt for these sequences; tuning needs it")
    tuned_on = chosen_jobs(args, tracker, args.tune_half) if args.tune_half else scored
    return Plan(
        jobs=tuple(tuned_on),
        scored=tuple(scored),
        held=tracker.parameters,
        truth=args.gt,
        objective=args.objective,
        trials=args.trials,
        prior=args.prior,
        benchmark=args.benchmark,
        record=args.output / "trials.log",
        seed=args.seed,
    )


if __name__ == "__main__":
    run(main)
