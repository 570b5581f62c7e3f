"""Score a network on annotated images: average precision, and how well it tells people apart.

  python tools/evaluate_model.py -f EXP -c CHECKPOINT
  python tools/evaluate_model.py -f EXP -c CHECKPOINT val held_out/annotations/train.json

The images are those of the exp's `val`, under its `data_root`; KEY VALUE pairs override settings.
AP is COCO's, by faster-coco-eval; ReID is scored on the annotated boxes of whom the detector finds.
"""

import argparse
import json
from functools import partial
from pathlib import Path

import torch
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.evaluation import evaluate_model, open_validation
from yolox.exp import load_exp
from yolox.formats.atomic import write_whole
from yolox.structures.preprocessing import PREPROCESSINGS


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-c", "--ckpt", type=Path, required=True, metavar="FILE", help="weights of its network")
    add("-b", "--batch-size", type=at_least(1, int), default=8, metavar="N", help="(default: 8)")
    add("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu",
        help="(default: cuda where there is a GPU)")
    add("--json", type=Path, metavar="FILE", help="write the numbers there too")
    add("opts", nargs="*", metavar="KEY VALUE", help="settings to override")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, load, evaluate, print."""
    args = parse_args()
    exp = load_exp(args.exp_file)
    exp.merge(args.opts)
    view, truth = open_validation(exp)
    model = exp.get_model()
    load_model(model, read_checkpoint(args.ckpt), preprocessing=PREPROCESSINGS[exp.preprocessing])
    scores = evaluate_model(
        model.eval().to(args.device),
        view,
        truth,
        device=args.device,
        batch_size=args.batch_size,
        workers=exp.workers,
        score_thresh=exp.test_conf,
        nms_thresh=exp.nmsthre,
        tracking=exp.eval_tracking,
        progress=partial(tqdm, unit="batch", disable=None),
    ).scores()
    for name, score in scores.items():
        print(f"{name:10} {100 * score:6.2f}")
    if args.json:
        with write_whole(args.json) as file:
            json.dump(scores, file, indent=1)


if __name__ == "__main__":
    run(main)
