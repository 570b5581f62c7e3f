r"""Draw results: each sequence as one picture, and as a video that any browser plays.

  python tools/draw_tracks.py --results runs/byte --gt datasets/mot/train --output runs/pictures
  python tools/draw_tracks.py --results runs/byte runs/sort --gt datasets/mot/train --video \
      --output runs/compared

OUTPUT gets <sequence>.png: trails in the scene, tracks over time. --video adds <sequence>.mp4: the
images, from <sequence>/img1 in --gt, with boxes, ids and the trails of the feet. Several --results
are compared in one video, each under its folder's name; their pictures go to OUTPUT/<name>.
"""

import argparse
import time
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.formats.result_folders import name_results
from yolox.formats.sequence_images import find_images
from yolox.visualize.frames import TRAIL
from yolox.visualize.results import read_results
from yolox.visualize.sequence import draw_sequence
from yolox.visualize.tracks import draw_tracks


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--results", type=Path, nargs="+", required=True, metavar="DIR",
        help="folder of <sequence>.txt; several are compared")
    add("--gt", type=Path, required=True, metavar="DIR", help="tree of <sequence>/seqinfo.ini")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the pictures")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence that the results are of (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--video", action="store_true", help="also write videos")
    add("--video-width", type=at_least(16, int), metavar="PX",
        help="of each result in the video (default: that of the images)")
    add("--layout", choices=("beside", "above"), default="beside",
        help="how the video puts several results (default: beside)")
    add("--trail", type=at_least(0, int), default=TRAIL, metavar="N",
        help=f"frames that trails in the video reach back (default: {TRAIL})")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, read and check everything, draw."""
    args = parse_args()
    folders = name_results(args.results)
    todo = read_results(folders, args.gt, args.half, args.sequences)
    if args.video:  # before anything is written
        images = [find_images(args.gt / one.name, one.info, one.first, one.last) for one in todo]
    for one in tqdm(todo, "drawing", unit="seq", disable=None):
        for title, table in one.tables.items():
            folder = args.output / title if len(folders) > 1 else args.output
            draw_tracks(folder / f"{one.name}.png", table, one.info._replace(length=one.length))
    print(f"pictures in {args.output}")
    if not args.video:
        return
    started = time.perf_counter()
    total = sum(map(len, images))
    with tqdm(total=total, desc="filming", unit="frame", disable=None) as bar:
        for one, files in zip(todo, images, strict=True):
            draw_sequence(
                args.output / f"{one.name}.mp4",
                one.tables,
                one.info,
                files,
                width=args.video_width,
                layout=args.layout,
                trail=args.trail,
                on_frame=bar.update,
            )
    speed = total / (time.perf_counter() - started)
    print(f"{len(todo)} videos of {total} frames in {args.output}, {speed:.0f} frames a second")


if __name__ == "__main__":
    run(main)
