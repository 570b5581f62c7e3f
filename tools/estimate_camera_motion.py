r"""Estimate from images how the camera moved, for the trackers to take out.

  python tools/estimate_camera_motion.py --images datasets/mot/train --detections DETECTIONS \
      --output runs/camera_motion
  python tools/track.py --detections DETECTIONS --camera-motion runs/camera_motion \
      --output runs/byte

TREE has <sequence>/seqinfo.ini and the images; OUTPUT gets <sequence>.txt (docs/formats.md). Boxes
of people, if given, are masked: they move by themselves. A run that was stopped goes on with the
first sequence that is not there.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run, warn
from yolox.data.camera_motion.estimation import HEIGHT, METHODS
from yolox.engine.camera_motion_folder import estimate_folder
from yolox.engine.sequence_set import SequenceSet


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--images", type=Path, required=True, metavar="TREE", help="MOTChallenge tree with images")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for <sequence>.txt")
    add("--method", choices=METHODS, default="sparse_flow",
        help="what compares two images (default: sparse_flow)")
    add("--height", type=at_least(32, int), default=HEIGHT, metavar="PX",
        help=f"lines that larger images are shrunk to first (default: {HEIGHT})")
    add("--detections", type=Path, metavar="DIR", help="folder of <sequence>.txt, to mask these")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--workers", type=at_least(1, int), metavar="N", help="processes (default: one per core)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, estimate, report."""
    args = parse_args()
    sequences = SequenceSet.of_tree(args.images, patterns=args.sequences)
    with tqdm(desc="sequences", total=len(sequences.names), disable=None) as bar:
        for watched in estimate_folder(
            sequences,
            args.output,
            method=args.method,
            height=args.height,
            detections=args.detections,
            workers=args.workers,
        ):
            bar.update()
            if watched.frames is None:
                bar.write(f"{watched.name}: already there")
                continue
            bar.write(f"{watched.name}: {watched.frames} frames")
            if watched.blind:
                warn(
                    f"note: {watched.name}: {watched.blind} frames tell too little; the camera is "
                    "taken to stand there"
                )
    print(f"camera motion in {args.output}")


if __name__ == "__main__":
    run(main)
