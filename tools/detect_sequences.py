r"""Run a network over sequences and write what trackers take: detections with embeddings.

  python tools/detect_sequences.py -f EXP -c CHECKPOINT --data-dir datasets/mot/train \
      --output runs/detections
  python tools/track.py --detections runs/detections --gt datasets/mot/train --tracker byte_reid \
      --output runs/byte_reid

Of every <sequence>/{seqinfo.ini,img1} OUTPUT gets <sequence>.txt and, where the exp has a ReID
head, <sequence>.npy. A run that was stopped goes on with the first sequence that is not there.
"""

import argparse
import json
from fnmatch import fnmatch
from functools import partial
from hashlib import sha256
from pathlib import Path

import torch
from tqdm import tqdm

from yolox.cli import Parser, at_least, run, warn
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.inference import detect_sequence
from yolox.exp import load_exp
from yolox.formats.atomic import write_whole
from yolox.formats.mot import write_detections
from yolox.models.blocks import fuse
from yolox.structures import InputError, check_range
from yolox.structures.preprocessing import PREPROCESSINGS


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-c", "--ckpt", type=Path, required=True, metavar="FILE", help="weights of its network")
    add("--data-dir", type=Path, required=True, metavar="DIR", help="folder of the sequences")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the detections")
    add("--sequences", nargs="+", default=["*"], metavar="PATTERN", help="such as 'MOT17-*-FRCNN'")
    add("-b", "--batch-size", type=at_least(1, int), default=1, metavar="N", help="(default: 1)")
    add("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu",
        help="(default: cuda where there is a GPU)")
    add("--score-thresh", type=at_least(0, float), default=0.1, metavar="X", help="(default: 0.1)")
    add("--nms-thresh", type=at_least(0, float), default=0.7, metavar="X", help="(default: 0.7)")
    add("--overwrite", action="store_true", help="detect again what is there already")
    add("opts", nargs="*", metavar="KEY VALUE", help="settings of the exp to override")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, load, detect, write."""
    args = parse_args()
    check_range(0, 1, score_thresh=args.score_thresh, nms_thresh=args.nms_thresh)
    exp = load_exp(args.exp_file)
    exp.merge(args.opts)
    found = sorted(path.parent for path in args.data_dir.glob("*/seqinfo.ini"))
    sequences = [p for p in found if any(fnmatch(p.name, pattern) for pattern in args.sequences)]
    if not sequences:
        raise InputError(
            f"{args.data_dir}: holds no <sequence>/seqinfo.ini that fits "
            f"{' '.join(args.sequences)}; give the folder of the sequences"
        )
    model = exp.get_model()
    load_model(model, read_checkpoint(args.ckpt), preprocessing=PREPROCESSINGS[exp.preprocessing])
    fuse(model.eval()).to(args.device)
    made_by = {
        "weights": sha256(args.ckpt.read_bytes()).hexdigest(),
        "size": list(exp.test_size),
        "thresholds": [args.score_thresh, args.nms_thresh],
    }
    begin(args.output, made_by, overwrite=args.overwrite)
    for sequence in sequences:
        target = args.output / f"{sequence.name}.txt"
        if target.exists() and not args.overwrite:
            print(f"{target}: already there")
            continue
        table = detect_sequence(
            model,
            sequence,
            exp.test_size,
            device=args.device,
            batch_size=args.batch_size,
            score_thresh=args.score_thresh,
            nms_thresh=args.nms_thresh,
            progress=partial(tqdm, desc=sequence.name, unit="frame", disable=None),
        )
        write_detections(target, table)
        print(f"{target}: {len(table)} detections")
        if not len(table):
            warn(f"note: nothing in {sequence.name} scores {args.score_thresh:g} or more")


def begin(output: Path, made_by: dict[str, object], *, overwrite: bool) -> None:
    """Note what makes the detections of a folder, so that no others are taken for them."""
    note = output / "made_by.json"
    if note.exists() and not overwrite and json.loads(note.read_text()) != made_by:
        raise InputError(
            f"{output}: its detections were made by other weights, at another size or with other "
            "thresholds; give another folder, or --overwrite"
        )
    with write_whole(note) as file:
        json.dump(made_by, file)


if __name__ == "__main__":
    run(main)
