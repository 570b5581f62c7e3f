r"""Score ONNX files of one network at several precisions on annotated sequences.

  python tools/trt.py nano.onnx --output nano_int8.engine --precision int8 \
      --calibrate datasets/synthetic/train/* --save-onnx nano_int8.onnx
  python benchmarks/precision.py nano.onnx nano_int8.onnx --gt datasets/synthetic_val/train

AP by COCO's rules, all considered pedestrians of each gt.txt as one class, over the frames that
there are images of; detections from a score of 0.01 on. ONNX Runtime runs the files on the CPU;
engines are taken too, where there is a GPU (--device cuda). Output is Markdown.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from yolox.cli import Parser, run
from yolox.engine.detector import Detector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.formats.images import read_image
from yolox.formats.mot import read_ground_truth
from yolox.metrics.detection import score_detection_tables
from yolox.structures import Detections, DetectionTable, InputError

LEAST_SCORE = 0.01


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("files", type=Path, nargs="+", metavar="FILE", help="of tools/export_onnx.py and trt.py")
    add("--gt", type=Path, required=True, metavar="DIR", help="tree of <sequence>/{img1,gt}")
    add("--classes", nargs="*", default=[], metavar="NAME", help="find only these (default: all)")
    add("--device", default="cpu", metavar="NAME", help="cpu or cuda (default: cpu)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Run every file over every frame, and score it."""
    args = parse_args()
    frames = {
        folder.parent.name: sorted(folder.iterdir()) for folder in sorted(args.gt.glob("*/img1"))
    }
    if not frames:
        raise InputError(f"{args.gt}: holds no <sequence>/img1; give the folder of the sequences")
    truth = {}
    for name, paths in frames.items():
        people = read_ground_truth(args.gt / name / "gt" / "gt.txt")
        truth[name] = people.take(np.isin(people.frames, [int(path.stem) for path in paths]))
    rows = []
    for file in args.files:
        choice = DetectorChoice(
            exported=file, classes=tuple(args.classes), score_thresh=LEAST_SCORE, device=args.device
        )
        detector = open_detector(choice)
        found = {
            name: find(detector, paths)
            for name, paths in tqdm(frames.items(), file.name, disable=None)
        }
        rows.append(
            [file.name, *(f"{100 * score:.1f}" for score in score_detection_tables(truth, found))]
        )
    print(tabulate(rows, ["file", "AP", "AP50", "AP75", "recall"], "pipe", disable_numparse=True))


def find(detector: Detector, paths: list[Path]) -> DetectionTable:
    """Find objects in the images of a sequence, which are named by their frames."""
    by_frame: list[tuple[int, Detections]] = []
    for path in paths:
        prepared = [detector.prepare(read_image(path))]
        (found,) = detector.finish(detector.infer(prepared), prepared)
        by_frame.append((int(path.stem), found))
    return DetectionTable(
        frames=np.concatenate([np.full(len(one), frame) for frame, one in by_frame]),
        boxes=np.concatenate([one.boxes for _, one in by_frame]),
        scores=np.concatenate([one.scores for _, one in by_frame]),
        class_ids=np.concatenate([one.class_ids for _, one in by_frame]),
    )


if __name__ == "__main__":
    run(main)
