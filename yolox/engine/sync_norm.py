"""Batch norm over the batches of all processes, on any device.

PyTorch's own runs on GPUs only and is taken there; this one does the same with sums that every
process adds up, so that it can be trained and tested on CPUs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn


def synchronise_norms(model: nn.Module, device: torch.device) -> nn.Module:
    """Replace a model's batch norms by synchronised ones with the same state."""
    if device.type == "cuda":
        convert: Any = nn.SyncBatchNorm.convert_sync_batchnorm
        converted: nn.Module = convert(model)
        return converted
    for module in list(model.modules()):
        for child in module.children():
            if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
                child.__class__ = _SyncBatchNorm
    return model


def _add_up(values: Tensor) -> Tensor:
    """Add up over all processes; the gradient goes back to all of them."""
    summed: Tensor = _AddUp.apply(values)
    return summed


class _AddUp(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        summed = gradient.clone()
        distributed.all_reduce(summed)
        return summed


class _SyncBatchNorm(nn.BatchNorm2d):
    """Batch norm whose statistics are those of all processes."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - PyTorch's name
        if input.dim() < 2:
            raise ValueError(f"input has {input.dim()} dimensions; give at least (B, C)")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        if not (self.training and distributed.is_initialized()):
            return super().forward(input)
        self._check_input_dim(input)
        axes = [axis for axis in range(input.dim()) if axis != 1]
        values = input if input.dtype == torch.float64 else input.float()
        shape = [1, -1] + [1] * (input.dim() - 2)
        count = values.new_tensor([values.numel() / values.shape[1]])
        sums = _add_up(torch.cat([values.sum(axes), count]))
        mean, total = sums[:-1] / sums[-1], sums[-1].detach()
        # Around the mean: the mean of squares less the square of the mean would lose digits.
        variance = _add_up((values - mean.view(shape)).square().sum(axes)) / total
        self._note(mean.detach(), variance.detach() * total / (total - 1).clamp(min=1))
        scale = (variance + self.eps).rsqrt() * self.weight
        shift = self.bias - mean * scale
        normalised: Tensor = values * scale.view(shape) + shift.view(shape)
        return normalised.to(input.dtype)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.momentum is None:
            return
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
