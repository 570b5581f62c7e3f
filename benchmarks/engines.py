"""Time TensorRT engines beside torch on a GPU, and compare what they say; in one run.

  python benchmarks/engines.py --json runs/engines.json

Needs a GPU, TensorRT or TensorRT for RTX, and of the [detector] packages torch, torchvision, onnx,
onnxruntime, onnxscript and OpenCV. First the shipped checkpoint as engines of every precision, on a
drawn scene, beside torch in single precision on the GPU. Then milliseconds an image of networks
with drawn weights, from the preprocessed batch in the GPU's memory to decoded rows there: CUDA
events around as many runs as fill a tenth of a second, the median of five such rounds. torch runs
with norms folded in, channels last, by the fastest of cuDNN's ways; fp32 is without TF32 on both
sides. After --minutes what is left is left out, and so is what cannot be built or run (-). Without
a GPU, --device cpu does the same but for running engines, in a minute or two with
--networks nano:64x96 --batches 1.
Output is Markdown; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import onnx
import torch
from detector_worker import settle_norms
from device import describe as describe_device
from device import set_up
from torch import Tensor

from yolox.cli import Parser, at_least, run
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.tensorrt_session import TensorRtSession
from yolox.export.drawn_inputs import draw_inputs
from yolox.export.engine_file import read_exported, write_engine
from yolox.export.network import ExportedNetwork
from yolox.export.onnx_file import OnnxOptions, export_onnx
from yolox.export.precision import Precision, at_precision, deviation
from yolox.export.tensorrt_engine import InputShapes, describe, load_tensorrt
from yolox.formats.atomic import write_whole
from yolox.formats.network_metadata import NetworkMetadata
from yolox.models.build import SIZES, ReIDOptions
from yolox.models.yolox import YOLOX
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "pretrained" / "yolox_nano_reid_synthetic.pth"
WEIGHTS_SIZE = (288, 512)
# At which networks are exported and calibrated; they are run at others.
EXPORT_SIZE = (128, 224)
TORCH = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}
ENGINES: dict[str, Precision] = {
    "TensorRT fp32": "fp32",
    "TensorRT fp16": "fp16",
    "TensorRT int8": "int8",
}
ROUNDS, ROUND_SECONDS = 5, 0.1


class Network(NamedTuple):
    """A size of YOLOX and its input."""

    size: str
    height: int
    width: int


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    default = [_network(text) for text in ("nano:416x416", "nano:608x1088", "s:608x1088")]
    # fmt: off
    add("--networks", type=_network, nargs="*", default=[*default, _network("x:800x1440")],
        metavar="SIZE:HxW",
        help="(default: nano:416x416 nano:608x1088 s:608x1088 x:800x1440)")
    add("--batches", type=at_least(1, int), nargs="+", default=[1, 8], metavar="N",
        help="images at once (default: 1 8)")
    add("--device", choices=("cuda", "cpu"), default="cuda", help="(default: cuda)")
    add("--minutes", type=at_least(0, float), default=5.5, metavar="X",
        help="start nothing new after so many (default: 5.5)")
    add("--json", type=Path, metavar="FILE", help="write every number there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Compare, then time network after network."""
    args = parse_args()
    device = torch.device(args.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError("there is no GPU; look at what works without by --device cpu")
    end = time.monotonic() + 60 * args.minutes
    about = f"{describe_device(device)}; {describe(load_tensorrt())}"
    print(about, flush=True)
    with TemporaryDirectory() as folder:
        agreement = compare(Path(folder), device)
        columns = _columns()
        print(f"\nms an image\n\n| network | batch | {' | '.join(columns)} |")
        print(f"|---|{'---:|' * (1 + len(columns))}", flush=True)
        rows = []
        for size in dict.fromkeys(one.size for one in args.networks):
            models = {}
            try:
                for name, model in make_models(Path(folder), size, end):
                    models[name] = model
            except InputError as error:
                print(error, file=sys.stderr, flush=True)
            for network in (one for one in args.networks if one.size == size):
                for batch in args.batches:
                    row = time_row(Path(folder), network, batch, models, device, end)
                    cells = " | ".join(_cell(row[column]) for column in columns)
                    name = f"{network.size} {network.height}×{network.width}"
                    print(f"| {name} | {batch} | {cells} |", flush=True)
                    rows.append({**network._asdict(), "batch": batch, "milliseconds": row})
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"about": about, "agreement": agreement, "rows": rows}, file, indent=2)


def compare(folder: Path, device: torch.device) -> dict[str, str]:
    """Print how far engines of the shipped checkpoint are from torch in single precision."""
    set_up("fp32", search=False)
    model = SIZES["nano"](1, ReIDOptions("fused", emb_dim=64))
    load_model(model, read_checkpoint(WEIGHTS), preprocessing=LEGACY)
    path = folder / "shipped.onnx"
    export_onnx(path, model, WEIGHTS_SIZE)
    exported = read_exported(path)
    inputs = draw_inputs([WEIGHTS_SIZE], [1], LEGACY)
    network = ExportedNetwork(model).to(device)
    with torch.no_grad():
        outputs = [network(torch.from_numpy(pixels).to(device)) for pixels in inputs]
        meant = [[one.cpu().numpy() for one in output] for output in outputs]
    shape = (1, *WEIGHTS_SIZE)
    found = {}
    print("\nThe shipped checkpoint beside torch fp32, on a drawn scene\n")
    for name, precision in ENGINES.items():
        try:
            changed = at_precision(exported.model, precision, inputs)
            engine = folder / f"{precision}.engine"
            write_engine(
                engine, changed, exported.metadata, precision, InputShapes(shape, shape, shape)
            )
            if device.type == "cpu":
                found[name] = "was built"
            else:
                session = TensorRtSession(engine, device)
                said = [session.run(torch.from_numpy(pixels).to(device)) for pixels in inputs]
                arrays = [[one.cpu().numpy() for one in output] for output in said]
                found[name] = deviation(arrays, meant).format()
        except Exception as error:
            found[name] = f"failed: {_first_line(error)}"
        print(f"- {name}: {found[name]}", flush=True)
    return found


def make_models(
    folder: Path, size: str, end: float
) -> Iterator[tuple[str, onnx.ModelProto | YOLOX]]:
    """Draw a network's weights; give it as torch's, and as ONNX at every precision."""
    if time.monotonic() > end:
        return
    started = time.monotonic()
    torch.manual_seed(0)
    model = SIZES[size](1)
    settle_norms(model)
    for name, weight in model.head.named_parameters():
        if "_preds" in name:
            weight.data *= 1e-4  # else boxes are larger than any number
    model.preprocessing = CURRENT
    yield "torch", model.eval()
    path = folder / f"{size}.onnx"
    export_onnx(path, model, EXPORT_SIZE, OnnxOptions(batch=None, dynamic_size=True))
    exported = read_exported(path)
    path.unlink()
    for name, precision in ENGINES.items():
        inputs = draw_inputs([EXPORT_SIZE], [1], CURRENT)
        yield name, at_precision(exported.model, precision, inputs)
    print(f"{size} exported in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def time_row(
    folder: Path,
    network: Network,
    batch: int,
    models: dict[str, onnx.ModelProto | YOLOX],
    device: torch.device,
    end: float,
) -> dict[str, float | None]:
    """Time a network at a size and batch; what fails is None, and stderr says why."""
    images = torch.rand(batch, 3, network.height, network.width, device=device)
    row: dict[str, float | None] = {}
    for column in _columns():
        row[column] = None
        if time.monotonic() > end:
            continue
        started = time.monotonic()
        try:
            side, precision = column.split()
            if side == "torch":
                call = _torch_call(precision, models["torch"], images)
            else:
                call = _engine_call(folder, ENGINES[column], models[column], images)
            row[column] = measure(call, device) / batch
        except Exception as error:
            print(f"{column}: {_first_line(error)}", file=sys.stderr, flush=True)
        seconds = time.monotonic() - started
        print(f"{network} batch {batch} {column}: {seconds:.0f} s", file=sys.stderr, flush=True)
        if device.type == "cuda":
            torch.cuda.empty_cache()
    return row


@torch.inference_mode()
def measure(call: Callable[[], object], device: torch.device) -> float:
    """Give the milliseconds of a call, after some to warm up."""
    if device.type == "cpu":
        started = time.perf_counter()
        call()
        return 1e3 * (time.perf_counter() - started)
    once = 0.0
    for _ in range(3):
        once = _milliseconds(call, 5)
    count = max(3, round(1e3 * ROUND_SECONDS / once))
    return median(_milliseconds(call, count) for _ in range(ROUNDS))


def _milliseconds(call: Callable[[], object], count: int) -> float:
    begin, finish = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(count):
        call()
    finish.record()
    finish.synchronize()
    return begin.elapsed_time(finish) / count


def _columns() -> list[str]:
    return [*(f"torch {precision}" for precision in TORCH), *ENGINES]


def _torch_call(precision: str, model: YOLOX, images: Tensor) -> Callable[[], object]:
    set_up(precision, search=True)
    network = ExportedNetwork(model).to(
        images.device, TORCH[precision], memory_format=torch.channels_last
    )
    taken = images.to(TORCH[precision], memory_format=torch.channels_last)
    return partial(network, taken)


def _engine_call(
    folder: Path, precision: Precision, model: onnx.ModelProto, images: Tensor
) -> Callable[[], object]:
    """Build an engine for just this input and give a call that runs it in torch's stream."""
    batch, _, height, width = images.shape
    shape = (batch, height, width)
    for axis, length in zip(
        model.graph.input[0].type.tensor_type.shape.dim, images.shape, strict=True
    ):
        axis.dim_value = length
    path = folder / "timed.engine"
    metadata = NetworkMetadata(CURRENT, [], (height, width), "decoded", 0, "")
    write_engine(path, model, metadata, precision, InputShapes(shape, shape, shape))
    session = TensorRtSession(path, images.device)
    outputs = session.run(images)  # the context knows the addresses of all from here on

    def call() -> list[Tensor]:
        session.context.execute_async_v3(torch.cuda.current_stream().cuda_stream)
        return outputs

    return call


def _network(text: str) -> Network:
    size, _, sides = text.partition(":")
    height, _, width = sides.partition("x")
    fits = size in SIZES and all(
        s.isdigit() and int(s) and not int(s) % 32 for s in (height, width)
    )
    if not fits:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no network; give {', '.join(SIZES)} and multiples of 32, as in s:608x1088"
        )
    return Network(size, int(height), int(width))


def _cell(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:.2f}"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


if __name__ == "__main__":
    run(main)
