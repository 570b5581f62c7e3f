"""Where the time of a training step goes.

  python benchmarks/training.py -f exps/example/synthetic/yolox_nano_reid.py -b 8 --precision bf16

The exp's data must be there; the run is a real one, in a folder that is removed afterwards. The
first batches are left out. Shares are of the time from the end of a batch to the end of the next;
logging and the end of epochs are not in it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from machine import cpu_model
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.engine import trainer as training
from yolox.engine.trainer import Progress, Stopped, Trainer
from yolox.exp import load_exp

WARM_UP = 10


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-b", "--batch-size", type=at_least(1, int), default=8, metavar="N", help="(default: 8)")
    add("--precision", choices=("fp32", "bf16"), default="fp32", help="(default: fp32)")
    add("--batches", type=at_least(1, int), default=100, metavar="N", help="(default: 100)")
    add("--threads", type=at_least(1, int), default=1, metavar="N", help="of torch (default: 1)")
    add("opts", nargs="*", metavar="KEY VALUE", help="settings to override")
    # fmt: on
    return parser.parse_args()


class Watch:
    """Adds up the seconds spent in functions that it was put around."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def around(self, owner: Any, function: str, part: str) -> None:
        """Replace a function by itself with a clock."""
        inner: Callable[..., Any] = getattr(owner, function)

        def timed(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*args, **options)
            finally:
                self.seconds[part] += time.perf_counter() - start

        setattr(owner, function, timed)


def main() -> None:
    """Train some batches and print where the time went."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    exp = load_exp(args.exp_file)
    exp.merge(args.opts)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(exp, Path(folder), batch_size=args.batch_size, precision=args.precision)
        watch, seconds = measure(trainer, args.batches)
    total, per_batch = sum(seconds), 1e3 / len(seconds)
    parts = {**watch.seconds, "rest": total - sum(watch.seconds.values())}
    rows = [(part, per_batch * spent, f"{spent / total:.1%}") for part, spent in parts.items()]
    core = ("forward", "loss", "backward", "optimiser")
    outside = sum(spent for part, spent in parts.items() if part not in core)
    print(f"{cpu_model()}, torch {torch.__version__} on {args.threads} thread(s)")
    print(f"{exp.name}, batch {args.batch_size}, {args.precision}, {len(seconds)} batches\n")
    print(
        tabulate(rows, headers=["part", "ms a batch", "share"], floatfmt=".1f", tablefmt="github")
    )
    print(f"\noutside {', '.join(core)}: {outside / total:.1%}")


def measure(trainer: Trainer, batches: int) -> tuple[Watch, list[float]]:
    """Train; give the time by part and the seconds of each batch."""
    watch, seconds = Watch(), []
    bar = tqdm(total=WARM_UP + batches, unit="batch", disable=None)

    def note(progress: Progress) -> None:
        bar.update()
        if progress.batch <= WARM_UP:
            watch.seconds.clear()
            return
        watch.seconds["waiting for data"] += progress.waited
        seconds.append(progress.seconds)
        trainer.stop_requested = progress.batch >= WARM_UP + batches

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
    return watch, seconds


if __name__ == "__main__":
    run(main)
