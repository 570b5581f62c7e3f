r"""Train a detector, with a ReID head or without, from an Exp file.

  python tools/train.py -f exps/example/mot/yolox_x_ablation_reid.py -d 8 -b 48 --fp16 -o \
      -c pretrained/yolox_x.pth
  python tools/train.py -f EXP --show                 # all settings
  python tools/train.py -f EXP -b 8 --output runs/nano --resume max_epoch 20

KEY VALUE pairs at the end override settings. Ctrl-C and SIGTERM save the state first; --resume goes
on as if nothing had happened. -d N starts N processes on this machine through torchrun; on several
machines call torchrun itself (docs/training.md). Exp files are code: run only those that you trust.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

import torch

from yolox.cli import Parser, at_least, run, warn
from yolox.engine.checkpoint import describe_left_out
from yolox.engine.distributed import (
    check_gpu,
    check_shares,
    join_world,
    occupy_memory,
    start_processes,
)
from yolox.engine.guards import check_free
from yolox.engine.repeatable import make_repeatable
from yolox.engine.run_bar import RunBar
from yolox.engine.run_checks import check_settings
from yolox.engine.run_log import SERVICES, RunLog
from yolox.engine.trainer import Stopped, Trainer
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
    add("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu",
        help="where to train (default: cuda where there is a GPU)")
    add("--precision", choices=("fp32", "bf16", "fp16"), default="fp32",
        help="of the forward pass (default: fp32)")
    add("--fp16", dest="precision", action="store_const", const="fp16",
        help="ByteTrack's name for --precision fp16")
    add("-o", "--occupy", action="store_true", help="take most of the GPU's memory at once")
    add("--repeatable", action="store_true", help="the same bits in every run on a GPU too, which "
        "takes longer")
    add("--logger", action="append", choices=SERVICES, default=[], help="log there too, besides "
        "TensorBoard's files; may be given twice")
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
    output = args.output or Path("runs") / exp.name
    if args.devices > 1 and "WORLD_SIZE" not in os.environ:
        exp.check()
        check_settings(exp)
        check_shares(args.batch_size, args.devices)
        check_free(output)
        if args.device == "cuda":
            check_gpu(args.devices - 1)
        start_processes(args.devices)
    if args.repeatable:
        make_repeatable()
    world = join_world(args.device)
    if args.occupy:
        occupy_memory(world.device)
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
    # The terminal has a bar, a file the lines of the log.
    log = RunLog(
        output, exp, start=trainer.batch, services=args.logger, echo=not sys.stderr.isatty()
    )
    bar = RunBar(trainer.total, start=trainer.batch, quiet=not world.writes)
    if world.writes:
        print(trainer.describe())
        if trainer.batch >= trainer.total:
            print(f"at its end, batch {trainer.batch}; raise max_epoch to go on")
        warn(describe_left_out(trainer.left_out))
        trainer.on_batch = lambda progress: (log.on_batch(progress), bar.on_batch(progress))
        trainer.on_scores = lambda *scores: (log.on_scores(*scores), bar.on_scores(*scores))
    stopped = None
    try:
        trainer.run()
    except Stopped as asked:
        stopped = asked
    finally:
        bar.close()
        log.close()
    if world.writes and stopped:
        print(stopped, file=sys.stderr)
    elif world.writes:
        print(f"checkpoints in {output}")
    world.leave(130 if stopped else 0)


if __name__ == "__main__":
    run(main)
