"""Where the time of a training step goes.

  python benchmarks/training.py -f exps/example/synthetic/yolox_nano_reid.py -b 8 --precision bf16

The exp's data must be there; the run is a real one, in a folder that is removed afterwards. The
first batches are left out. Shares are of the time from the end of a batch to the end of the next;
logging and the end of epochs are not in it. A GPU works while the next thing is prepared: there the
speed is of batches that nobody looks into, and the parts are of as many further ones in which every
part waits for the GPU.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from device import PRECISIONS, describe, finish, set_up
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.engine import trainer as training
from yolox.engine.distributed import join_world
from yolox.engine.run_log import peak_memory
from yolox.engine.trainer import Progress, Stopped, Trainer
from yolox.exp import load_exp
from yolox.structures import InputError

WARM_UP = 10


class Measured(NamedTuple):
    """Seconds of batches: of each, of each in which data was waited for, of each by part."""

    whole: list[float]
    waited: list[float]
    watched: list[float]
    parts: dict[str, float]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-b", "--batch-size", type=at_least(1, int), default=8, metavar="N", help="(default: 8)")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="where to train (default: cpu)")
    add("--precision", choices=PRECISIONS, default="fp32", help="tf32: as PyTorch trains in single "
        "precision on a GPU; fp32: in all of its bits (default: fp32)")
    add("--search", action="store_true", help="let cuDNN look for its fastest way")
    add("--batches", type=at_least(1, int), default=100, metavar="N", help="(default: 100)")
    add("--threads", type=at_least(1, int), default=1, metavar="N", help="of torch (default: 1)")
    add("opts", nargs="*", metavar="KEY VALUE", help="settings to override")
    # fmt: on
    return parser.parse_args()


class Watch:
    """Adds up the seconds spent in functions that it was put around, once it is on."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.on = False
        self.seconds: dict[str, float] = defaultdict(float)

    def around(self, owner: Any, function: str, part: str) -> None:
        """Replace a function by itself with a clock."""
        inner: Callable[..., Any] = getattr(owner, function)

        def timed(*args: Any, **options: Any) -> Any:
            if not self.on:
                return inner(*args, **options)
            start = finish(self.device)
            try:
                return inner(*args, **options)
            finally:
                self.seconds[part] += finish(self.device) - start

        setattr(owner, function, timed)


def main() -> None:
    """Train some batches and print where the time went."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    set_up(args.precision, search=args.search)
    exp = load_exp(args.exp_file)
    exp.merge(args.opts)
    precision = "fp32" if args.precision == "tf32" else args.precision
    world = join_world(args.device)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            exp, Path(folder), batch_size=args.batch_size, world=world, precision=precision
        )
        measured = measure(trainer, args.batches)
    total, per_batch = sum(measured.watched), 1e3 / args.batches
    parts = {**measured.parts, "rest": total - sum(measured.parts.values())}
    rows = [(part, per_batch * spent, f"{spent / total:.1%}") for part, spent in parts.items()]
    core = ("forward", "loss", "backward", "optimiser")
    outside = sum(spent for part, spent in parts.items() if part not in core)
    print(describe(world.device))
    print(f"{exp.name}, batch {args.batch_size}, {args.precision}, {args.batches} batches\n")
    print(
        tabulate(rows, headers=["part", "ms a batch", "share"], floatfmt=".1f", tablefmt="github")
    )
    print(f"\noutside {', '.join(core)}: {outside / total:.1%}")
    whole = sum(measured.whole)
    print(
        f"{per_batch * whole:.1f} ms a batch, {args.batch_size * args.batches / whole:.1f} images "
        f"a second, data waited for {sum(measured.waited) / whole:.1%}, {peak_memory():.2f} GiB"
    )


def measure(trainer: Trainer, batches: int) -> Measured:
    """Train, and time the batches."""
    watch = Watch(trainer.device)
    apart = trainer.device.type == "cuda"
    whole: list[float] = []
    waited: list[float] = []
    watched: list[float] = []
    bar = tqdm(total=WARM_UP + batches * (1 + apart), unit="batch", disable=None)

    def note(progress: Progress) -> None:
        bar.update()
        done = progress.batch - WARM_UP
        seconds = progress.seconds
        if done in (0, batches):  # what the GPU has still to do belongs to what is over
            start = time.perf_counter()
            seconds += finish(trainer.device) - start
        if 0 < done <= batches:
            whole.append(seconds)
            waited.append(progress.waited)
        if watch.on:
            watched.append(seconds)
            watch.seconds["waiting for data"] += progress.waited
        watch.on = done >= batches * apart
        trainer.stop_requested = done >= batches * (1 + apart)

    trainer.on_batch = note
    trainer.save = lambda: None  # type: ignore[method-assign]
    watch.around(training, "normalise", "normalise")
    watch.around(trainer.model, "forward", "forward")
    watch.around(trainer.criterion, "forward", "loss")
    watch.around(torch.Tensor, "backward", "backward")
    watch.around(trainer.optimizer, "step", "optimiser")
    if trainer.average is not None:
        watch.around(trainer.average, "update", "moving average")
    with suppress(Stopped):
        trainer.run()
    bar.close()
    if len(watched) < batches:
        raise InputError(
            f"the run ended after {trainer.batch} batches; raise max_epoch, or give fewer --batches"
        )
    return Measured(whole, waited, watched, watch.seconds)


if __name__ == "__main__":
    run(main)
