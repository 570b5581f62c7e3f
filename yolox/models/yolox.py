"""The whole network: backbone and neck, detection head and, if wanted, a ReID head."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from yolox.models.pafpn import YOLOPAFPN
from yolox.models.reid_head import ReIDHead
from yolox.models.yolo_head import Predictions, YOLOXHead
from yolox.structures.preprocessing import Preprocessing


class Output(NamedTuple):
    """Raw predictions, and the maps that the ReID head reads embeddings from (None without one)."""

    predictions: Predictions
    embedding_maps: list[Tensor] | None


class YOLOX(nn.Module):
    """Images to raw predictions; losses and non-maximum suppression are elsewhere.

    Attributes:
        preprocessing: What input the weights expect; None while they are random.
    """

    def __init__(
        self, backbone: YOLOPAFPN, head: YOLOXHead, reid_head: ReIDHead | None = None
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.reid_head = reid_head
        self.preprocessing: Preprocessing | None = None

    def forward(self, images: Tensor) -> Output:
        """Predict from `(B, 3, H, W)` preprocessed images; H and W are multiples of 32."""
        height, width = images.shape[-2:]
        if height % 32 or width % 32:
            raise ValueError(f"images are {height}×{width}; pad both sides to multiples of 32")
        pyramid = self.backbone(images)
        stems = self.head.apply_stems(pyramid)
        maps = None if self.reid_head is None else self.reid_head(pyramid, stems)
        return Output(self.head(stems), maps)
