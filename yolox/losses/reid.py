"""What the ReID head is told: embeddings of one person together, of two people apart.

All losses take `(K, D)` embeddings and `(K,)` int64 identities and are a mean over the labelled
ones; triplet, circle and supervised contrastive over those that are not yet 0. Where nobody is
labelled the loss is exactly 0 and its gradient finite. Margin and metric losses are those of
pytorch-metric-learning.
"""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

IdentityLossName = Literal[
    "cross_entropy", "focal", "arcface", "cosface", "triplet", "circle", "supervised_contrastive"
]
IDENTITY_LOSSES: tuple[IdentityLossName, ...] = get_args(IdentityLossName)

UNLABELLED = -1


def identity_scale(num_ids: int) -> float:
    """Length that normalised embeddings are stretched to before they are classified.

    √2 · ln(number of identities − 1), as in JDE and FairMOT (the fixed scale of AdaCos, Zhang et
    al., 2019); 1 for two identities, for which that is 0.
    """
    return math.sqrt(2) * math.log(num_ids - 1) if num_ids > 2 else 1.0


class IdentityLoss(nn.Module):
    """Leaves out whoever is not labelled, then applies a loss."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, embeddings: Tensor, identities: Tensor) -> Tensor:
        """Compute the loss of `(K, D)` embeddings; identity −1 is unlabelled."""
        if identities.dtype != torch.int64:
            raise TypeError(f"identities are {identities.dtype}; give int64, which keeps every id")
        labelled = identities != UNLABELLED
        if not labelled.any():
            # 0, with everything still in the graph: in distributed training nobody is waited for.
            nothing = embeddings[labelled].float().sum()
            return nothing + sum(0 * parameter.sum() for parameter in self.loss.parameters())
        loss: Tensor = self.loss(embeddings[labelled].float(), identities[labelled])
        return loss


class IdentityClassifier(nn.Module):
    """Linear classifier over normalised, scaled embeddings with (focal) cross-entropy.

    Zhang et al., "FairMOT" (2021), eq. 3; focal: Lin et al. (2017), eq. 4.
    """

    def __init__(
        self, num_ids: int, emb_dim: int, *, label_smoothing: float = 0.0, gamma: float = 0.0
    ) -> None:
        super().__init__()
        self.classifier = nn.Linear(emb_dim, num_ids)
        self.scale = identity_scale(num_ids)
        self.label_smoothing = label_smoothing
        self.gamma = gamma

    def forward(self, embeddings: Tensor, identities: Tensor) -> Tensor:
        """Compute the mean loss of `(K, D)` embeddings with labels in [0, num_ids)."""
        num_ids = self.classifier.out_features
        if identities.max() >= num_ids:
            highest = int(identities.max())
            raise ValueError(f"identity {highest} of {num_ids}; build the loss for all identities")
        logits = self.classifier(self.scale * functional.normalize(embeddings))
        losses = functional.cross_entropy(
            logits, identities, reduction="none", label_smoothing=self.label_smoothing
        )
        if self.gamma:
            log_p = functional.log_softmax(logits, dim=1).gather(1, identities[:, None]).squeeze(1)
            # Kept above 0, where a power below 1 has no gradient.
            losses = (1 - log_p.exp()).clamp(min=1e-8) ** self.gamma * losses
        return losses.mean()


class MinedTriplet(nn.Module):
    """Triplet loss on each anchor's farthest positive and nearest negative (Hermans, 2017)."""

    def __init__(self, margin: float) -> None:
        super().__init__()
        from pytorch_metric_learning.losses import TripletMarginLoss
        from pytorch_metric_learning.miners import BatchHardMiner

        self.mine = BatchHardMiner()
        self.loss = TripletMarginLoss(margin=margin)

    def forward(self, embeddings: Tensor, identities: Tensor) -> Tensor:
        """Compute the mean over the triplets that still violate the margin."""
        loss: Tensor = self.loss(embeddings, identities, self.mine(embeddings, identities))
        return loss


def make_identity_loss(
    name: IdentityLossName, num_ids: int, emb_dim: int, **options: Any
) -> IdentityLoss:
    """Make a loss by name.

    Args:
        name: One of `IDENTITY_LOSSES`.
        num_ids: Number of identities in the training data, for the losses that classify.
        emb_dim: Length of an embedding.
        **options: `label_smoothing` (cross_entropy, focal), `gamma` (focal, 2), `margin` (arcface
            28.6 degrees, cosface 0.35, triplet 0.3, circle 0.4), `scale` (arcface, cosface 64;
            circle 80), `temperature` (supervised_contrastive, 0.1).

    Raises:
        ValueError: There is no loss of that name, or fewer than two people to classify.
    """
    if name not in IDENTITY_LOSSES:
        raise ValueError(f"identity loss is {name!r}; give one of {', '.join(IDENTITY_LOSSES)}")
    classifies = name in ("cross_entropy", "focal", "arcface", "cosface")
    if classifies and num_ids < 2:
        raise ValueError(f"num_ids is {num_ids}; {name} needs at least two people to tell apart")
    if name in ("cross_entropy", "focal"):
        options = {"gamma": 2.0, **options} if name == "focal" else options
        return IdentityLoss(IdentityClassifier(num_ids, emb_dim, **options))
    if name == "triplet":
        return IdentityLoss(MinedTriplet(**{"margin": 0.3, **options}))

    # Imported here: it loads scikit-learn, which the other losses do not need.
    from pytorch_metric_learning import losses

    if name == "arcface":
        return IdentityLoss(losses.ArcFaceLoss(num_ids, emb_dim, **options))
    if name == "cosface":
        return IdentityLoss(losses.CosFaceLoss(num_ids, emb_dim, **options))
    if name == "circle":
        theirs = {"margin": "m", "scale": "gamma"}
        renamed = {theirs.get(key, key): value for key, value in options.items()}
        return IdentityLoss(losses.CircleLoss(**renamed))
    return IdentityLoss(losses.SupConLoss(**options))
