"""A moving average of the weights, which tracks better than the weights themselves."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn

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
        state = model.state_dict()
        for name, average in self.model.state_dict().items():
            if average.is_floating_point():
                average.lerp_(state[name].to(average.dtype), 1 - keep)
            else:
                average.copy_(state[name])
