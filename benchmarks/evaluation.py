"""Time the evaluation beside TrackEval, on the same tracks in one run.

  python benchmarks/evaluation.py --people 50 100 300 1000
  python benchmarks/evaluation.py --people --results runs/byte --gt datasets/mot/train --half val

The first scores what BYTE puts out on scenes drawn from a seed, the second a folder of results.
Both backends get the same arrays and take turns, pass after pass; the least CPU time of either
counts, which other load on the machine disturbs least. Memory is by how much scoring once raises
the peak of a process of its own that has scored a frame before. What that process holds already
stands apart: Python, the modules that a backend loads and the tracks (all on Linux). The largest
difference of any score, and of HOTA, DetA and AssA at any threshold, stands beside, in percentage
points or counts. Output is Markdown; progress goes to stderr.
"""

from __future__ import annotations

import os

# Before NumPy is loaded, because its libraries read these once.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import multiprocessing
import platform
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import cpu_model
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.data.synthetic import make_scene
from yolox.formats.mot import list_sequences
from yolox.metrics.tracking import (
    BACKENDS,
    Backend,
    ScoredSequence,
    evaluate,
    evaluate_with_curves,
    load_sequences,
)
from yolox.structures import InputError, TrackTable
from yolox.tracker.byte_tracker import ByteTrack

IMAGE = (1920, 1080)

Sequences = dict[str, ScoredSequence]


class Cost(NamedTuple):
    """What one backend takes: the least CPU seconds of a pass, MiB at its peak and before."""

    seconds: float
    memory: float
    before: float


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--people", type=at_least(1, int), nargs="*", default=[50, 100, 300, 1000], metavar="N",
        help="people of each drawn scene (default: 50 100 300 1000)")
    add("--frames", type=at_least(1, int), default=300, metavar="N",
        help="of each drawn scene (default: 300)")
    add("--seed", type=at_least(0, int), default=0, help="of the scenes (default: 0)")
    add("--passes", type=at_least(1, int), default=5, metavar="N", help="(default: 5)")
    add("--results", type=Path, metavar="DIR", help="folder of <sequence>.txt")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree of their ground truth")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of the ground truth that the results are of (default: all)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Time all scenes and print the table."""
    args = parse_args()
    rows = [row(title, scene, args.passes) for title, scene in scenes(args)]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy"))
    print(
        f"{cpu_model()}; Python {platform.python_version()}, {versions}, "
        f"trackeval {metadata.version('trackeval')}; one thread, least of {args.passes} passes\n"
    )
    print(tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True))


def scenes(args: argparse.Namespace) -> Iterator[tuple[str, Sequences]]:
    """Make or read what the command line asks for.

    Raises:
        InputError: It asks for nothing, or a file is missing or malformed.
    """
    if (args.results is None) != (args.gt is None):
        raise InputError("--results and --gt belong together; give both")
    if not args.people and args.results is None:
        raise InputError("there is nothing to score; give --people N or --results and --gt")
    for people in args.people:
        yield f"{people} people", draw(people, args.frames, args.seed)
    if args.results:
        names = list_sequences(args.results)
        yield args.results.name, load_sequences(args.gt, args.results, names, args.half)


def draw(people: int, frames: int, seed: int) -> Sequences:
    """Draw a scene, whose people are the smaller the more there are, and track it by BYTE."""
    width, height = IMAGE
    tallest = 400 * (10 / people) ** 0.5
    scene = make_scene(people, frames, width=width, height=height, tallest=tallest, seed=seed)
    tracker = ByteTrack()
    tracks = TrackTable.from_frames(
        tracker.update(scene.detections.at(frame)) for frame in range(1, frames + 1)
    )
    return {"walk": ScoredSequence(scene.truth, tracks, frames)}


def row(title: str, scene: Sequences, passes: int) -> dict[str, str]:
    """Let both backends take turns on a scene, and lay the outcome out."""
    seconds: dict[Backend, list[float]] = {backend: [] for backend in BACKENDS}
    for _ in tqdm(range(passes), title, unit="pass", leave=False, disable=None):
        for backend, taken in seconds.items():
            taken.append(time_pass(scene, backend))
    fast, library = (Cost(min(seconds[backend]), *memory(scene, backend)) for backend in BACKENDS)
    return {
        "scene": title,
        "frames": str(sum(sequence.length for sequence in scene.values())),
        "tracked boxes": str(sum(len(sequence.tracks) for sequence in scene.values())),
        "fast, ms": f"{1000 * fast.seconds:.1f}",
        "trackeval, ms": f"{1000 * library.seconds:.0f}",
        "times as fast": f"{library.seconds / fast.seconds:.1f}",
        "fast, MiB": f"{fast.memory:.1f}",
        "trackeval, MiB": f"{library.memory:.1f}",
        "share of memory": f"{fast.memory / max(library.memory, 1e-9):.3f}",
        "before fast, MiB": f"{fast.before:.0f}",
        "before trackeval, MiB": f"{library.before:.0f}",
        "largest difference": f"{difference(scene):.1e}",
    }


def time_pass(scene: Sequences, backend: Backend) -> float:
    """Give the CPU seconds of scoring once."""
    start = time.process_time()
    evaluate(scene, backend=backend)
    return time.process_time() - start


def memory(scene: Sequences, backend: Backend) -> tuple[float, float]:
    """Give the MiB of scoring and those held before, as `weigh`, in a process of its own."""
    # A fresh one: a fork would start with memory that this process has used and freed.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(weigh, (scene, backend))


def difference(scene: Sequences) -> float:
    """Give the largest difference of a score, or of a curve at a threshold."""
    (ours, curves), (theirs, their_curves) = (
        evaluate_with_curves(scene, backend=backend) for backend in BACKENDS
    )
    scores = [
        abs(ours[name][key] - value) for name in theirs for key, value in theirs[name].items()
    ]
    points = [
        float(np.abs(np.subtract(curves[name][key], curve)).max())
        for name in theirs
        for key, curve in their_curves[name].items()
    ]
    return max(scores + points)


def weigh(scene: Sequences, backend: Backend) -> tuple[float, float]:
    """Give the MiB by which scoring raises the peak of this process, and what it holds before."""
    first = {
        name: ScoredSequence(truth.cut(1, 1), tracks.cut(1, 1), 1)
        for name, (truth, tracks, _) in scene.items()
    }
    evaluate(first, backend=backend)
    # From here on the peak is told anew: what a backend held before would hide what it takes.
    Path("/proc/self/clear_refs").write_text("5")
    before = held_memory("VmRSS")
    evaluate(scene, backend=backend)
    return held_memory("VmHWM") - before, before


def held_memory(field: str) -> float:
    """Give the MiB that this process holds (VmRSS) or held at most (VmHWM), as Linux tells.

    `resource` would tell the peak of the process that started this one, if that is more.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


if __name__ == "__main__":
    run(main)
