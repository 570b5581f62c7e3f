"""Finish tracks, offline: link, fill gaps, smooth; given ground truth, score before and after.

  python tools/interpolate.py runs/byte --output runs/byte_linear --gt datasets/mot/train --half val
  python tools/interpolate.py runs/byte --output runs/byte_gaussian --method gaussian
  python tools/interpolate.py runs/byte --output runs/byte_lines --method lines --min-length 15
  python tools/interpolate.py runs/byte --output runs/byte_linked --link 2 --detections runs/found

Method linear is ByteTrack's. The others fill likewise and then smooth every box: gaussian as
StrongSORT does, lines by a straight line through each box's neighbours (docs/offline.md). OUTPUT
gets <sequence>.txt and offline.json, which says what was done.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run, show_scores
from yolox.formats.mot import (
    half_frames,
    list_sequences,
    read_detections,
    read_sequence_info,
    read_tracks,
    write_tracks,
)
from yolox.metrics.tracking import BACKENDS, BENCHMARKS, PROTOCOLS, load_sequences
from yolox.results.finishing import METHODS, USUAL_FRAME_RATE, Finishing, finish_tracks
from yolox.results.offline import check_output, describe, read_steps, write_steps
from yolox.results.smoothing import NOISE, TAU
from yolox.structures import InputError, TrackTable


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("results", type=Path, metavar="RESULTS", help="folder of <sequence>.txt")
    add("--output", type=Path, required=True, metavar="DIR", help="another folder")
    add("--method", choices=METHODS, default="linear", help="(default: linear)")
    add("--longer-than", "--n-min", type=at_least(0, int), default=5, metavar="N",
        help="change tracks of more boxes than this (default: 5)")
    add("--gap-below", "--n-dti", type=at_least(0, int), default=20, metavar="N",
        help="fill gaps whose ends are fewer frames apart than this (default: 20)")
    add("--min-length", type=at_least(0, int), default=0, metavar="N",
        help="drop tracks of fewer boxes than this (default: 0)")
    add("--link", type=at_least(0, float), default=0.0, metavar="SECONDS",
        help="join fragments of one track up to this far apart; 0 is off (default: 0)")
    add("--detections", type=Path, metavar="DIR",
        help="those that were tracked, with embeddings: --link goes by looks too")
    add("--tau", type=float, metavar="X",
        help=f"gaussian: sets the length scale; larger is smoother (default: {TAU:g})")
    add("--noise", type=float, metavar="X",
        help=f"gaussian: share of noise; larger is smoother (default: {NOISE:g})")
    add("--use-sequence-frame-rate", action="store_true",
        help="scale numbers of frames, of 30 a second, to seqinfo.ini's rate")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree to score by")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of the ground truth that the results are of (default: all)")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--metrics-backend", choices=BACKENDS, default="fast",
        help="who computes protocol trackeval, with the same numbers (default: fast)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, finish, write, score."""
    args = parse_args()
    given = {"tau": args.tau, "noise": args.noise}
    given = {name: value for name, value in given.items() if value is not None}
    if given and args.method != "gaussian":
        raise InputError(f"{', '.join(given)}: of method gaussian only; add --method gaussian")
    if args.detections and not args.link:
        raise InputError("--detections serve --link only; give both, or leave it out")
    if args.gt is None and (args.half != "all" or args.use_sequence_frame_rate):
        raise InputError("a half or the frame rate needs seqinfo.ini; give the ground truth (--gt)")
    plan = Finishing(
        method=args.method,
        longer_than=args.longer_than,
        gap_below=args.gap_below,
        min_length=args.min_length,
        link=args.link,
        **given,
    )
    check_output(args.output, args.results, args.gt)
    names, steps = list_sequences(args.results), read_steps(args.results)
    tables = {name: read_tracks(args.results / f"{name}.txt") for name in names}
    online = load_sequences(args.gt, args.results, names, args.half) if args.gt else {}

    finished = {}
    for name, table in tqdm(tables.items(), args.method, leave=False, disable=None):
        finished[name] = finish(args, plan, name, table)
    step = plan.step(
        looks=args.detections is not None, sequence_frame_rate=args.use_sequence_frame_rate
    )
    done = [*steps, step]
    for name in names:  # a run that is stopped leaves no older tracks under the new note
        (args.output / f"{name}.txt").unlink(missing_ok=True)
    write_steps(args.output, done)  # first: tracks are never there without it
    for name, table in finished.items():
        write_tracks(args.output / f"{name}.txt", table)
    was, now = (
        f"{sum(map(len, them.values()))} boxes of "
        f"{sum(len(set(one.ids.tolist())) for one in them.values())} tracks"
        for them in (tables, finished)
    )
    print(f"{len(names)} sequences, {was}, now {now}; {args.output}")
    if args.gt:
        print(f"\n{describe(steps)}")
        show_scores(online, PROTOCOLS, args.benchmark, args.metrics_backend)
        print(f"\n{describe(done)}")
        offline = load_sequences(args.gt, args.output, names, args.half)
        show_scores(offline, PROTOCOLS, args.benchmark, args.metrics_backend)


def finish(args: argparse.Namespace, plan: Finishing, name: str, table: TrackTable) -> TrackTable:
    """Finish one sequence's tracks, with its frame rate and detections if they are asked for."""
    info = read_sequence_info(args.gt / name / "seqinfo.ini") if args.gt else None
    rate, detections = USUAL_FRAME_RATE, None
    if info and args.use_sequence_frame_rate:
        rate = info.frame_rate
    if args.detections:
        detections = read_detections(args.detections / f"{name}.txt")
        if info:
            detections = detections.cut(*half_frames(info.length, args.half))
    try:
        return finish_tracks(table, plan, frame_rate=rate, detections=detections)
    except InputError as error:
        raise InputError(f"{args.results / name}.txt: {error}") from None


if __name__ == "__main__":
    run(main)
