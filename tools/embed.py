r"""Embed stored detections by a ReID network that looks at crops: an ONNX file.

  python tools/embed.py --model osnet.onnx --detections DETECTIONS --images datasets/mot/train \
      --output runs/embeddings
  python tools/track.py --tracker botsort_reid --detections DETECTIONS \
      --embeddings runs/embeddings --output runs/botsort_reid

OUTPUT gets <sequence>.npy, a row of unit length for each row of <sequence>.txt; where it is the
folder of the detections, trackers find them by themselves. What the network expects is by default
RGB / 255 with ImageNet's mean and deviation. A run that was stopped goes on with the first sequence
that is not there.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run, warn
from yolox.engine.embedding_folder import embed_folder
from yolox.engine.sequence_set import SequenceSet
from yolox.formats.mot import list_sequences
from yolox.structures.preprocessing import LEGACY, Preprocessing


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--model", type=Path, required=True, metavar="FILE", help="ONNX: (B, 3, H, W) to (B, D)")
    add("--detections", type=Path, required=True, metavar="DIR", help="folder of <sequence>.txt")
    add("--images", type=Path, required=True, metavar="TREE", help="MOTChallenge tree with images")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for <sequence>.npy")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("--size", nargs=2, type=at_least(1, int), metavar=("H", "W"),
        help="of the network's input, where the file leaves it open")
    add("-b", "--batch-size", type=at_least(1, int), default=32, metavar="N",
        help="crops at once, where the file leaves it open (default: 32)")
    add("--channels", choices=("rgb", "bgr"), default=LEGACY.channels, help="(default: rgb)")
    add("--scale", type=float, default=LEGACY.scale, metavar="X",
        help="multiplies the pixels, 0 to 255 (default: 1/255)")
    add("--mean", nargs=3, type=float, default=LEGACY.mean, metavar="X",
        help="taken off each channel then (default: ImageNet's)")
    add("--std", nargs=3, type=at_least(1e-6, float), default=LEGACY.std, metavar="X",
        help="divides each channel then (default: ImageNet's)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, embed, report."""
    args = parse_args()
    convention = Preprocessing("reid", args.channels, args.scale, tuple(args.mean), tuple(args.std))
    names = list_sequences(args.detections, args.sequences)
    with tqdm(desc="frames", unit="frame", disable=None) as bar:
        for embedded in embed_folder(
            args.model,
            args.detections,
            SequenceSet(args.images, names, "all"),
            args.output,
            preprocessing=convention,
            size=tuple(args.size) if args.size else None,
            batch_size=args.batch_size,
            on_frame=bar.update,
        ):
            done = "already there" if embedded.rows is None else f"{embedded.rows} embeddings"
            bar.write(f"{embedded.name}: {done}")
            if embedded.outside:
                warn(
                    f"note: {embedded.name}: {embedded.outside} boxes have no pixel in the image; "
                    "they got the look of its nearest border"
                )
    print(f"embeddings in {args.output}")


if __name__ == "__main__":
    run(main)
