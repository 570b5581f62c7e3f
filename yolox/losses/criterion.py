"""Predictions and targets to named losses and their sum."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn

from yolox.losses.balance import DynamicWeightAverage
from yolox.losses.detection import BOX_LOSSES, BoxLoss, detection_losses
from yolox.losses.reid import IdentityLoss
from yolox.losses.simota import RULES, Matches, assign
from yolox.models.reid_head import ReIDHead
from yolox.models.yolox import Output
from yolox.structures.targets import Targets, check_targets

WEIGHTS = {"box": 5.0, "objectness": 1.0, "class": 1.0, "l1": 1.0}


class Criterion(nn.Module):
    """Assigns, computes every loss, and adds them up.

    Parameters of the identity loss (a classifier) and of the balance (uncertainties) belong in the
    optimiser, but not into an exported model: they live here.
    """

    def __init__(
        self,
        *,
        rule: str = "yolox",
        box_loss: BoxLoss = "iou",
        identity_loss: IdentityLoss | None = None,
        balance: nn.Module | None = None,
    ) -> None:
        """Take the parts.

        Args:
            rule: Name of the assignment rule, see `simota.RULES`.
            box_loss: See `detection.box_losses`.
            identity_loss: Loss of the ReID head, or None for a detector alone.
            balance: Makes one of the detection and the identity loss; needed with `identity_loss`.
        """
        super().__init__()
        if rule not in RULES:
            raise ValueError(f"rule is {rule!r}; give one of {', '.join(RULES)}")
        if box_loss not in BOX_LOSSES:
            raise ValueError(f"box_loss is {box_loss!r}; give one of {', '.join(BOX_LOSSES)}")
        if (identity_loss is None) != (balance is None):
            raise ValueError("identity_loss and balance belong together; give both or neither")
        self.rule = RULES[rule]
        self.box_loss = box_loss
        self.identity_loss = identity_loss
        self.balance = balance
        self.with_l1 = False

    def forward(
        self,
        output: Output,
        targets: Targets,
        image_size: tuple[int, int],
        reid_head: ReIDHead | None = None,
    ) -> dict[str, Tensor]:
        """Compute the losses of a batch.

        Args:
            output: What the model said.
            targets: What is true.
            image_size: Height and width of the network input.
            reid_head: The model's ReID head; needed with an identity loss.

        Returns:
            `box`, `objectness`, `class`, `l1` if `with_l1` is set, `detection` (their weighted
            sum), `identity` if there is an identity loss, and `total`, to go backward from.
        """
        with torch.autocast(output.predictions.offsets.device.type, enabled=False):
            check_targets(targets, *output.predictions.classes.shape[::2])
            matches = assign(output.predictions, targets, image_size, self.rule)
            losses = detection_losses(
                output.predictions,
                targets,
                matches,
                box_loss=self.box_loss,
                with_l1=self.with_l1,
                count=_mean_count(matches.images),
            )
            losses["detection"] = sum_weighted(losses)
            if self.identity_loss is None or self.balance is None:
                return {**losses, "total": losses["detection"]}
            if reid_head is None or output.embedding_maps is None:
                raise ValueError("the identity loss has no ReID head; build the model with one")
            embeddings, identities = identity_samples(output, targets, matches, reid_head)
            labelled = identities[identities >= 0]
            # As if each process' mean were a share of everybody's.
            share = len(labelled) / _mean_count(labelled)
            losses["identity"] = share * self.identity_loss(embeddings, identities)
            losses["total"] = self.balance(losses["detection"], losses["identity"])
            return losses

    def end_epoch(self) -> None:
        """Let a balance that goes by epochs take note of one."""
        if isinstance(self.balance, DynamicWeightAverage):
            self.balance.end_epoch()


def _mean_count(rows: Tensor) -> float:
    """Count rows, in the mean of all processes, and take none for one.

    Data-parallel training averages the gradients of the processes as if each had seen as many
    objects. With sums over this count, half a batch in each of two is the same as a whole one.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return float(max(len(rows), 1))
    everybody = torch.tensor(float(len(rows)), device=rows.device)
    distributed.all_reduce(everybody)
    return max(float(everybody), 1.0) / distributed.get_world_size()


def sum_weighted(losses: dict[str, Tensor]) -> Tensor:
    """Add the detection losses up with YOLOX's weights."""
    total: Any = sum(WEIGHTS[name] * loss for name, loss in losses.items())
    weighted: Tensor = total
    return weighted


def identity_samples(
    output: Output, targets: Targets, matches: Matches, reid_head: ReIDHead
) -> tuple[Tensor, Tensor]:
    """Read the embeddings that are to learn an identity.

    Returns:
        `(K, D)` float32 embeddings and their `(K,)` identities: one for each labelled person where
        the head has one embedding an object, otherwise one for each location matched with a person.
    """
    assert output.embedding_maps is not None
    maps = output.embedding_maps
    if reid_head.one_per_object:
        labelled = (targets.identities >= 0).nonzero(as_tuple=True)[0]
        images, centres = targets.images[labelled], targets.boxes[labelled, :2].float()
        embeddings = reid_head.embed(maps, images, labelled, centres)
        return embeddings, targets.identities[labelled]
    identities = targets.identities[matches.targets]
    centres = targets.boxes[matches.targets, :2]
    return reid_head.embed(maps, matches.images, matches.locations, centres), identities
