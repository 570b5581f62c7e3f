"""How long networks of this project take for an image, from its pixels to raw predictions.

  python benchmarks/inference.py --model nano s x --size 800 1440 --batch 1 8 --device cuda

Weights are random, which takes no other time; the norms are folded in, channels last, with a fused
ReID head. `network` is the network alone, pass after pass without a wait in between. `image` is
what the pipeline waits for: 8-bit pixels to the device, normalising and the network, batch by
batch. Medians of rounds of half a second. Reading, fitting and suppression are not in it: see
pipeline.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import torch
from device import PRECISIONS, describe, finish, set_up
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.engine.detector import NetworkDetector, Prepared
from yolox.engine.distributed import join_world
from yolox.engine.run_log import peak_memory
from yolox.models.build import SIZES, ReIDOptions
from yolox.structures.preprocessing import LEGACY, Letterbox

ROUND_SECONDS = 0.5


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--model", nargs="+", choices=list(SIZES), default=["nano", "s"], metavar="NAME",
        help=f"of {', '.join(SIZES)} (default: nano s)")
    add("--size", nargs=2, type=at_least(32, int), default=[800, 1440], metavar=("H", "W"),
        help="network input, multiples of 32 (default: 800 1440)")
    add("--batch", nargs="+", type=at_least(1, int), default=[1], metavar="N",
        help="images at once (default: 1)")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="where to run (default: cpu)")
    add("--precision", nargs="+", choices=PRECISIONS, metavar="TYPE",
        help=f"of {', '.join(PRECISIONS)} (default: fp32, on cuda all)")
    add("--search", action="store_true", help="let cuDNN look for its fastest way")
    add("--compile", action="store_true", help="let torch.compile make a program of the network")
    add("--rounds", type=at_least(1, int), default=5, metavar="N", help="(default: 5)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Time network after network and print the table."""
    args = parse_args()
    device = join_world(args.device).device
    precisions = args.precision or (PRECISIONS if device.type == "cuda" else ("fp32",))
    print(describe(device))
    plan = [(name, precision) for name in args.model for precision in precisions]
    rows = []
    for name, precision in tqdm(plan, unit="network", disable=None):
        set_up(precision, search=args.search)
        detector = make_detector(name, precision, args, device)
        rows += [measure(detector, name, precision, batch, args.rounds) for batch in args.batch]
    height, width = args.size
    print(f"{height} × {width}; ms an image\n")
    print(tabulate(rows, headers="keys", tablefmt="github", floatfmt=".2f"))


def make_detector(
    name: str, precision: str, args: argparse.Namespace, device: torch.device
) -> NetworkDetector:
    """Build a network as the tools do."""
    torch.manual_seed(0)
    model = SIZES[name](1, ReIDOptions("fused"))
    model.preprocessing = LEGACY
    own = "fp32" if precision == "tf32" else precision
    return NetworkDetector(
        model, tuple(args.size), device=device, precision=own, compiled=args.compile
    )


def measure(
    detector: NetworkDetector, name: str, precision: str, batch: int, rounds: int
) -> dict[str, object]:
    """Time one network at one batch."""
    device = detector.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    random = np.random.default_rng(0)
    shape = (*detector.size, 3)
    images = [
        Prepared(random.integers(0, 256, shape, np.uint8), Letterbox(1.0)) for _ in range(batch)
    ]
    dtype = next(detector.model.parameters()).dtype
    pixels = torch.rand(batch, 3, *detector.size, device=device)
    pixels = pixels.to(dtype, memory_format=detector.layout)

    def network() -> None:
        with torch.inference_mode():
            detector.run(pixels)

    alone = median(seconds_of(network, device, rounds)) / batch
    whole = median(seconds_of(lambda: detector.infer(images), device, rounds)) / batch
    return {
        "network": name,
        "precision": precision,
        "batch": batch,
        "network ms": 1e3 * alone,
        "image ms": 1e3 * whole,
        "images a second": 1 / whole,
        "GiB": peak_memory(),
    }


def seconds_of(work: Callable[[], object], device: torch.device, rounds: int) -> Iterator[float]:
    """Give the seconds that one call takes, round after round; the first calls warm up."""
    for _ in range(3):
        work()
    start = finish(device)
    work()
    passes = max(1, round(ROUND_SECONDS / (finish(device) - start)))
    for _ in range(rounds):
        start = finish(device)
        for _ in range(passes):
            work()
        yield (finish(device) - start) / passes


if __name__ == "__main__":
    run(main)
