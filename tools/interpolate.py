"""Fill the gaps of finished tracks, offline, and, given ground truth, score before and after.

  python tools/interpolate.py runs/byte --output runs/byte_linear --gt datasets/mot/train --half val
  python tools/interpolate.py runs/byte --output runs/byte_gaussian --method gaussian

Method linear is ByteTrack's. Method gaussian fills likewise and then smooths every box, as
StrongSORT does (docs/offline.md). OUTPUT gets <sequence>.txt and offline.json, which says what was
done.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run, show_scores
from yolox.formats.mot import list_sequences, read_tracks, write_tracks
from yolox.metrics.tracking import BACKENDS, BENCHMARKS, PROTOCOLS, load_sequences
from yolox.results.interpolation import fill_gaps
from yolox.results.offline import check_output, describe, read_steps, write_steps
from yolox.results.smoothing import NOISE, TAU, smooth_tracks
from yolox.structures import InputError


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("results", type=Path, metavar="RESULTS", help="folder of <sequence>.txt")
    add("--output", type=Path, required=True, metavar="DIR", help="another folder")
    add("--method", choices=("linear", "gaussian"), default="linear", help="(default: linear)")
    add("--longer-than", "--n-min", type=at_least(0, int), default=5, metavar="N",
        help="change tracks of more boxes than this (default: 5)")
    add("--gap-below", "--n-dti", type=at_least(0, int), default=20, metavar="N",
        help="fill gaps whose ends are fewer frames apart than this (default: 20)")
    add("--tau", type=float, metavar="X",
        help=f"gaussian: sets the length scale; larger is smoother (default: {TAU:g})")
    add("--noise", type=float, metavar="X",
        help=f"gaussian: share of noise; larger is smoother (default: {NOISE:g})")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree to score by")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of the ground truth that the results are of (default: all)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--metrics-backend", choices=BACKENDS, default="fast",
        help="who computes protocol trackeval, with the same numbers (default: fast)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, fill, write, score."""
    args = parse_args()
    limits = {"longer_than": args.longer_than, "gap_below": args.gap_below}
    given = {"tau": args.tau, "noise": args.noise}
    given = {name: value for name, value in given.items() if value is not None}
    if given and args.method == "linear":
        raise InputError(f"{', '.join(given)}: of method gaussian only; add --method gaussian")
    stiffness = {"tau": TAU, "noise": NOISE, **given} if args.method == "gaussian" else {}
    check_output(args.output, args.results, args.gt)
    names, steps = list_sequences(args.results), read_steps(args.results)
    tables = {name: read_tracks(args.results / f"{name}.txt") for name in names}
    online = load_sequences(args.gt, args.results, names, args.half) if args.gt else {}

    filled = {}
    for name, table in tqdm(tables.items(), args.method, leave=False, disable=None):
        filled[name] = fill_gaps(table, **limits)
        if args.method == "gaussian":
            filled[name] = smooth_tracks(filled[name], longer_than=args.longer_than, **stiffness)
    done = [*steps, {"method": args.method, **limits, **stiffness}]
    for name in names:  # a run that is stopped leaves no older tracks under the new note
        (args.output / f"{name}.txt").unlink(missing_ok=True)
    write_steps(args.output, done)  # first: tracks are never there without it
    for name, table in filled.items():
        write_tracks(args.output / f"{name}.txt", table)
    before, after = (sum(map(len, them.values())) for them in (tables, filled))
    print(f"{len(names)} sequences, {before} boxes, {after - before} filled in; {args.output}")
    if args.gt:
        print(f"\n{describe(steps)}")
        show_scores(online, PROTOCOLS, args.benchmark, args.metrics_backend)
        print(f"\n{describe(done)}")
        offline = load_sequences(args.gt, args.output, names, args.half)
        show_scores(offline, PROTOCOLS, args.benchmark, args.metrics_backend)


if __name__ == "__main__":
    run(main)
