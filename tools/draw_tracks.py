"""Draw each sequence of a result folder as one picture: trails in the scene, tracks over time.

python tools/draw_tracks.py --results runs/byte --gt datasets/mot/train --output runs/pictures
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.formats.mot import half_frames, list_sequences, read_sequence_info, read_tracks
from yolox.structures import InputError
from yolox.visualize.tracks import draw_tracks


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--results", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--gt", type=Path, required=True, metavar="DIR", help="tree of <sequence>/seqinfo.ini")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for <sequence>.png")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each sequence that the results are of (default: all)")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, read, draw."""
    args = parse_args()
    for name in tqdm(
        list_sequences(args.results, args.sequences), "drawing", unit="seq", disable=None
    ):
        info = read_sequence_info(args.gt / name / "seqinfo.ini")
        first, last = half_frames(info.length, args.half)
        info = info._replace(length=last - first + 1)
        tracks = read_tracks(args.results / f"{name}.txt")
        if tracks.last_frame > info.length:
            raise InputError(
                f"{args.results / name}.txt: reaches frame {tracks.last_frame} of {info.length}; "
                "give the half that the results are of"
            )
        draw_tracks(args.output / f"{name}.png", tracks, info)
    print(f"pictures in {args.output}")


if __name__ == "__main__":
    run(main)
