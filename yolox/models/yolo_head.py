"""The decoupled, anchor-free detection head of YOLOX: feature maps to raw predictions."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from yolox.models.blocks import BaseConv, conv_pair
from yolox.models.darknet import Pyramid

STRIDES = (8, 16, 32)


class Predictions(NamedTuple):
    """What the head says at each of the N locations of an image, before any activation.

    Attributes:
        offsets: `(B, N, 4)`: centre relative to the location and log size, in strides.
        objectness: `(B, N)` logits.
        classes: `(B, N, C)` logits.
        locations: `(N, 3)` float32: column, row and stride.
    """

    offsets: Tensor
    objectness: Tensor
    classes: Tensor
    locations: Tensor

    def boxes(self) -> Tensor:
        """Decode all; see `decode`."""
        return decode(self.offsets, self.locations)


class YOLOXHead(nn.Module):
    """Per level a shared stem, then one branch for the class and one for box and objectness."""

    def __init__(
        self,
        num_classes: int,
        width: float,
        channels: tuple[int, int, int],
        *,
        depthwise: bool = False,
    ) -> None:
        super().__init__()
        if num_classes < 1:
            raise ValueError(f"num_classes is {num_classes}; give at least 1")
        self.num_classes = num_classes
        self.hidden = hidden = int(256 * width)

        self.stems = nn.ModuleList(BaseConv(count, hidden, 1) for count in channels)
        self.cls_convs = nn.ModuleList(conv_pair(hidden, depthwise=depthwise) for _ in channels)
        self.reg_convs = nn.ModuleList(conv_pair(hidden, depthwise=depthwise) for _ in channels)
        self.cls_preds = nn.ModuleList(nn.Conv2d(hidden, num_classes, 1) for _ in channels)
        self.reg_preds = nn.ModuleList(nn.Conv2d(hidden, 4, 1) for _ in channels)
        self.obj_preds = nn.ModuleList(nn.Conv2d(hidden, 1, 1) for _ in channels)
        self.set_prior(0.01)

    def set_prior(self, probability: float) -> None:
        """Start with every location saying `probability`, so that background does not swamp."""
        logit = -math.log((1 - probability) / probability)
        for layer in (*self.cls_preds, *self.obj_preds):
            nn.init.constant_(layer.bias, logit)

    def apply_stems(self, pyramid: Pyramid) -> list[Tensor]:
        """Map every level of the neck to the hidden channels that all branches share."""
        return [stem(level) for stem, level in zip(self.stems, pyramid, strict=True)]

    def forward(self, stems: list[Tensor]) -> Predictions:
        """Predict from what `apply_stems` gave."""
        offsets, objectness, classes = [], [], []
        for k, stem in enumerate(stems):
            class_features = self.cls_convs[k](stem)
            classes.append(_flatten(self.cls_preds[k](class_features)))
            box_features = self.reg_convs[k](stem)
            offsets.append(_flatten(self.reg_preds[k](box_features)))
            objectness.append(self.obj_preds[k](box_features).flatten(1))
        return Predictions(
            torch.cat(offsets, dim=1),
            torch.cat(objectness, dim=1),
            torch.cat(classes, dim=1),
            make_locations([stem.shape[-2:] for stem in stems], stems[0].device),
        )


def decode(offsets: Tensor, locations: Tensor) -> Tensor:
    """Turn raw offsets into boxes in network pixels.

    Always in float32: half precision cannot tell neighbouring pixels apart above 1024.

    Args:
        offsets: `(..., 4)`.
        locations: `(..., 3)` column, row and stride.

    Returns:
        `(..., 4)` float32 centre x, centre y, width, height.
    """
    offsets = offsets.float()
    grid, stride = locations[..., :2], locations[..., 2:]
    return torch.cat([(offsets[..., :2] + grid) * stride, offsets[..., 2:].exp() * stride], dim=-1)


def make_locations(sizes: list[torch.Size], device: torch.device) -> Tensor:
    """List column, row and stride `(N, 3)` of all levels, row by row, for `(H, W)` map sizes."""
    levels = []
    for (rows, columns), stride in zip(sizes, STRIDES, strict=True):
        y, x = torch.meshgrid(
            torch.arange(rows, device=device), torch.arange(columns, device=device), indexing="ij"
        )
        levels.append(torch.stack([x, y, torch.full_like(x, stride)], dim=-1).reshape(-1, 3))
    return torch.cat(levels).float()


def _flatten(level: Tensor) -> Tensor:
    """Turn `(B, C, H, W)` into `(B, H · W, C)`."""
    return level.flatten(2).transpose(1, 2)
