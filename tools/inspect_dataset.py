"""Look at a converted data set before a day of training: numbers, histograms, boxes in images.

  python tools/inspect_dataset.py datasets/mot/annotations/train_half.json --output runs/inspect

OUTPUT gets histograms.png, samples/ (images with track ids and visibility; who has no id is white)
and pictures/ (what training sees: mosaic and mixup). Images that cannot be read are left grey and
named. What looks wrong is named at the end: boxes outside their images, ids that are new in each
frame, width and height exchanged, boxes that stand twice. Crowd regions are not shown.
"""

import argparse
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run, warn
from yolox.data.annotations import read_annotations
from yolox.data.dataset import MOTDataset
from yolox.data.mosaic import Augmentation
from yolox.data.statistics import by_video, oddities
from yolox.data.training import TrainingView
from yolox.engine.inspection import (
    draw_pictures,
    draw_samples,
    draw_statistics,
    unreadable_images,
)
from yolox.structures import InputError

MOST_NAMED = 20


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("annotations", type=Path, metavar="JSON", help="what tools/convert_dataset.py wrote")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the pictures")
    add("--images", type=Path, metavar="DIR", help="folder of the images (default: the JSON's)")
    add("--samples", type=at_least(0, int), default=8, metavar="N",
        help="images to draw, evenly spread (default: 8)")
    add("--pictures", type=at_least(0, int), default=4, metavar="N",
        help="training pictures to draw (default: 4)")
    add("--size", type=at_least(32, int), nargs=2, default=[800, 1440], metavar=("H", "W"),
        help="of training pictures (default: 800 1440)")
    add("--clip", action="store_true",
        help="cut boxes at the border in training pictures, as MOT20 is trained")
    add("--seed", type=at_least(0, int), default=0, metavar="N", help="of them (default: 0)")
    add("--check-images", action="store_true",
        help="read every image first; exit with 2 if one is bad")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, print, draw."""
    args = parse_args()
    annotations = read_annotations(args.annotations, args.images)
    print(tabulate(by_video(annotations), headers="keys", tablefmt="simple"))
    print(
        f"\n{len(annotations)} images, {len(annotations.objects.boxes)} boxes, "
        f"{annotations.num_identities} identities, classes {', '.join(annotations.class_names)}"
    )
    faults = []
    if args.check_images:
        bar = tqdm(range(len(annotations)), "reading", unit="image", disable=None)
        faults = unreadable_images(annotations, bar)
        print(f"{len(annotations) - len(faults)} of {len(annotations)} images can be read")
    draw_statistics(args.output / "histograms.png", str(args.annotations), annotations)
    how = Augmentation(clip=args.clip)
    view = TrainingView(MOTDataset(annotations), how, seed=args.seed, on_error="skip")
    unread = draw_samples(args.output / "samples", annotations, args.samples)
    unread += draw_pictures(args.output / "pictures", view, tuple(args.size), args.pictures)
    print(f"pictures in {args.output}")
    for note in oddities(annotations) + list(dict.fromkeys(faults or unread))[:MOST_NAMED]:
        warn(f"note: {note}")
    if faults:
        raise InputError(f"{len(faults)} of {len(annotations)} images are bad, see above")


if __name__ == "__main__":
    run(main)
