"""How much detection and how much identity: ways to make one loss of two.

Each is a module `balance(detection, identity) -> total`. Those with parameters of their own must be
in the optimiser like any other module; `pcgrad_backward` works on gradients and is a function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, distributed, nn


class FixedWeights(nn.Module):
    """`detection_weight · L_det + identity_weight · L_id`."""

    def __init__(self, detection_weight: float = 1.0, identity_weight: float = 0.5) -> None:
        super().__init__()
        self.detection_weight = detection_weight
        self.identity_weight = identity_weight

    def forward(self, detection: Tensor, identity: Tensor) -> Tensor:
        """Combine two scalars."""
        return self.detection_weight * detection + self.identity_weight * identity


class Uncertainty(nn.Module):
    """Task weights learned as log variances (Kendall et al., 2018; FairMOT, eq. 5).

    `½ (e^{−s_det} · L_det + e^{−s_id} · L_id + s_det + s_id)`. With `learned=False` both stay at
    their start, as they did in ByteTrack_ReID, where no optimiser ever got them: that is the fixed
    mixture 3.18 · L_det + 1.43 · L_id − 1.45.
    """

    def __init__(self, s_det: float = -1.85, s_id: float = -1.05, *, learned: bool = True) -> None:
        super().__init__()
        self.s_det = nn.Parameter(torch.tensor([s_det]), requires_grad=learned)
        self.s_id = nn.Parameter(torch.tensor([s_id]), requires_grad=learned)

    def forward(self, detection: Tensor, identity: Tensor) -> Tensor:
        """Combine two scalars."""
        # A batch in which nobody is labelled says nothing of the identity task's uncertainty.
        s_id = torch.where(_anywhere(identity != 0), self.s_id, self.s_id.detach())
        weighted = (-self.s_det).exp() * detection + (-s_id).exp() * identity
        total: Tensor = 0.5 * (weighted + self.s_det + s_id)
        return total.squeeze()


def _anywhere(flag: Tensor) -> Tensor:
    """Tell whether a flag is set in any process of a distributed run."""
    if distributed.is_available() and distributed.is_initialized():
        told = flag.float()
        distributed.all_reduce(told, distributed.ReduceOp.MAX)
        return told > 0
    return flag


class DynamicWeightAverage(nn.Module):
    """Weight a task by how slowly its loss has fallen (Liu et al., "MTAN", 2019, eq. 7).

    Call `end_epoch` after each epoch; until two have passed both weights are 1.
    """

    epochs: Tensor
    sums: Tensor
    steps: Tensor

    def __init__(self, temperature: float = 2.0) -> None:
        super().__init__()
        self.temperature = temperature
        # Buffers, so that a resumed run goes on where it stopped: means of the last two epochs.
        self.register_buffer("epochs", torch.full((2, 2), torch.nan))
        self.register_buffer("sums", torch.zeros(2))
        self.register_buffer("steps", torch.zeros(()))

    def weights(self) -> Tensor:
        """Give the two weights, which add up to 2; both are 1 where a pace cannot be told."""
        before, last = self.epochs
        if not (self.epochs > 0).all():  # no two epochs yet, or one in which nobody was labelled
            return torch.ones_like(self.sums)
        pace = last / before
        return 2 * torch.softmax(pace / self.temperature, dim=0)

    def forward(self, detection: Tensor, identity: Tensor) -> Tensor:
        """Combine two scalars."""
        both = torch.stack([detection, identity])
        self.sums += both.detach()
        self.steps += 1
        total: Tensor = (self.weights() * both).sum()
        return total

    def end_epoch(self) -> None:
        """Take note of the epoch's mean losses."""
        if self.steps:
            self.epochs.copy_(torch.stack([self.epochs[1], self.sums / self.steps]))
        # In place: data-parallel training holds on to the tensors.
        self.sums.zero_()
        self.steps.zero_()


def pcgrad_backward(losses: Sequence[Tensor], parameters: Iterable[nn.Parameter]) -> None:
    """Set gradients of several losses without the parts in which they work against each other.

    Yu et al., "Gradient Surgery for Multi-Task Learning" (2020), algorithm 1: from each loss's
    gradient its component against every other loss's gradient is taken out; the rest is added up.

    Args:
        losses: Scalars, one a task.
        parameters: What to set `.grad` of; a parameter that no loss reaches is left alone.
    """
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    gradients = [
        torch.autograd.grad(loss, trained, retain_graph=True, allow_unused=True) for loss in losses
    ]
    flat = [
        torch.cat(
            [
                (torch.zeros_like(parameter) if part is None else part).flatten()
                for parameter, part in zip(trained, parts, strict=True)
            ]
        )
        for parts in gradients
    ]
    total = torch.zeros_like(flat[0])
    for task, gradient in enumerate(flat):
        projected = gradient.clone()
        for other in (*flat[:task], *flat[task + 1 :]):
            against = (projected @ other).clamp(max=0)
            projected -= against / (other @ other).clamp(min=1e-12) * other
        total += projected
    start = 0
    for position, parameter in enumerate(trained):
        stop = start + parameter.numel()
        if any(parts[position] is not None for parts in gradients):
            parameter.grad = total[start:stop].view_as(parameter).clone()
        start = stop
