"""Make up sequences from a seed: images, ground truth, detections and camera motion.

  python tools/make_synthetic.py --output datasets/synthetic --preset street crowd --sequences 4
  python tools/make_synthetic.py --output runs/scene --frames 300 --no-images

OUTPUT gets MOT17's folders, <split>/<name>/{img1,gt,det,seqinfo.ini}, and for every sequence
detections/<split>/<name>.txt, which tools/track.py takes, and camera_motion/<split>/<name>.txt,
whose rows frame a11 a12 tx a21 a22 ty are the warps from the previous frame.

Each sequence has a seed of its own and is named after it: street-000, street-001, crowd-002. The
same seed gives the same pixels; street, low_fps and moving_camera of the same seed show the same
people, so give a validation split other seeds. A run that was stopped goes on where it was when it
is started again.

presets, each hard in one way of its own:
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.data.synthetic import PRESETS, make_scene
from yolox.data.synthetic.writing import Written, is_written, write_sequence


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    listed = "\n".join(
        f"  {name}: {preset.purpose} ({preset.people} people, {preset.frame_rate:g} fps)"
        for name, preset in PRESETS.items()
    )
    parser = Parser(description=__doc__ + listed)
    add = parser.add_argument
    # fmt: off
    add("--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    add("--preset", nargs="+", choices=list(PRESETS), default=["street"], metavar="NAME",
        help="one or more of the presets above (default: street)")
    add("--sequences", type=at_least(1, int), default=1, metavar="N", help="a preset (default: 1)")
    add("--frames", type=at_least(1, int), default=300, metavar="N", help="each (default: 300)")
    add("--people", type=at_least(1, int), metavar="N", help="identities (default: the preset's)")
    add("--width", type=int, default=960, metavar="PX", help="of the images (default: 960)")
    add("--height", type=int, default=540, metavar="PX", help="of the images (default: 540)")
    add("--seed", type=at_least(0, int), default=0, metavar="S", help="of the first (default: 0)")
    add("--split", default="train", metavar="NAME", help="folder of the sequences (default: train)")
    add("--no-images", action="store_true", help="draw nothing: thousands of frames a second")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, generate, write, report."""
    args = parse_args()
    presets = [preset for preset in dict.fromkeys(args.preset) for _ in range(args.sequences)]
    jobs = list(enumerate(presets, start=args.seed))
    report = []
    with tqdm(total=len(jobs) * args.frames, unit="frame", disable=None) as bar:
        for seed, preset in jobs:
            name = f"{preset}-{seed:03d}"
            bar.set_description(name)
            size = {"width": args.width, "height": args.height}
            scene = make_scene(args.people, args.frames, preset=preset, seed=seed, **size)
            options = {"split": args.split, "images": not args.no_images}
            if is_written(scene, name, args.output, **options):
                report.append(f"{name}: already there")
            else:
                written = write_sequence(scene, name, args.output, on_frame=bar.update, **options)
                report.append(describe(written))
            bar.update((len(report) * args.frames) - bar.n)
    print("\n".join(report))


def describe(written: Written) -> str:
    """Sum a sequence up in a line."""
    speed = f", drawn at {written.frames / written.seconds:.0f} a second" if written.seconds else ""
    return (
        f"{written.name}: {written.people} people, {written.frames} frames, "
        f"{written.boxes} boxes{speed}"
    )


if __name__ == "__main__":
    run(main)
