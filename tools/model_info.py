"""Print what every size of YOLOX weighs and costs, with and without a ReID head.

  python tools/model_info.py
  python tools/model_info.py --sizes nano s --input 416 416 --time --json runs/models.json

GFLOPs count two for each multiply-add of a convolution and eight for each output of a batch norm,
which is thop's count doubled; the ID classifier, which only training has, is not counted.
"""

import argparse
import json
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.formats.atomic import write_whole
from yolox.models.build import SIZES, ReIDOptions
from yolox.models.info import INPUT_SIZES, check_input_size, describe


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES), help="(default: all)")
    add("--input", nargs=2, type=at_least(32, int), metavar=("H", "W"),
        help="network input in pixels (default: 608 1088 up to s, 800 1440 above)")
    add("--time", action="store_true", help="time one image on this machine, too")
    add("--json", type=Path, metavar="FILE", help="write the numbers there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, measure, print."""
    args = parse_args()
    if args.input:
        check_input_size(args.input)
    heads = (None, ReIDOptions("per_level"), ReIDOptions("fused"))
    rows = [
        describe(name, tuple(args.input or INPUT_SIZES[name]), head, timed=args.time)
        for name in tqdm(args.sizes, disable=None, leave=False)
        for head in heads
    ]
    table = [
        [r.name, r.reid, f"{r.height} x {r.width}", f"{r.parameters:,}", r.tensors,
         f"{r.gflops:.2f}", r.locations, "-" if r.milliseconds is None else f"{r.milliseconds:.0f}"]
        for r in rows
    ]  # fmt: skip
    headers = ["size", "reid", "input", "parameters", "tensors", "GFLOPs", "locations", "ms"]
    align = ["left", "left", *["right"] * 6]
    print(tabulate(table, headers, colalign=align, disable_numparse=True))
    if args.json:
        with write_whole(args.json) as file:
            json.dump([row._asdict() for row in rows], file, indent=2)


if __name__ == "__main__":
    run(main)
