r"""Time our training pictures beside ByteTrack's own pipeline, which you check out yourself.

  git clone https://github.com/ifzhang/ByteTrack ../ByteTrack
  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python benchmarks/pictures.py --annotations datasets/mot/annotations/train_half.json \
      --bytetrack ../ByteTrack

Mosaic of four, random perspective, mixup, colours, with the parameters of ByteTrack's ablation run.
Our workers deliver 8-bit pixels, which are normalised on the device that trains; ByteTrack's
deliver normalised floats. The row "ours, normalised" does that too, on the CPU. Each row has one
process with one thread, and they take turns. A ratio is the median over the rounds of a row's time
by that of the first row. That both make alike pictures is to be seen from other pictures than those
timed: the objects in one, their median height, the mean of the normalised pixels and the mean
difference of one to that below it. Output is Markdown; progress goes to stderr.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import NamedTuple

from machine import cpu_model
from tabulate import tabulate
from tqdm import tqdm
from worker import Worker

from yolox.cli import Parser, at_least, run
from yolox.formats.text import check_file


class Side(NamedTuple):
    """Who makes pictures, and the seconds of each turn."""

    worker: Worker
    seconds: list[float]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--annotations", type=Path, required=True, metavar="JSON", help="what the pictures are of")
    add("--bytetrack", type=Path, metavar="DIR", help="a checkout of ByteTrack")
    add("--size", type=at_least(32, int), nargs=2, default=[800, 1440], metavar=("H", "W"),
        help="of the pictures (default: 800 1440)")
    add("--pictures", type=at_least(1, int), default=20, metavar="N",
        help="pictures a turn (default: 20)")
    add("--rounds", type=at_least(1, int), default=10, metavar="N",
        help="timed rounds after one to warm up (default: 10)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, take turns, print."""
    args = parse_args()
    check_file(args.annotations)
    sides = [_start("ours, 8 bit", "bytes", args), _start("ours, normalised", "ours", args)]
    if args.bytetrack:
        sides.append(_start("ByteTrack", str(args.bytetrack), args))
    for round_ in tqdm(range(args.rounds + 1), "rounds", leave=False, disable=None):
        for side in sides:
            seconds = side.worker.ask(("time", args.pictures))["seconds"]
            if round_:
                side.seconds.append(seconds)
    rows = [_row(side, sides[0], args) for side in sides]
    print(f"{cpu_model()}, one thread each; {args.size[0]} × {args.size[1]}\n")
    print(tabulate(rows, headers="keys", tablefmt="github"))


def _start(name: str, source: str, args: argparse.Namespace) -> Side:
    words = [source, args.annotations, *args.size]
    return Side(Worker(name, "pictures_worker.py", words, {"OMP_NUM_THREADS": "1"}), [])


def _row(side: Side, first: Side, args: argparse.Namespace) -> dict[str, str]:
    ratios = [own / theirs for theirs, own in zip(first.seconds, side.seconds, strict=True)]
    peak = side.worker.ask(("time", 1))["peak_mb"]
    seen = side.worker.ask(("look", args.pictures * args.rounds))
    side.worker.close()
    return {
        "pipeline": side.worker.name,
        "ms/picture": f"{1000 * median(side.seconds) / args.pictures:.1f}",
        "pictures/s": f"{args.pictures / median(side.seconds):.1f}",
        "time × first": f"{median(ratios):.2f}",
        "objects/picture": f"{seen['objects']:.1f}",
        "median height": f"{seen['height']:.0f}",
        "level": f"{seen['level']:.2f}",
        "detail": f"{seen['detail']:.3f}",
        "peak memory, MB": f"{peak:.0f}",
    }


if __name__ == "__main__":
    run(main)
