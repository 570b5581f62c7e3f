"""How large a network is, and what it costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import torch
from torch import Tensor, nn

from yolox.models.blocks import fuse
from yolox.models.build import SIZES, ReIDOptions
from yolox.structures import InputError

# Height and width at which ByteTrack runs each size.
INPUT_SIZES = {
    "nano": (608, 1088),
    "tiny": (608, 1088),
    "s": (608, 1088),
    "m": (800, 1440),
    "l": (800, 1440),
    "x": (800, 1440),
}

LARGEST_SIDE = 8192


class ModelInfo(NamedTuple):
    """One row of the table.

    Attributes:
        name: Size of the network.
        reid: Kind of the ReID head, `none` without one.
        height: Of the network input, in pixels.
        width: Of the network input, in pixels.
        parameters: Trainable numbers, the ID classifier not among them.
        tensors: Entries of the state dict.
        gflops: As `count_gflops` counts.
        locations: At which the head predicts.
        milliseconds: Of one forward pass on this machine, None if not measured.
    """

    name: str
    reid: str
    height: int
    width: int
    parameters: int
    tensors: int
    gflops: float
    locations: int
    milliseconds: float | None


def describe(
    name: str, size: tuple[int, int], reid: ReIDOptions | None, *, timed: bool = False
) -> ModelInfo:
    """Measure one network with one class.

    Args:
        name: A key of `SIZES`.
        size: Height and width of the network input.
        reid: The ReID head, or None.
        timed: Also time it on the CPU: one image, norms folded in, channels last, median of three.
    """
    with torch.device("meta"):  # shapes without numbers: nothing is computed
        model = SIZES[name](1, reid)
    kind = reid.kind if reid else "none"
    parameters = sum(parameter.numel() for parameter in model.parameters())
    locations = sum((size[0] // stride) * (size[1] // stride) for stride in (8, 16, 32))
    tensors, gflops = len(model.state_dict()), count_gflops(model, size)
    taken = _time(SIZES[name](1, reid), size) if timed else None
    return ModelInfo(name, kind, *size, parameters, tensors, gflops, locations, taken)


def check_input_size(size: Sequence[int]) -> None:
    """Check height and width of a network input.

    Raises:
        InputError: A side is no multiple of 32, or larger than any network input.
    """
    if any(side % 32 or not 32 <= side <= LARGEST_SIDE for side in size):
        raise InputError(f"input is {list(size)}; give multiples of 32 up to {LARGEST_SIDE}")


def count_gflops(model: nn.Module, size: tuple[int, int]) -> float:
    """Count the operations of one image as thop does, doubled, which is how YOLOX states them.

    Two for each multiply-add of a convolution, eight for each output of a batch norm, nothing for
    the rest. The model is on the `meta` device.
    """
    counted = 0

    def count(module: nn.Module, _: object, output: Tensor) -> None:
        nonlocal counted
        if isinstance(module, nn.Conv2d):
            counted += 2 * output.numel() * module.weight[0].numel()
        elif isinstance(module, nn.BatchNorm2d):
            counted += 8 * output.numel()

    hooks = [module.register_forward_hook(count) for module in model.modules()]
    was_training = model.training
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, *size, device="meta"))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return counted / 1e9


def _time(model: nn.Module, size: tuple[int, int]) -> float:
    model = fuse(model.eval()).to(memory_format=torch.channels_last)
    image = torch.zeros(1, 3, *size).to(memory_format=torch.channels_last)
    taken = []
    with torch.inference_mode():
        for _ in range(4):  # the first warms up
            start = time.perf_counter()
            model(image)
            taken.append(1e3 * (time.perf_counter() - start))
    return median(taken[1:])
