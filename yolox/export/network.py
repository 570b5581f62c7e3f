"""A network in the form in which it is exported: plain tensors in and out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from yolox.models.blocks import BaseConv, Focus, fuse
from yolox.models.reid_head import ReIDHead
from yolox.models.yolo_head import decode
from yolox.models.yolox import YOLOX


class ExportedNetwork(nn.Module):
    """Images to rows `(B, N, 5 + C)` and, with a ReID head, embeddings `(B, N, D)`.

    A row is a location's box (centre x, centre y, width, height, in network pixels if decoded),
    objectness and classes as probabilities. Embeddings have unit length.
    """

    def __init__(self, model: YOLOX, *, decoded: bool = True, reid: bool = True) -> None:
        """Copy a model and simplify it: norms folded in, the stem one convolution.

        Args:
            model: Stays as it is.
            decoded: Give boxes, not offsets.
            reid: Give embeddings, if the model has them.
        """
        super().__init__()
        self.model = fuse(deepcopy(model).float().cpu().eval())
        darknet: Any = self.model.backbone.backbone  # type: ignore[union-attr]
        darknet.stem = fold_focus(darknet.stem)
        if not reid:
            self.model.reid_head = None  # type: ignore[assignment]
        elif isinstance(self.model.reid_head, ReIDHead):
            self.model.reid_head.gradient = 1.0  # no exporter knows the gate, which has no effect
        self.decoded = decoded
        self.requires_grad_(False)

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding, 0 without them."""
        head = self.model.reid_head
        return head.emb_dim if isinstance(head, ReIDHead) else 0

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Map `(B, 3, H, W)` preprocessed images to rows, and embeddings if there are any."""
        predictions, maps = self.model(images)
        boxes = decode(predictions.offsets, predictions.locations)
        first = boxes if self.decoded else predictions.offsets
        chances = torch.cat([predictions.objectness[..., None], predictions.classes], dim=-1)
        rows = torch.cat([first, chances.sigmoid()], dim=-1)
        if maps is None:
            return (rows,)
        return rows, embed_everywhere(self.model.reid_head, maps, boxes, images.shape[-2:])  # type: ignore[arg-type]


def embed_everywhere(head: ReIDHead, maps: list[Tensor], boxes: Tensor, size: torch.Size) -> Tensor:
    """Read the embedding of every location, by operations that exporters know.

    Args:
        head: The ReID head, in evaluation mode.
        maps: From its `forward`.
        boxes: `(B, N, 4)` decoded.
        size: Height and width of the network input.

    Returns:
        `(B, N, D)` of unit length: what `head.embed` reads one by one.
    """
    if head.one_per_object:
        # Bilinear between centres of cells, at the border the border's: as `FusedReID.sample`.
        across = 2 * boxes[..., 0] / size[1] - 1
        down = 2 * boxes[..., 1] / size[0] - 1
        points = torch.stack([across, down], dim=-1)[:, :, None]  # (B, N, 1, 2)
        sampled = functional.grid_sample(
            maps[0], points, mode="bilinear", padding_mode="border", align_corners=False
        ).squeeze(-1)  # (B, D, N)
    else:
        sampled = torch.cat([level.flatten(2) for level in maps], dim=2)
    # As an image one pixel wide: ncnn normalises over channels of images only.
    vectors = functional.normalize(head.bnneck(sampled)[..., None]).squeeze(-1)
    return vectors.transpose(1, 2)


def fold_focus(focus: Focus) -> BaseConv:
    """Write the stem as one 6×6 convolution of stride 2, which is the same sum.

    Cutting an image into 2×2 patches and convolving 3×3 patches looks at 6×6 pixels. Not every
    runtime knows the cutting.

    Args:
        focus: With its norm folded in.
    """
    patches = focus.conv.conv
    count, channels = patches.out_channels, patches.in_channels // 4
    stem = BaseConv(channels, count, 6, 2)
    stem.conv = nn.Conv2d(channels, count, 6, 2, padding=2)
    stem.bn = nn.Identity()
    # The channels of a patch are ordered by column, row, colour.
    weight = patches.weight.reshape(count, 2, 2, channels, 3, 3)
    weight = weight.permute(0, 3, 4, 2, 5, 1).reshape(count, channels, 6, 6)
    with torch.no_grad():
        stem.conv.weight.copy_(weight)
        assert patches.bias is not None, "fold the norm in first"
        assert stem.conv.bias is not None
        stem.conv.bias.copy_(patches.bias)
    return stem
