"""The device that a measurement is made on."""

from __future__ import annotations

import time

import torch
from machine import cpu_model

# tf32 is float32 of which a GPU multiplies ten bits; PyTorch by itself does so in convolutions.
PRECISIONS = ("fp32", "tf32", "bf16", "fp16")


def describe(device: torch.device) -> str:
    """Name the GPU, or the processor with its threads, and PyTorch's version."""
    name = f"{cpu_model()}, {torch.get_num_threads()} thread(s)"
    if device.type == "cuda":
        name = f"{torch.cuda.get_device_name(device)} with {cpu_model()}"
    return f"{name}; torch {torch.__version__}"


def set_up(precision: str, *, search: bool) -> None:
    """Choose how a GPU computes in single precision, and whether cuDNN looks for its fastest way.

    Args:
        precision: One of `PRECISIONS`.
        search: Time cuDNN's algorithms at every new shape, as `torch.backends.cudnn.benchmark`.
    """
    in_ten_bits = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = in_ten_bits
    torch.backends.cudnn.benchmark = search


def finish(device: torch.device) -> float:
    """Wait until a device has done what it was asked for; give the time on the clock."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
