"""Score several results of the same sequences side by side.

  python tools/compare_results.py --gt datasets/mot/train --results runs/byte runs/byte_reid

Scores are of all sequences together, by protocol trackeval. Gains over the first result are the
mean over the sequences ± their standard deviation.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.formats.mot import list_sequences
from yolox.formats.result_folders import name_results
from yolox.metrics.comparison import format_comparison
from yolox.metrics.tracking import evaluate, load_sequences


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--results", type=Path, nargs="+", required=True, metavar="DIR",
        help="folders of <sequence>.txt; the first is what the others are compared with")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of the ground truth that the results are of (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, score, print."""
    args = parse_args()
    folders = name_results(args.results)
    scores = {}
    for title, folder in tqdm(folders.items(), "scoring", unit="result", leave=False, disable=None):
        sequences = list_sequences(folder, args.sequences)
        loaded = load_sequences(args.gt, folder, sequences, args.half)
        scores[title] = evaluate(loaded, "trackeval")
    print(format_comparison(scores))


if __name__ == "__main__":
    run(main)
