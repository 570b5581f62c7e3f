r"""Put a result into one HTML page to look at: scores, timelines, scenes and the worst moments.

  python tools/report.py runs/byte --gt datasets/mot/train --half val --output runs/byte.html
  python tools/report.py runs/byte --gt datasets/mot/train --images datasets/mot/train \
      --video runs/pictures --output runs/byte.html

The page needs no network and no other file, save for the videos that it links: <sequence>.mp4 of
the same frames, as tools/draw_tracks.py --video writes them; --embed-video puts them inside.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.engine.report import make_report
from yolox.formats.mot import list_sequences
from yolox.metrics.tracking import BENCHMARKS
from yolox.visualize.report import write_report


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("results", type=Path, metavar="RESULTS", help="folder of <sequence>.txt")
    add("--gt", type=Path, required=True, metavar="DIR", help="MOTChallenge tree")
    add("--output", type=Path, required=True, metavar="FILE", help="the page, such as byte.html")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence that the results are of (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--benchmark", choices=BENCHMARKS, help="rules to score by (default: by sequence name)")
    add("--images", type=Path, metavar="DIR", help="tree of <sequence>/img1, often that of --gt")
    add("--video", type=Path, metavar="DIR", help="folder of <sequence>.mp4 to play and to link")
    add("--embed-video", action="store_true", help="put the videos into the page")
    # fmt: on
    args = parser.parse_args()
    if args.embed_video and not args.video:
        parser.error("--embed-video needs the videos; give their folder (--video)")
    return args


def main() -> None:
    """Parse, score, match, draw, write."""
    args = parse_args()
    total = 4 * len(list_sequences(args.results, args.sequences))
    with tqdm(total=total, desc="reporting", unit="step", leave=False, disable=None) as bar:
        report = make_report(
            args.results,
            args.gt,
            args.output,
            half=args.half,
            sequences=args.sequences,
            benchmark=args.benchmark,
            images=args.images,
            video=args.video,
            embed_video=args.embed_video,
            on_step=bar.update,
        )
    write_report(args.output, report)
    size = args.output.stat().st_size / 1e6
    print(f"{len(report.sequences)} sequences in {args.output}, {size:.1f} MB")


if __name__ == "__main__":
    run(main)
