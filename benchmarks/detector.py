"""Time our network beside the public YOLOX, which you check out yourself, in one run.

  git clone https://github.com/Megvii-BaseDetection/YOLOX ../YOLOX
  python benchmarks/detector.py --yolox ../YOLOX --json runs/detector.json

Without --yolox only ours is measured. Each side has a process of its own with as many threads, and
they take turns: one training step, or inference for 0.4 seconds. Both have the same weights, images
and boxes, drawn from a seed; before the timing their losses and outputs are compared. A training
step is forward, losses and backward in training mode, without an optimiser. The public side runs as
its own trainer and tools run it (NCHW; inference as it is and with its `fuse_model`), ours with
channels last and, for inference, `fuse`, decoding and sigmoid included in both. A further row has
the public network with channels last, which its tools do not set. A ratio is the
median over the rounds of the public side's time by ours in the same round: above 1 ours is faster.
Output is Markdown; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch
from detector_worker import SIZES, Job
from machine import cpu_model
from tabulate import tabulate
from tqdm import tqdm
from worker import Worker

import yolox
from yolox.cli import Parser, at_least, run
from yolox.formats.atomic import write_whole

OURS, PUBLIC = "ours", "public"
PARTS = ("forward", "loss", "backward")
KINDS = ("wall", "cpu")


class Model(NamedTuple):
    """A network and the side of its square input."""

    size: str
    pixels: int


class Contender(NamedTuple):
    """One row of a table: whose network, and in which variant (`detector_worker.Job`)."""

    side: str
    variant: str

    @property
    def name(self) -> str:
        """What the row is called."""
        return self.side if self.variant == "plain" else f"{self.side}, {self.variant}"


class Outcome(NamedTuple):
    """What came of one job: seconds by what they went to, round after round, by contender."""

    job: Job
    times: dict[Contender, list[dict[str, float]]]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--yolox", type=Path, metavar="DIR", help="a checkout of the public YOLOX")
    add("--train", type=_model, nargs="*", default=[Model("s", 416)], metavar="SIZE:PIXELS",
        help="networks to train (default: s:416)")
    add("--batch", type=at_least(1, int), default=8, metavar="N",
        help="images of a training step (default: 8)")
    add("--objects", type=at_least(0, int), nargs="+", default=[20, 100], metavar="N",
        help="objects in each of them (default: 20 100)")
    add("--infer", type=_model, nargs="*", default=[Model("nano", 416), Model("s", 640)],
        metavar="SIZE:PIXELS", help="networks to time at batch 1 (default: nano:416 s:640)")
    add("--rounds", type=at_least(1, int), default=10, metavar="N",
        help="timed rounds after one to warm up (default: 10)")
    add("--threads", type=at_least(1, int), default=2, metavar="N",
        help="threads of each side (default: 2)")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="where to run (default: cpu)")
    add("--precision", choices=("fp32", "bf16"), nargs="+", metavar="TYPE",
        help="fp32 or, by autocast on both sides, bf16 (default: fp32, on cuda both)")
    add("--compile", action="store_true", help="time ours with torch.compile as well")
    add("--json", type=Path, metavar="FILE", help="write every number there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, then check, measure and print job after job."""
    args = parse_args()
    precisions = args.precision or (["fp32", "bf16"] if args.device == "cuda" else ["fp32"])
    report = []
    with start_workers(args) as workers:
        about = describe_machine(args)
        print(f"{'; '.join(f'{key} {value}' for key, value in about.items())}\n")
        agreement = compare(workers, args) if args.yolox else {}
        if agreement:
            print(format_agreement(agreement), flush=True)
        for job in plan(args, precisions):
            contenders = find_contenders(job, workers, args.compile)
            outcome = take_turns(job, contenders, workers, args.rounds)
            print(format_outcome(outcome), flush=True)
            report.append(as_json(outcome))
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"about": about, "agreement": agreement, "jobs": report}, file, indent=2)


@contextmanager
def start_workers(args: argparse.Namespace) -> Iterator[dict[str, Worker]]:
    """Start a process for each side; they end with the context.

    Raises:
        ChildProcessError: The checkout cannot be imported.
    """
    sides = {OURS: "ours"}
    if args.yolox:
        sides[PUBLIC] = str(args.yolox.resolve())
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        # Our side first: it draws the weights that the other reads.
        yield {
            side: stack.enter_context(
                closing(
                    Worker(side, "detector_worker.py", [what, folder, args.device, args.threads])
                )
            )
            for side, what in sides.items()
        }


def plan(args: argparse.Namespace, precisions: Sequence[str]) -> Iterator[Job]:
    """List what is to be timed."""
    for precision in precisions:
        for size, pixels in args.train:
            for objects in args.objects:
                yield Job("train", size, pixels, args.batch, objects, precision)
        for size, pixels in args.infer:
            yield Job("infer", size, pixels, 1, 0, precision)


def find_contenders(job: Job, workers: dict[str, Worker], compiled: bool) -> list[Contender]:
    """List who takes part in a job, ours first."""
    own = "fused" if job.task == "infer" else "plain"
    contenders = [Contender(OURS, own)]
    if compiled:
        contenders.append(Contender(OURS, "compiled"))
    if PUBLIC in workers:
        contenders.append(Contender(PUBLIC, "plain"))
        if job.task == "infer":
            contenders.append(Contender(PUBLIC, "fused"))
        # Not how its tools run it: tells how much of a lead is the memory order's.
        own_order = "fused, channels last" if job.task == "infer" else "channels last"
        contenders.append(Contender(PUBLIC, own_order))
    return contenders


def take_turns(
    job: Job, contenders: Sequence[Contender], workers: dict[str, Worker], rounds: int
) -> Outcome:
    """Let every contender do the job, round after round; the first round warms up."""
    times: dict[Contender, list[dict[str, float]]] = {contender: [] for contender in contenders}
    for done in tqdm(range(rounds + 1), desc=_title(job), leave=False, disable=None):
        for contender in contenders:
            taken = workers[contender.side].ask(job._replace(variant=contender.variant))
            if done:
                times[contender].append(taken)
    return Outcome(job, times)


def compare(workers: dict[str, Worker], args: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Compute losses and outputs of both sides with equal weights, images and boxes.

    Returns:
        By name of the network and number of objects: each loss of both sides, the largest
        difference of any output, and the largest output.
    """
    agreement = {}
    jobs = [
        Job("check", size, pixels, 2, objects)
        for size, pixels in dict.fromkeys([*args.train, *args.infer])
        for objects in args.objects
    ]
    for job in tqdm(jobs, desc="comparing", leave=False, disable=None):
        losses = {side: worker.ask(job) for side, worker in workers.items()}
        ours, public = (
            torch.load(losses[side].pop("file"), map_location="cpu") for side in (OURS, PUBLIC)
        )
        agreement[f"{job.size} at {job.pixels}, {job.objects} objects"] = {
            "losses": losses,
            "output difference": float((ours - public).abs().max()),
            "output": float(public.abs().max()),
        }
    return agreement


def describe_machine(args: argparse.Namespace) -> dict[str, str]:
    """Say on what and with which versions the numbers were made."""
    device = torch.cuda.get_device_name() if args.device == "cuda" else f"{args.threads} threads"
    about = {
        "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
        "CPU": cpu_model(),
        "device": f"{args.device} ({device})",
        "Python": platform.python_version(),
        "torch": torch.__version__,
        "bytetrack-reid": yolox.__version__,
    }
    if args.yolox:
        about["YOLOX"] = _commit(args.yolox)
    return about


def format_agreement(agreement: dict[str, dict[str, Any]]) -> str:
    """Lay the comparison out as Markdown."""
    names = list(next(iter(agreement.values()))["losses"][OURS])
    headers = ["losses: ours / public", *names, "output, largest difference (of)"]
    rows = []
    for title, found in agreement.items():
        ours, public = found["losses"][OURS], found["losses"][PUBLIC]
        both = [f"{ours[name]:.6g} / {public[name]:.6g}" for name in names]
        rows.append([title, *both, f"{found['output difference']:.1e} ({found['output']:.3g})"])
    return f"### Same results\n\n{_table(rows, headers)}\n"


def format_outcome(outcome: Outcome) -> str:
    """Lay a job's times out as Markdown."""
    parts = PARTS if outcome.job.task == "train" else ()
    references = [
        contender
        for contender in outcome.times
        if contender.side == PUBLIC and "channels last" not in contender.variant
    ]
    headers = ["network", *(f"{part} ms" for part in parts), "ms", "least ms", "CPU ms"]
    headers += [f"{reference.name} ÷ this ({kind})" for reference in references for kind in KINDS]
    rows = []
    for contender, rounds in outcome.times.items():
        row = [contender.name]
        row += [_milliseconds(_median(rounds, part)) for part in (*parts, "wall")]
        row += [_milliseconds(min(taken["wall"] for taken in rounds))]
        row += [_milliseconds(_median(rounds, "cpu"))]
        for reference in references:
            row += [f"{ratio(outcome, reference, contender, kind):.2f}" for kind in KINDS]
        rows.append(row)
    return f"### {_title(outcome.job)}\n\n{_table(rows, headers)}\n"


def ratio(outcome: Outcome, reference: Contender, contender: Contender, kind: str) -> float:
    """Give the median over the rounds of the reference's time by the contender's."""
    pairs = zip(outcome.times[reference], outcome.times[contender], strict=True)
    return median(slow[kind] / fast[kind] for slow, fast in pairs)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Lay a job's outcome out with the times of every round."""
    references = [
        contender
        for contender in outcome.times
        if contender.side == PUBLIC and "channels last" not in contender.variant
    ]
    return {
        **outcome.job._asdict(),
        "contenders": {
            contender.name: {
                "seconds": rounds,
                "ratios": {
                    reference.name: {
                        kind: ratio(outcome, reference, contender, kind) for kind in KINDS
                    }
                    for reference in references
                },
            }
            for contender, rounds in outcome.times.items()
        },
    }


def _model(text: str) -> Model:
    size, _, pixels = text.partition(":")
    if size not in SIZES or not pixels.isdigit() or not int(pixels) or int(pixels) % 32:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no network; give {', '.join(SIZES)} and a multiple of 32, as in s:416"
        )
    return Model(size, int(pixels))


def _title(job: Job) -> str:
    what = f"{job.size} at {job.pixels} px, batch {job.batch}, {job.precision}"
    if job.task == "train":
        return f"Training step of {what}, {job.objects} objects an image"
    return f"Inference of {what}"


def _median(rounds: Sequence[dict[str, float]], part: str) -> float:
    return median(taken[part] for taken in rounds)


def _table(rows: Sequence[Sequence[str]], headers: Sequence[str]) -> str:
    align = ["left", *["right"] * (len(headers) - 1)]
    return tabulate(rows, headers, "pipe", colalign=align, disable_numparse=True)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}" if seconds >= 0.1 else f"{1000 * seconds:.1f}"


def _commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    with suppress(OSError, subprocess.CalledProcessError):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return "of an unknown commit"


if __name__ == "__main__":
    run(main)
