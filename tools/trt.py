r"""Build a TensorRT engine from an ONNX file of tools/export_onnx.py, at a precision of choice.

  python tools/trt.py nano.onnx --output nano.engine --precision fp16
  python tools/trt.py nano.onnx --output nano.engine --precision int8 --calibrate walk.mp4

Where TensorRT is not installed, TensorRT for RTX is taken. What ONNX Runtime says at the precision
is compared with the file first. `demo_track.py --detector FILE.engine` runs the engine;
docs/deployment.md has the rest.
"""

import argparse
from pathlib import Path

import onnx
from tqdm import tqdm

from yolox.cli import Parser, at_least, run
from yolox.export.calibration_images import read_batches
from yolox.export.drawn_inputs import draw_inputs
from yolox.export.engine_file import SUFFIX, choose_shapes, read_exported, write_engine
from yolox.export.precision import at_precision, deviation, run_onnx
from yolox.export.tensorrt_engine import load_tensorrt
from yolox.formats.atomic import put_whole
from yolox.structures import InputError


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    shape = {"nargs": 3, "type": at_least(1, int), "metavar": ("B", "H", "W")}
    # fmt: off
    add("model", type=Path, metavar="FILE.onnx", help="written by tools/export_onnx.py")
    add("--output", type=Path, required=True, metavar="FILE", help="the engine, as nano.engine")
    add("--precision", choices=("fp32", "fp16", "int8"), default="fp16", help="(default: fp16)")
    add("--calibrate", type=Path, nargs="+", default=[], metavar="PATH",
        help="for int8: folders of images or videos like those to come")
    add("--images", type=at_least(1, int), default=128, metavar="N",
        help="how many of them to take (default: 128)")
    add("--min", **shape, help="smallest input, of files that leave it open (default: --opt)")
    add("--opt", **shape, help="input to tune for (default: one image of the export's size)")
    add("--max", **shape, help="largest input (default: --opt)")
    add("--workspace", type=at_least(1, int), metavar="MIB",
        help="memory that layers may use beside their inputs (default: all there is)")
    add("--save-onnx", type=Path, metavar="FILE", help="write the ONNX file at the precision too")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, change the precision, compare, build."""
    args = parse_args()
    load_tensorrt()
    if args.output.suffix != SUFFIX:
        raise InputError(f"{args.output}: would not be known as an engine; end its name {SUFFIX}")
    if (args.precision == "int8") != bool(args.calibrate):
        raise InputError("int8 and --calibrate go together; give both, or leave both out")
    exported = read_exported(args.model)
    sides = (tuple(one) if one else None for one in (args.min, args.opt, args.max))
    shapes = choose_shapes(exported, *sides)
    batch, *size = shapes.usual
    preprocessing = exported.metadata.preprocessing
    batches = read_batches(args.calibrate, args.images, shapes.usual, preprocessing)
    total = -(-args.images // batch) if args.calibrate else 0
    shown = tqdm(batches, "calibrating", total, unit="batch", disable=None, leave=False)
    model = at_precision(exported.model, args.precision, shown)
    drawn = draw_inputs([tuple(size)], [batch], preprocessing)
    apart = deviation(run_onnx(model, drawn), run_onnx(exported.model, drawn))
    print(f"{args.precision}, on a drawn scene: {apart.format()}", flush=True)
    if args.save_onnx:
        with put_whole(args.save_onnx) as aside:
            onnx.save(model, str(aside))
    with tqdm(unit="step", disable=None, leave=False) as bar:

        def show(phase: str, done: int, steps: int) -> None:
            bar.desc, bar.n, bar.total = phase, done, steps
            bar.update(0)

        builder = write_engine(
            args.output,
            model,
            exported.metadata,
            args.precision,
            shapes,
            workspace=args.workspace and args.workspace << 20,
            on_step=show,
        )
    print(f"{args.output}: {args.output.stat().st_size / 2**20:.1f} MiB, built by {builder}")


if __name__ == "__main__":
    run(main)
