r"""Find objects in images with any YOLOX weights, and draw them.

  python tools/detect.py --weights yolox_nano.onnx --model nano --num-classes 80 \
      --preprocessing current --input 416 416 --keep 0 --images FOLDER --output runs/detect

--weights is a checkpoint of YOLOX, ByteTrack or ByteTrack_ReID, or an ONNX export of YOLOX. Files
that do not say what input they expect need --preprocessing: legacy (ByteTrack, YOLOX 0.1) or
current.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from yolox.cli import Parser, at_least, run, warn
from yolox.data.preprocess import preprocess
from yolox.engine.checkpoint import Checkpoint, load_model, read_checkpoint
from yolox.engine.onnx_weights import read_onnx
from yolox.formats.atomic import write_whole
from yolox.models.blocks import fuse
from yolox.models.build import SIZES, ReIDOptions
from yolox.models.info import check_input_size
from yolox.models.yolox import YOLOX
from yolox.postprocess import postprocess
from yolox.structures import Detections, InputError, check_range
from yolox.structures.preprocessing import PREPROCESSINGS
from yolox.visualize.detections import draw_detections

IMAGES = (".jpg", ".jpeg", ".png", ".bmp")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--weights", type=Path, required=True, metavar="FILE", help=".pth, .pth.tar or .onnx")
    add("--model", required=True, choices=list(SIZES), help="size of the network")
    add("--num-classes", type=at_least(1, int), default=1, metavar="N", help="(default: 1)")
    add("--preprocessing", choices=list(PREPROCESSINGS), help="what input the weights expect")
    add("--images", type=Path, required=True, metavar="DIR", help="folder of images")
    add("--output", type=Path, required=True, metavar="DIR", help="folder for the drawn images")
    add("--input", nargs=2, type=at_least(32, int), default=[800, 1440], metavar=("H", "W"),
        help="network input, multiples of 32 (default: 800 1440)")
    add("--score-thresh", type=at_least(0, float), default=0.3, metavar="X", help="(default: 0.3)")
    add("--nms-thresh", type=at_least(0, float), default=0.45, metavar="X", help="(default: 0.45)")
    add("--keep", nargs="+", type=at_least(0, int), metavar="ID", help="draw these classes only")
    # fmt: on
    return parser.parse_args()


def read_weights(path: Path, size: str, num_classes: int) -> tuple[YOLOX, Checkpoint]:
    """Read a file and build the network that it is of; a ReID head is there if the file has one."""
    if path.suffix == ".onnx":
        model = SIZES[size](num_classes)
        return model, read_onnx(path, model)
    checkpoint = read_checkpoint(path)
    reid = None
    for kind, name in (("per_level", "preds.0"), ("fused", "pred")):
        last_layer = checkpoint.model.get(f"reid_head.{name}.weight")
        if last_layer is not None:
            reid = ReIDOptions(kind, emb_dim=len(last_layer))
    return SIZES[size](num_classes, reid), checkpoint


def main() -> None:
    """Parse, load, detect, draw."""
    args = parse_args()
    check_input_size(args.input)
    if not args.images.is_dir():
        what = "is a file" if args.images.exists() else "no such folder"
        raise InputError(f"{args.images}: {what}; give a folder of images")
    unknown = [class_id for class_id in args.keep or () if class_id >= args.num_classes]
    if unknown:
        raise InputError(
            f"--keep has {unknown[0]}; the model has classes 0 to {args.num_classes - 1}"
        )
    check_range(0, 1, score_thresh=args.score_thresh, nms_thresh=args.nms_thresh)
    if args.output.resolve() == args.images.resolve():
        raise InputError(f"{args.output}: holds the images; give another folder")
    paths = sorted(path for path in args.images.glob("*") if path.suffix.lower() in IMAGES)
    if not paths:
        raise InputError(f"{args.images}: holds no image ({', '.join(IMAGES)})")
    model, checkpoint = read_weights(args.weights, args.model, args.num_classes)
    load_model(model, checkpoint, preprocessing=PREPROCESSINGS.get(args.preprocessing))
    fuse(model.eval())

    count = 0
    for path in tqdm(paths, "detecting", unit="image", disable=None):
        image = cv2.imread(str(path))
        if image is None:
            raise InputError(f"{path}: is no image that OpenCV reads")
        pixels, fitted = preprocess(image, tuple(args.input), model.preprocessing)
        with torch.inference_mode():
            output = model(torch.from_numpy(pixels)[None])
        (found,) = postprocess(
            output, [fitted], score_thresh=args.score_thresh, nms_thresh=args.nms_thresh
        )
        if args.keep:
            kept = np.isin(found.class_ids, args.keep)
            found = Detections(found.boxes[kept], found.scores[kept], found.class_ids[kept])
        count += len(found)
        done, drawn = cv2.imencode(
            path.suffix, draw_detections(image, found, checkpoint.class_names)
        )
        if not done:
            raise InputError(f"{path}: OpenCV cannot write an image of this size as {path.suffix}")
        with write_whole(args.output / path.name, "wb") as file:
            file.write(drawn.tobytes())
    print(f"{len(paths)} images, {count} objects; drawn in {args.output}")
    if not count:
        warn("note: nothing found; is it the other --preprocessing, or a lower --score-thresh?")


if __name__ == "__main__":
    run(main)
