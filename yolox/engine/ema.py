"""A moving average of the weights, which tracks better than the weights themselves."""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

# Updates after which the average has most of its memory; YOLOX's.
_RAMP = 2000


class WeightAverage:
    """An exponential moving average of a model's state.

    The decay grows from 0 to `decay` as `decay · (1 − e^{−updates / 2000})`, so that the start of
    a run is soon forgotten. Floating-point buffers, such as the statistics of batch norm, are
    averaged too; counters are copied.

    Attributes:
        model: The averaged copy, in evaluation mode.
        updates: How often `update` was called.
    """

    def __init__(self, model: nn.Module, decay: float = 0.9998, updates: int = 0) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay
        self.updates = updates
        # Looked up once: a GPU averages faster than hundreds of modules are gone through.
        self._own, self._present = _tensors(self.model), _tensors(model)

    @torch.no_grad()
    def update(self) -> None:
        """Take in the present state of the model, whose tensors are still those it had."""
        self.updates += 1
        keep = self.decay * (1 - math.exp(-self.updates / _RAMP))
        # All at once: hundreds of small tensors one by one take longer to call than to compute.
        torch._foreach_lerp_(self._own.floats, self._present.floats, 1 - keep)
        if self._own.counters:
            torch._foreach_copy_(self._own.counters, self._present.counters)


class _Tensors(NamedTuple):
    floats: list[Tensor]
    counters: list[Tensor]


def _tensors(model: nn.Module) -> _Tensors:
    every = [*model.parameters(), *model.buffers()]
    return _Tensors(
        [tensor for tensor in every if tensor.is_floating_point()],
        [tensor for tensor in every if not tensor.is_floating_point()],
    )
