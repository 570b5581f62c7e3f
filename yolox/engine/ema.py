"""A moving average of the weights, which tracks better than the weights themselves."""

from __future__ import annotations

import copy
import math
from itertools import compress

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

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the model's present state."""
        self.updates += 1
        keep = self.decay * (1 - math.exp(-self.updates / _RAMP))
        averages, present = _tensors(self.model), _tensors(model)
        floats = [tensor.is_floating_point() for tensor in averages]
        # All at once: hundreds of small tensors one by one take longer to call than to compute.
        torch._foreach_lerp_(
            list(compress(averages, floats)), list(compress(present, floats)), 1 - keep
        )
        for average, counter, is_float in zip(averages, present, floats, strict=True):
            if not is_float:
                average.copy_(counter)


def _tensors(model: nn.Module) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()]
