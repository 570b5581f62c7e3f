r"""Write a network to an ONNX file that says what it expects, and check it against torch.

  python tools/export_onnx.py -f EXP -c CHECKPOINT --output FILE.onnx
  python tools/export_onnx.py -f EXP -c CHECKPOINT --output FILE.onnx --tsize 608 1088 \
      --batch dynamic --dynamic-size --nms --conf 0.1

Outputs are YOLOX's rows (B, N, 5 + classes) and, with a ReID head, embeddings (B, N, D);
docs/deployment.md has them in full. `demo_track.py --detector FILE.onnx` runs the file.
"""

import argparse
from hashlib import sha256
from pathlib import Path

from yolox.cli import Parser, add_network_options, at_least, network_choice, run
from yolox.engine.open_detector import open_model
from yolox.export.drawn_inputs import TOLERANCE
from yolox.export.onnx_file import OPSETS, OnnxOptions, export_onnx


def batch_size(text: str) -> int | None:
    """Read a number of images, or `dynamic` for any."""
    return None if text == "dynamic" else at_least(1, int)(text)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add_network_options(parser)
    add = parser.add_argument
    # fmt: off
    add("--output", type=Path, required=True, metavar="FILE", help="the ONNX file")
    add("--batch", type=batch_size, default=1, metavar="N", help="images, or dynamic (default: 1)")
    add("--dynamic-size", action="store_true", help="take any multiples of 32 for --tsize")
    add("--decode", action=argparse.BooleanOptionalAction, default=True,
        help="put out boxes in pixels, not offsets (default: on)")
    add("--nms", action="store_true", help="suppress in the file: put out detections")
    add("--conf", type=float, default=0.1, metavar="X",
        help="least score, for --nms (default: 0.1)")
    add("--nms-thresh", type=float, default=0.7, metavar="X",
        help="largest overlap, for --nms (default: 0.7)")
    add("--opset", type=int, default=OPSETS[0], metavar="N",
        help=f"version of the operators, {OPSETS[0]} to {OPSETS[-1]} (default: {OPSETS[0]})")
    add("--reid", action=argparse.BooleanOptionalAction, default=True,
        help="put out the ReID head's embeddings, if there is one (default: on)")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, open, export, say how near it came."""
    args = parse_args()
    options = OnnxOptions(
        batch=args.batch,
        dynamic_size=args.dynamic_size,
        decoded=args.decode,
        suppressed=args.nms,
        reid=args.reid,
        opset=args.opset,
        score_thresh=args.conf,
        nms_thresh=args.nms_thresh,
    )
    options.check()
    model, class_names, exp = open_model(network_choice(args))
    difference = export_onnx(
        args.output,
        model,
        exp.test_size,
        options,
        class_names=class_names,
        weights_sha256=sha256(args.ckpt.read_bytes()).hexdigest(),
    )
    print(
        f"{args.output}: differs from torch by at most {difference:.1g} ({TOLERANCE:g} is allowed)"
    )


if __name__ == "__main__":
    run(main)
