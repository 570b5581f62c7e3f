"""Batch norm over the batches of all processes, on any device.

PyTorch's own runs on GPUs only and is taken there. This one adds up in double precision, so that
two processes with half a batch each get the same statistics, and gradients, as one with all of it:
behind tens of norms a difference in the last digit would be one in the third. A single process with
it trains as several would.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn


def synchronise_norms(model: nn.Module, device: torch.device) -> nn.Module:
    """Replace a model's batch norms by synchronised ones with the same state."""
    if device.type == "cuda":
        if not distributed.is_initialized():
            return model  # nobody to synchronise with
        convert: Any = nn.SyncBatchNorm.convert_sync_batchnorm
        converted: nn.Module = convert(model)
        return converted
    for module in list(model.modules()):
        for child in module.children():
            if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
                child.__class__ = _SyncBatchNorm
    return model


class _SyncBatchNorm(nn.BatchNorm2d):
    """Batch norm whose statistics are those of all processes."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - PyTorch's name
        if input.dim() < 2:
            raise ValueError(f"input has {input.dim()} dimensions; give at least (B, C)")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        if not self.training:
            return super().forward(input)
        self._check_input_dim(input)
        out: Tensor
        out, mean, variance, count = _Normalise.apply(input, self.weight, self.bias, self.eps)
        if count > 1:  # fewer, as where nobody is labelled, say nothing
            self._note(mean, variance)
        return out

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.momentum is None:
            return
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
        self.running_var.lerp_(variance.to(self.running_var.dtype), self.momentum)


class _Normalise(torch.autograd.Function):
    """`(values − mean) / deviation · weight + bias`, by everybody's mean and deviation.

    Gives also the mean and the unbiased variance, in double, and of how many values they are.
    """

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, weight: Tensor, bias: Tensor, eps: float
    ) -> tuple[Tensor, ...]:
        exact = values.double()
        axes, shape = _others(values)
        own = exact.new_tensor([exact[:, 0].numel()])
        sums = _add_up(torch.cat([exact.sum(axes), exact.square().sum(axes), own]))
        count = sums[-1].clamp(min=1)
        mean, square = (sums[:-1] / count).chunk(2)
        variance = (square - mean.square()).clamp_(min=0)
        inverse = (variance + eps).rsqrt()
        ctx.save_for_backward(values, mean, inverse, weight, count)
        scale = (inverse * weight).view(shape)
        normalised = (exact - mean.view(shape)).mul_(scale).add_(bias.view(shape))
        unbiased = variance * count / (count - 1).clamp(min=1)
        ctx.mark_non_differentiable(mean, unbiased, count)
        return normalised.to(values.dtype), mean, unbiased, count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        values, mean, inverse, weight, count = ctx.saved_tensors
        gradient = gradients[0].double()
        axes, shape = _others(values)
        normal = (values.double() - mean.view(shape)).mul_(inverse.view(shape))
        own = torch.cat([gradient.sum(axes), (gradient * normal).sum(axes)])
        along_bias, along_weight = (_add_up(own) / count).view(2, *shape)
        back = gradient - along_bias - normal.mul_(along_weight)
        back *= (inverse * weight).view(shape)
        of_bias, of_weight = own.to(weight.dtype).chunk(2)
        return back.to(values.dtype), of_weight, of_bias, None


def _add_up(own: Tensor) -> Tensor:
    """Add up over all processes."""
    if not distributed.is_initialized():
        return own
    everybody = own.clone()
    distributed.all_reduce(everybody)
    return everybody


def _others(values: Tensor) -> tuple[list[int], list[int]]:
    """Name the axes beside that of the channels, and the shape of a value a channel."""
    axes = [axis for axis in range(values.dim()) if axis != 1]
    return axes, [1, -1] + [1] * (values.dim() - 2)
