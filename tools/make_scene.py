"""Make up a scene from a seed: detections and ground truth in MOTChallenge's form, no images.

  python tools/make_scene.py --output runs/scene --people 12 --frames 300

OUTPUT gets gt/<name>/{gt/gt.txt,seqinfo.ini} and detections/<name>.txt.
"""

import argparse
import re
from pathlib import Path

from yolox.cli import Parser, at_least, run
from yolox.data.synthetic import make_scene
from yolox.formats.mot import (
    SequenceInfo,
    write_detections,
    write_ground_truth,
    write_sequence_info,
)
from yolox.structures import InputError


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    add("--name", default="scene", help="name of the sequence (default: scene)")
    add("--people", type=at_least(1, int), default=12, metavar="N", help="identities (default: 12)")
    add("--frames", type=at_least(1, int), default=300, metavar="N", help="length (default: 300)")
    add("--seed", type=at_least(0, int), default=0, metavar="N", help="of the scene (default: 0)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, generate, write."""
    args = parse_args()
    if not re.fullmatch(r"[\w.+-]*\w[\w.+-]*", args.name):
        raise InputError(f"--name is {args.name!r}; give letters, digits and . + - _")
    scene = make_scene(args.people, args.frames, seed=args.seed)
    truth = args.output / "gt" / args.name
    info = SequenceInfo(args.name, scene.length, scene.width, scene.height, scene.frame_rate)
    write_sequence_info(truth / "seqinfo.ini", info)
    write_ground_truth(truth / "gt" / "gt.txt", scene.truth)
    write_detections(args.output / "detections" / f"{args.name}.txt", scene.detections)
    print(
        f"{args.name}: {args.people} people, {scene.length} frames, "
        f"{len(scene.detections)} detections in {args.output}"
    )


if __name__ == "__main__":
    run(main)
