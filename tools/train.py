"""Train a detector, with a ReID head or without, from an Exp file.

  python tools/train.py -f exps/example/synthetic/yolox_nano_reid.py -b 8 --output runs/nano
  python tools/train.py -f EXP --show                 # all settings
  python tools/train.py -f EXP -b 8 --output runs/nano --resume max_epoch 20

KEY VALUE pairs at the end override settings. Ctrl-C and SIGTERM save the state first; --resume goes
on as if nothing had happened. -d N starts N processes on this machine through torchrun; on several
machines call torchrun itself. Exp files are code: run only those that you trust.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.engine.distributed import join_world
from yolox.engine.trainer import Progress, Stopped, Trainer
from yolox.exp import load_exp


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-c", "--ckpt", type=Path, metavar="FILE",
        help="weights to begin with; what does not fit is left out")
    add("-b", "--batch-size", type=at_least(1, int), default=8, metavar="N",
        help="pictures a batch, over all devices (default: 8)")
    add("-d", "--devices", type=at_least(1, int), default=1, metavar="N",
        help="processes to start on this machine (default: 1)")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="where to train (default: cpu)")
    add("--precision", choices=("fp32", "bf16", "fp16"), default="fp32",
        help="of the forward pass (default: fp32)")
    add("--fp16", dest="precision", action="store_const", const="fp16",
        help="ByteTrack's name for --precision fp16")
    add("--output", type=Path, metavar="DIR", help="folder of the run (default: runs/<exp's name>)")
    add("--resume", action="store_true", help="go on from that folder's state")
    add("--show", action="store_true", help="print the settings and end")
    add("opts", nargs="*", metavar="KEY VALUE", help="settings to override")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, build, train."""
    args = parse_args()
    exp = load_exp(args.exp_file)
    exp.merge(args.opts)
    if args.show:
        print(exp.describe())
        return
    if args.devices > 1 and "WORLD_SIZE" not in os.environ:
        launcher = ["-m", "torch.distributed.run", "--standalone"]
        count = f"--nproc_per_node={args.devices}"
        os.execv(sys.executable, [sys.executable, *launcher, count, *sys.argv])
    world = join_world(args.device)
    output = args.output or Path("runs") / exp.name
    trainer = Trainer(
        exp,
        output,
        batch_size=args.batch_size,
        world=world,
        precision=args.precision,
        weights=args.ckpt,
        resume=args.resume,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(trainer, "stop_requested", True))
    bar = tqdm(total=trainer.total, initial=trainer.batch, unit="batch", disable=not world.writes)
    trainer.on_batch = lambda progress: show(bar, progress)
    trainer.on_scores = lambda batch, scores: bar.write(
        f"batch {batch}: " + ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
    )
    try:
        trainer.run()
    except Stopped as stopped:
        bar.close()
        print(stopped, file=sys.stderr)
        sys.exit(130)
    bar.close()
    print(f"checkpoints in {output}")


def show(bar: Any, progress: Progress) -> None:
    """Bring the bar up to date."""
    losses = {name: f"{loss:.3g}" for name, loss in progress.losses.items()}
    waited = f"{progress.waited / max(progress.seconds, 1e-9):.0%}"
    bar.set_postfix(losses | {"lr": f"{progress.rate:.2g}", "data": waited}, refresh=False)
    bar.update()


if __name__ == "__main__":
    run(main)
