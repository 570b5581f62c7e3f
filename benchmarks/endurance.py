"""Does BYTE stay as fast and as small as it was? Time and memory over a very long video.

  python benchmarks/endurance.py --frames 100000 --people 50 --json runs/endurance.json

The video is a generated scene played to and fro, so that the number of people stays as it is. Each
tracker has a process of its own. A time is the median over the first or the last tenth of the
frames; memory is the most that the process held by the end of the first tenth, and of the video.
Output is Markdown.
"""

from __future__ import annotations

import os

# Before NumPy is loaded, because its libraries read these once.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import multiprocessing
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from compare import NATIVE, REFERENCE, describe_machine, find_contenders, generate_scene
from evaluation import held_memory
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.formats.atomic import write_whole
from yolox.structures import InputError
from yolox.tracker.native import is_built

SCENE_FRAMES = 300


class Endured(NamedTuple):
    """Microseconds a frame and MiB, at first and at last, and how many tracks there were."""

    first_micros: float
    last_micros: float
    first_mib: float
    last_mib: float
    tracks: int


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--frames", type=at_least(10, int), default=100_000, metavar="N",
        help="of the video (default: 100000)")
    add("--people", type=at_least(1, int), default=50, metavar="N", help="in it (default: 50)")
    add("--trackers", nargs="+", default=[NATIVE, REFERENCE], metavar="NAME",
        help=f"own ones or peers, as compare.py names them (default: {NATIVE} {REFERENCE})")
    add("--json", type=Path, metavar="FILE", help="write every number there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, measure, print."""
    args = parse_args()
    if NATIVE in args.trackers and not is_built():
        raise InputError("the C++ tracker is not built; run python setup.py build_ext --inplace")
    contenders, absent = find_contenders(args.trackers)
    about = describe_machine(contenders)
    print(f"{'; '.join(f'{key} {value}' for key, value in about.items())}\n")
    if absent:
        print(f"Not installed: {', '.join(absent)}.\n")
    endured = {}
    for name in tqdm(contenders, disable=None):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            endured[name] = pool.apply(endure, (name, args.people, args.frames))
    print(f"{args.frames} frames, {args.people} people\n\n{format_endured(endured)}")
    if args.json:
        numbers = {name: one._asdict() for name, one in endured.items()}
        with write_whole(args.json) as file:
            video = {"frames": args.frames, "people": args.people}
            json.dump({"about": about, **video, "trackers": numbers}, file, indent=2)


def endure(name: str, people: int, frames: int) -> Endured:
    """Let a tracker see the whole video."""
    (clip,) = generate_scene(people, SCENE_FRAMES, seed=0).clips
    to_and_fro = clip.frames + clip.frames[-2:0:-1]
    session = find_contenders([name])[0][name].start()
    seconds = np.empty(frames)  # all its memory before the first frame
    seconds.fill(0)
    tenth, first_mib, largest = frames // 10, 0.0, 0
    for frame in range(frames):
        rows = to_and_fro[frame % len(to_and_fro)]
        began = time.perf_counter()
        result = session.update(rows)
        seconds[frame] = time.perf_counter() - began
        largest = max(largest, int(session.read(result)[0].max(initial=0)))
        if frame + 1 == tenth:
            first_mib = held_memory("VmHWM")
    return Endured(
        1e6 * float(np.median(seconds[:tenth])),
        1e6 * float(np.median(seconds[-tenth:])),
        first_mib,
        held_memory("VmHWM"),
        largest,
    )


def format_endured(endured: dict[str, Endured]) -> str:
    """Lay it out as Markdown."""
    heads = ["tracker", "µs a frame, first tenth", "last tenth", "ratio"]
    heads += ["MiB, first tenth", "at the end", "growth, KiB", "tracks"]
    rows = [
        [
            name,
            f"{one.first_micros:.1f}",
            f"{one.last_micros:.1f}",
            f"{one.last_micros / one.first_micros:.3f}",
            f"{one.first_mib:.1f}",
            f"{one.last_mib:.1f}",
            f"{1024 * (one.last_mib - one.first_mib):.0f}",
            one.tracks,
        ]
        for name, one in endured.items()
    ]
    align = ["left", *["right"] * (len(heads) - 1)]
    return tabulate(rows, heads, "pipe", colalign=align, disable_numparse=True)


if __name__ == "__main__":
    run(main)
