"""The options that choose a detector and how it runs; torch is loaded only when one is opened."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from yolox.cli.command_line import at_least
from yolox.structures import InputError

if TYPE_CHECKING:
    from yolox.engine.open_detector import DetectorChoice


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("detector")
    add = group.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, metavar="FILE", help="the Exp file of the network")
    add("-c", "--ckpt", type=Path, metavar="FILE",
        help="its weights: a checkpoint, or an ONNX file of the same network")
    add("--detector", type=Path, metavar="PATH",
        help="instead of -f and -c: an ONNX file of the YOLOX family, a TensorRT engine, or a "
        "folder for ncnn")
    add("--preprocessing", choices=("legacy", "current"),
        help="what an ONNX file expects, if it does not say: legacy (ByteTrack, YOLOX 0.1) or "
        "current (since 0.2)")
    add("--runtime", choices=("onnxruntime", "openvino"),
        help="what runs an ONNX file (default: onnxruntime)")
    add("--classes", metavar="A,B", help="find these classes only, by name or number")
    add("-b", "--batch-size", type=at_least(1, int), default=1, metavar="N",
        help="images at once; on a CPU 1 is as fast as more (default: 1)")
    add("--device", default="auto", metavar="NAME",
        help="cpu, gpu, cuda:1, mps, ... (default: a GPU where there is one)")
    add("--conf", type=float, metavar="X",
        help="least score (default: the exp's test_conf; with --detector the file's own, or 0.1)")
    add("--nms", type=float, metavar="X",
        help="largest overlap (default: the exp's nmsthre; with --detector the file's own, or 0.7)")
    add("--tsize", nargs="+", type=at_least(32, int), metavar="PX",
        help="height and width of the network input, or one for both (default: the exp's)")
    add("--fp16", action="store_true", help="half precision, on a GPU")
    add("--bf16", action="store_true", help="the other half precision, also fast on new CPUs")
    add("--fuse", action=argparse.BooleanOptionalAction, default=True,
        help="fold the norms into the convolutions (default: on)")
    add("--channels-last", action=argparse.BooleanOptionalAction, default=True,
        help="keep the channels of a pixel together in memory (default: on)")
    add("--compile", action="store_true",
        help="let torch.compile make a program of the network: a slow start, then faster")
    add("opts", nargs="*", default=[], metavar="KEY VALUE", help="settings of the exp to override")
    # fmt: on


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a network with its weights and its input, for exporting it."""
    group = parser.add_argument_group("network")
    add = group.add_argument
    # fmt: off
    add("-f", "--exp-file", type=Path, required=True, metavar="FILE", help="the Exp file")
    add("-c", "--ckpt", type=Path, required=True, metavar="FILE", help="its weights")
    add("--tsize", nargs="+", type=at_least(32, int), metavar="PX",
        help="height and width of the network input, or one for both (default: the exp's)")
    add("opts", nargs="*", default=[], metavar="KEY VALUE", help="settings of the exp to override")
    # fmt: on


def network_choice(args: argparse.Namespace) -> DetectorChoice:
    """Collect the options of `add_network_options`.

    Raises:
        InputError: One is wrong.
    """
    from yolox.engine.open_detector import DetectorChoice

    return DetectorChoice(args.exp_file, args.ckpt, tuple(args.opts), size=_size(args.tsize))


def detector_choice(args: argparse.Namespace) -> DetectorChoice:
    """Collect the options.

    Raises:
        InputError: They contradict each other.
    """
    from yolox.engine.open_detector import DetectorChoice

    if args.fp16 and args.bf16:
        raise InputError("--fp16 and --bf16 are both given; choose one")
    return DetectorChoice(
        exp_file=args.exp_file,
        weights=args.ckpt,
        settings=tuple(args.opts),
        exported=args.detector,
        runtime=args.runtime,
        preprocessing=args.preprocessing,
        size=_size(args.tsize),
        device=_device(args.device),
        precision="fp16" if args.fp16 else "bf16" if args.bf16 else "fp32",
        fused=args.fuse,
        channels_last=args.channels_last,
        compiled=args.compile,
        score_thresh=args.conf,
        nms_thresh=args.nms,
        classes=tuple(args.classes.split(",")) if args.classes else (),
    )


def _size(sides: list[int] | None) -> tuple[int, int] | None:
    if sides and len(sides) > 2:
        raise InputError(f"--tsize has {len(sides)} numbers; give height and width")
    return (sides[0], sides[-1]) if sides else None


def _device(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return "cuda" if name == "gpu" else name
