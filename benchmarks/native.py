"""Time the C++ tracker beside compiled peers, from a NumPy array to the library's own result.

  python benchmarks/native.py --people 10 50 100 300 1000 --passes 20 --json runs/native.json
  python benchmarks/native.py --people --detections DIR --gt datasets/mot/train --half val

Scenes, peers and clocks are those of `compare.py`: all take turns, pass after pass and each pass
with a fresh tracker, on one core. A time is that of the fastest pass, a ratio the median over the
passes of a tracker's time by that of `byte-native` in the same pass. CoverTrack finds the camera's
motion by itself, from the boxes. Output is Markdown.
"""

from __future__ import annotations

import os

# Before NumPy is loaded, because its libraries read these once.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import gc
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from compare import (
    NATIVE,
    Scene,
    Time,
    describe_machine,
    find_contenders,
    generate_scene,
    read_scene,
    time_pass,
)
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.formats.atomic import write_whole
from yolox.structures import DetectionTable, InputError
from yolox.tracker import Tracker, native_trackers
from yolox.tracker.native import is_built

CONTENDERS = (
    NATIVE,
    "covertrack-native",
    "pyxtrackers-byte",
    "visiontrack-byte",
    "ioutrack-byte",
    "edgefirst-byte",
    "byte",
)
AT_ONCE = "{}-native, the sequence at once"


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--people", type=at_least(1, int), nargs="*", default=[10, 50, 100, 300, 1000],
        metavar="N", help="people in each generated scene (default: 10 50 100 300 1000)")
    add("--frames", type=at_least(1, int), default=300, metavar="N",
        help="of a generated scene (default: 300)")
    add("--seed", type=at_least(0, int), default=0, metavar="N",
        help="of the generated scenes (default: 0)")
    add("--detections", type=Path, metavar="DIR", help="folder of <sequence>.txt, one more scene")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree that belongs to --detections")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each of its sequences, by ByteTrack's rule (default: all)")
    add("--passes", type=at_least(1, int), default=20, metavar="N",
        help="timed passes after one to warm up (default: 20)")
    add("--slow-passes", type=at_least(1, int), default=3, metavar="N",
        help="for a tracker that takes a second or more for a scene (default: 3)")
    add("--json", type=Path, metavar="FILE", help="write the seconds of every pass there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, measure, print."""
    args = parse_args()
    if not is_built():
        raise InputError("the C++ tracker is not built; run python setup.py build_ext --inplace")
    contenders, absent = find_contenders(CONTENDERS)
    about = describe_machine(contenders)
    scenes = {str(count): generate_scene(count, args.frames, args.seed) for count in args.people}
    if args.detections:
        scenes[f"{args.detections.name}, {args.half}"] = read_scene(
            args.detections, args.gt, args.half
        )
    passes: dict[str, dict[str, list[Time]]] = {}
    for title, scene in tqdm(scenes.items(), disable=None):
        ways: dict[str, Callable[[Scene], Time]] = {
            AT_ONCE.format(name): partial(time_at_once, tracker)
            for name, tracker in native_trackers().items()
        }
        for name, contender in contenders.items():
            ways[name] = partial(time_pass, contender)
        passes[title] = take_turns(ways, scene, args.passes, args.slow_passes)
    print(f"{'; '.join(f'{key} {value}' for key, value in about.items())}\n")
    if absent:
        print(f"Not installed: {', '.join(absent)}.\n")
    print(format_times(passes, {title: scene.length for title, scene in scenes.items()}))
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"about": about, "seconds": passes}, file, indent=2)


def take_turns(
    ways: dict[str, Callable[[Scene], Time]], scene: Scene, passes: int, slow_passes: int
) -> dict[str, list[Time]]:
    """Time every way `passes` times, the slow ones less often."""
    slow = {name for name, way in ways.items() if way(scene).least >= 1}
    times: dict[str, list[Time]] = {name: [] for name in ways}
    for turn in range(passes):
        for name, way in ways.items():
            if name not in slow or turn < slow_passes:
                times[name].append(way(scene))
    return times


def time_at_once(algorithm: type[Tracker], scene: Scene) -> Time:
    """Time one pass with one call for each clip."""
    wall = cpu = 0.0
    for clip in scene.clips:
        table = _as_table(clip.frames)
        tracker = algorithm()
        gc.collect()
        cpu_began, wall_began = time.process_time(), time.perf_counter()
        tracker.update_all(table, len(clip.frames))
        wall += time.perf_counter() - wall_began
        cpu += time.process_time() - cpu_began
    return Time(wall, cpu)


def format_times(passes: dict[str, dict[str, list[Time]]], frames: dict[str, int]) -> str:
    """Lay out microseconds a frame, and the ratios to the C++ tracker, as Markdown."""
    names = list(next(iter(passes.values())))
    micros = [
        [name, *(f"{least_micros(passes[t][name], frames[t]):.1f}" for t in passes)]
        for name in names
    ]
    ratios = [
        [name, *(f"{ratio(passes[t][name], passes[t][NATIVE]):.2f}" for t in passes)]
        for name in names
    ]
    align = ["left", *["right"] * len(passes)]
    tables = [
        tabulate(rows, [head, *passes], "pipe", colalign=align, disable_numparse=True)
        for head, rows in (("µs a frame", micros), (f"× {NATIVE}", ratios))
    ]
    return "\n\n".join(tables)


def least_micros(times: list[Time], frames: int) -> float:
    """Give the microseconds a frame of the fastest pass."""
    return 1e6 * min(taken.least for taken in times) / frames


def ratio(times: list[Time], reference: list[Time]) -> float:
    """Give the median over the passes of the time by the reference's in the same pass."""
    pairs = zip(times, reference, strict=False)  # a slow one has fewer passes
    return median(taken.least / other.least for taken, other in pairs)


def _as_table(frames: list[np.ndarray]) -> DetectionTable:
    rows = np.concatenate(frames)
    return DetectionTable(
        frames=np.repeat(np.arange(1, len(frames) + 1), [len(frame) for frame in frames]),
        boxes=np.ascontiguousarray(rows[:, :4]),
        scores=np.ascontiguousarray(rows[:, 4]),
        class_ids=np.zeros(len(rows), dtype=np.int64),
    )


if __name__ == "__main__":
    run(main)
