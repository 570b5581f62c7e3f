"""ReID heads: who is at a place of the image, as an embedding.

Two ways behind one interface. A head turns feature maps into maps of embeddings; `sample` then
reads single embeddings, at locations of the detection head or at points of the image.

`PerLevelReID` is ByteTrack_ReID's: an embedding at every location of every level. `FusedReID` makes
one map at stride 8, as FairMOT does (Zhang et al., "FairMOT", 2021, 4.2), so that a person has one
embedding whatever the level that found it.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from yolox.models.blocks import BaseConv, conv_pair
from yolox.models.darknet import Pyramid


class ReIDHead(nn.Module):
    """What both heads share: the gradient gate in front and the optional BNNeck behind.

    Attributes:
        emb_dim: Length of an embedding.
        one_per_object: Whether an object has one embedding, or one at each location that found it.
    """

    one_per_object: bool

    def __init__(self, emb_dim: int, *, gradient: float, bnneck: bool) -> None:
        """Check and take the settings.

        Args:
            emb_dim: Length of an embedding.
            gradient: Share of the branch's gradient that reaches the detector: 0 leaves the
                detector untouched, 1 trains both alike.
            bnneck: Normalise embeddings over the batch before they are compared or classified,
                after Luo et al., "Bag of Tricks" (2019); unlike there, every loss sees them so.
        """
        super().__init__()
        if emb_dim < 1:
            raise ValueError(f"emb_dim is {emb_dim}; give at least 1")
        if not 0 <= gradient <= 1:
            raise ValueError(f"gradient is {gradient}; give a share from 0 to 1")
        self.emb_dim = emb_dim
        self.gradient = gradient
        self.bnneck: nn.Module = nn.Identity()
        if bnneck:
            self.bnneck = nn.BatchNorm1d(emb_dim)
            # The bias would only move all embeddings alike.
            nn.init.zeros_(self.bnneck.bias)
            self.bnneck.bias.requires_grad_(False)

    @abstractmethod
    def forward(self, pyramid: Pyramid, stems: list[Tensor]) -> list[Tensor]:
        """Make the embedding maps from the neck and the detection head's stems."""

    @abstractmethod
    def sample(
        self, maps: list[Tensor], images: Tensor, locations: Tensor, points: Tensor
    ) -> Tensor:
        """Read embeddings.

        Args:
            maps: From `forward`.
            images: `(K,)` int64, which image of the batch.
            locations: `(K,)` int64, which of the N locations.
            points: `(K, 2)` x, y in network pixels.

        Returns:
            `(K, emb_dim)`, not normalised.
        """

    def embed(
        self, maps: list[Tensor], images: Tensor, locations: Tensor, points: Tensor
    ) -> Tensor:
        """Read embeddings as `sample` does, in float32, and pass them through the BNNeck."""
        sampled = self.sample([level.float() for level in maps], images, locations, points)
        if isinstance(self.bnneck, nn.Identity):
            return sampled
        neck: Any = self.bnneck  # a BatchNorm1d, or what SyncBatchNorm makes of it
        sampled = sampled.to(neck.weight.dtype)
        alone = isinstance(neck, nn.BatchNorm1d)  # other processes wait for a synchronised one
        if neck.training and alone and len(sampled) < 2:  # too few for statistics of their own
            return functional.batch_norm(
                sampled, neck.running_mean, neck.running_var, neck.weight, neck.bias, eps=neck.eps
            )
        normalised: Tensor = neck(sampled)
        return normalised

    def gate(self, features: Tensor) -> Tensor:
        """Pass features on and let only the set share of their gradient back."""
        if self.gradient == 0:
            return features.detach()
        if self.gradient == 1:
            return features
        gated: Tensor = _ScaleGradient.apply(features, self.gradient)
        return gated


class PerLevelReID(ReIDHead):
    """Two 3×3 convolutions on each level's stem, then 1×1 to the embedding (ByteTrack_ReID)."""

    one_per_object = False

    def __init__(
        self,
        hidden: int,
        emb_dim: int = 128,
        *,
        gradient: float = 1.0,
        bnneck: bool = False,
        depthwise: bool = False,
    ) -> None:
        super().__init__(emb_dim, gradient=gradient, bnneck=bnneck)
        self.convs = nn.ModuleList(conv_pair(hidden, depthwise=depthwise) for _ in range(3))
        self.preds = nn.ModuleList(nn.Conv2d(hidden, emb_dim, 1) for _ in range(3))

    def forward(self, pyramid: Pyramid, stems: list[Tensor]) -> list[Tensor]:
        """Make one map of embeddings a level."""
        return [
            pred(convs(self.gate(stem)))
            for convs, pred, stem in zip(self.convs, self.preds, stems, strict=True)
        ]

    def sample(
        self, maps: list[Tensor], images: Tensor, locations: Tensor, points: Tensor
    ) -> Tensor:
        """Read the embeddings at `locations`; see `ReIDHead.sample`."""
        flat = torch.cat([level.flatten(2).transpose(1, 2) for level in maps], dim=1)  # (B, N, D)
        return flat[images, locations]


class FusedReID(ReIDHead):
    """All levels added up at stride 8, two 3×3 convolutions, 1×1 to the embedding."""

    one_per_object = True

    def __init__(
        self,
        channels: tuple[int, int, int],
        hidden: int,
        emb_dim: int = 128,
        *,
        gradient: float = 1.0,
        bnneck: bool = False,
        depthwise: bool = False,
    ) -> None:
        super().__init__(emb_dim, gradient=gradient, bnneck=bnneck)
        self.laterals = nn.ModuleList(BaseConv(count, hidden, 1) for count in channels)
        self.convs = conv_pair(hidden, depthwise=depthwise)
        self.pred = nn.Conv2d(hidden, emb_dim, 1)

    def forward(self, pyramid: Pyramid, stems: list[Tensor]) -> list[Tensor]:
        """Make one map of embeddings at stride 8."""
        size = pyramid[0].shape[-2:]
        levels = [
            functional.interpolate(lateral(self.gate(level)), size, mode="nearest")
            for lateral, level in zip(self.laterals, pyramid, strict=True)
        ]
        return [self.pred(self.convs(levels[0] + levels[1] + levels[2]))]

    def sample(
        self, maps: list[Tensor], images: Tensor, locations: Tensor, points: Tensor
    ) -> Tensor:
        """Read the embeddings at `points`, bilinearly; see `ReIDHead.sample`."""
        (level,) = maps
        height, width = level.shape[-2:]
        # Cell i of a stride-8 map is centred on pixel 8 · i + 4.
        position = points.to(level.dtype) / 8 - 0.5
        x = position[:, 0].clamp(0, width - 1)
        y = position[:, 1].clamp(0, height - 1)
        left, top = x.floor().long(), y.floor().long()
        right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
        along_x, along_y = (x - left)[:, None], (y - top)[:, None]
        upper = level[images, :, top, left] * (1 - along_x) + level[images, :, top, right] * along_x
        lower = (
            level[images, :, bottom, left] * (1 - along_x)
            + level[images, :, bottom, right] * along_x
        )
        sampled: Tensor = upper * (1 - along_y) + lower * along_y
        return sampled


class _ScaleGradient(torch.autograd.Function):
    """Identity whose gradient is multiplied by a number."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, share: float) -> Tensor:
        ctx.share = share
        return features.view_as(features)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.share, None
