"""Which parameters are trained, and which of them decay."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def parameter_groups(*modules: nn.Module, weight_decay: float = 5e-4) -> list[dict[str, Any]]:
    """Sort the trainable parameters of model and criterion for an optimiser.

    Weights of convolutions and linear layers decay; biases, norms and whatever else a module owns,
    such as the uncertainties of a balance, do not. Every trainable parameter is in one group.

    Args:
        *modules: For example the model and the criterion.
        weight_decay: Of the first group.
    """
    decaying: dict[int, nn.Parameter] = {}
    others: dict[int, nn.Parameter] = {}
    for root in modules:
        for module in root.modules():
            for name, parameter in module.named_parameters(recurse=False):
                if not parameter.requires_grad:
                    continue
                is_weight = name == "weight" and isinstance(module, nn.Conv2d | nn.Linear)
                (decaying if is_weight else others)[id(parameter)] = parameter
    return [
        {"params": list(decaying.values()), "weight_decay": weight_decay},
        {"params": list(others.values()), "weight_decay": 0.0},
    ]


def make_optimizer(
    name: str, groups: list[dict[str, Any]], *, momentum: float
) -> torch.optim.Optimizer:
    """Make the optimiser of a run; its learning rate is set before every step.

    Args:
        name: `sgd`, with Nesterov's momentum as YOLOX has it, or `adamw`, which gets a small
            network further in few epochs and wants about a tenth of the rate.
        groups: From `parameter_groups`.
        momentum: Of `sgd`.
    """
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=0.0)
    return torch.optim.SGD(groups, lr=0.0, momentum=momentum, nesterov=True)
