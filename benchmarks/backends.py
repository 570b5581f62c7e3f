r"""Time whatever runs a network on this CPU, one beside the other, each with its distance to torch.

  python benchmarks/backends.py --networks nano:416x416:yolox_nano_coco.onnx s:608x1088 \
      --json runs/backends.json

A network is SIZE:HxW with 80 classes and weights drawn from a seed, which are as fast as others, or
those of a file. Timed is the way from network input, one image in NumPy, to decoded rows of all
locations in NumPy; each backend has a process of its own, and they take turns of half a second.
Distances are to `torch`: the largest difference of any score, and of the boxes of the 100 likeliest
locations, relative to coordinates above 1. Output is Markdown; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import torch
from detector_worker import SEED, settle_norms
from machine import cpu_model
from tabulate import tabulate
from tqdm import tqdm
from worker import Worker

from yolox.cli import Parser, at_least, run
from yolox.engine.checkpoint import load_model
from yolox.engine.open_detector import read_weights
from yolox.export.drawn_inputs import draw_inputs
from yolox.export.ncnn_files import export_ncnn
from yolox.export.onnx_file import OnnxOptions, export_onnx
from yolox.formats.atomic import write_whole
from yolox.models.build import SIZES
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import CURRENT

REFERENCE = "torch"
# What each of the worker's backends needs beside torch.
NEEDS = {
    REFERENCE: (),
    "torch, fused, channels last": (),
    "torch, bf16": (),
    "ONNX Runtime": ("onnxruntime",),
    "OpenVINO": ("openvino",),
    "OpenVINO, bf16": ("openvino",),
    "ncnn": ("ncnn", "pnnx"),
    "ncnn, bf16": ("ncnn", "pnnx"),
    "OpenCV DNN": ("opencv-python",),
}
CLASSES = 80
LIKELIEST = 100


class Network(NamedTuple):
    """A size of YOLOX, its input, and a file of weights if they are not to be drawn."""

    size: str
    height: int
    width: int
    weights: Path | None

    @property
    def title(self) -> str:
        """What its table is called."""
        of = f"weights of {self.weights.name}" if self.weights else "weights drawn"
        return f"{self.size} at {self.height} × {self.width}, {of}"


class Outcome(NamedTuple):
    """What came of a backend: seconds of every turn, and how far it is from torch."""

    wall: list[float]
    cpu: list[float]
    score: float
    box: float


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--networks", type=_network, nargs="+", metavar="SIZE:HxW[:FILE]",
        default=[_network("nano:416x416"), _network("s:608x1088")],
        help="(default: nano:416x416 s:608x1088)")
    add("--backends", nargs="+", choices=list(NEEDS), metavar="NAME", default=list(NEEDS),
        help=f"some of {'; '.join(NEEDS)} (default: all); {REFERENCE} is always there")
    add("--threads", type=at_least(1, int), nargs="+", default=[1, 2], metavar="N",
        help="threads of each, one table for each number (default: 1 2)")
    add("--rounds", type=at_least(1, int), default=10, metavar="N", help="turns (default: 10)")
    add("--json", type=Path, metavar="FILE", help="write every number there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, export, measure, print."""
    args = parse_args()
    packages = dict.fromkeys(["torch", *(name for needs in NEEDS.values() for name in needs)])
    versions = {name: _version_of(name) for name in packages}
    absent = [name for name, version in versions.items() if not version]
    backends = [
        name
        for name, needs in NEEDS.items()
        if (name in args.backends or name == REFERENCE) and not set(needs) & set(absent)
    ]
    about = {
        "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
        "CPU": cpu_model(),
        "Python": platform.python_version(),
        **{name: version for name, version in versions.items() if version},
    }
    print(f"{'; '.join(f'{key} {value}' for key, value in about.items())}\n")
    if absent:
        print(f"Not installed: {', '.join(absent)}.\n")
    report = []
    for network in args.networks:
        with tempfile.TemporaryDirectory() as name:
            write_files(network, Path(name), backends)
            for threads in args.threads:
                outcomes = take_turns(Path(name), backends, threads, args.rounds)
                heading = f"{network.title}, {threads} thread{'s' if threads > 1 else ''}"
                print(f"### {heading}\n\n{format_outcomes(outcomes)}\n", flush=True)
                numbers = {name: one._asdict() for name, one in outcomes.items()}
                report.append({"title": heading, "threads": threads, "backends": numbers})
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"about": about, "tables": report}, file, indent=2)


def write_files(network: Network, folder: Path, backends: Sequence[str]) -> None:
    """Write a network in all the forms that the backends read, and its input.

    Raises:
        InputError: The weights do not fit, or a form says something else than torch.
    """
    torch.manual_seed(SEED)
    model = SIZES[network.size](CLASSES)
    if network.weights:
        load_model(model, read_weights(network.weights, model), preprocessing=CURRENT)
    else:
        settle_norms(model)
        model.preprocessing = CURRENT
        head = model.head
        with torch.no_grad():
            # Else sizes may be infinite, and every score 0 or 1.
            for layer in (*head.cls_preds, *head.obj_preds, *head.reg_preds):
                layer.weight *= 0.05
    model.eval()
    size = (network.height, network.width)
    print(f"exporting {network.title}", file=sys.stderr)
    torch.save(model, folder / "network.pth")
    export_onnx(folder / "network.onnx", model, size, OnnxOptions())
    if "ncnn" in " ".join(backends):
        export_ncnn(folder / "ncnn", model, size)
    (pixels,) = draw_inputs([size], [1], CURRENT)
    np.save(folder / "input.npy", pixels)


def take_turns(
    folder: Path, backends: Sequence[str], threads: int, rounds: int
) -> dict[str, Outcome]:
    """Let every backend run the network, round after round.

    Raises:
        ChildProcessError: One cannot.
    """
    with ExitStack() as stack:
        workers = {}
        for name in backends:
            words = [name, folder, threads]
            worker = Worker(name, "backends_worker.py", words, {"OMP_NUM_THREADS": str(threads)})
            workers[name] = stack.enter_context(closing(worker))
        rows = {name: np.load(worker.ask("rows")["file"]) for name, worker in workers.items()}
        outcomes = {
            name: Outcome([], [], *distances(rows[name], rows[REFERENCE])) for name in workers
        }
        for _ in tqdm(range(rounds), f"{threads} threads", leave=False, disable=None):
            for name, worker in workers.items():
                taken = worker.ask("time")
                outcomes[name].wall.append(taken["wall"])
                outcomes[name].cpu.append(taken["cpu"])
    return outcomes


def distances(said: Array, meant: Array) -> tuple[float, float]:
    """Give the largest difference of a score, and of a likely box's coordinate."""
    scores, of_torch = (rows[:, 4:5] * rows[:, 5:] for rows in (said, meant))
    likely = of_torch.max(axis=1).argsort()[-LIKELIEST:]
    apart = float(np.abs(scores - of_torch).max())
    boxes = np.abs(said - meant)[likely, :4] / np.maximum(1, np.abs(meant[likely, :4]))
    return apart, float(boxes.max())


def format_outcomes(outcomes: dict[str, Outcome]) -> str:
    """Lay the outcomes out as Markdown."""
    heads = ["backend", "ms", "least ms", "CPU ms", "frames/s", "torch ÷ this"]
    heads += ["largest difference: score", "box"]
    reference = outcomes[REFERENCE].wall
    rows = [
        [
            name,
            f"{1e3 * median(one.wall):.1f}",
            f"{1e3 * min(one.wall):.1f}",
            f"{1e3 * median(one.cpu):.1f}",
            f"{1 / median(one.wall):.1f}",
            f"{median(a / b for a, b in zip(reference, one.wall, strict=True)):.2f}",
            f"{one.score:.0e}" if one.score else "0",
            f"{one.box:.0e}" if one.box else "0",
        ]
        for name, one in outcomes.items()
    ]
    align = ["left", *["right"] * (len(heads) - 1)]
    return tabulate(rows, heads, "pipe", colalign=align, disable_numparse=True)


def _network(text: str) -> Network:
    found = re.fullmatch(r"(\w+):(\d+)x(\d+)(?::(.+))?", text)
    if found is None or found[1] not in SIZES or int(found[2]) % 32 or int(found[3]) % 32:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no network; give {', '.join(SIZES)} and multiples of 32: nano:416x416"
        )
    return Network(found[1], int(found[2]), int(found[3]), Path(found[4]) if found[4] else None)


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    run(main)
