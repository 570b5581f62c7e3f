"""The six sizes of YOLOX as plain functions."""

from __future__ import annotations

from typing import Literal, NamedTuple

from yolox.models.pafpn import YOLOPAFPN
from yolox.models.reid_head import FusedReID, PerLevelReID, ReIDHead
from yolox.models.yolo_head import YOLOXHead
from yolox.models.yolox import YOLOX


class ReIDOptions(NamedTuple):
    """Which ReID head to add; `gradient` and `bnneck` as in `ReIDHead`."""

    kind: Literal["per_level", "fused"] = "fused"
    emb_dim: int = 128
    gradient: float = 1.0
    bnneck: bool = False


def yolox_nano(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-nano: 0.9 M parameters, depthwise convolutions."""
    return build(0.33, 0.25, num_classes, reid, depthwise=True)


def yolox_tiny(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-tiny: 5.0 M parameters."""
    return build(0.33, 0.375, num_classes, reid)


def yolox_s(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-s: 8.9 M parameters."""
    return build(0.33, 0.50, num_classes, reid)


def yolox_m(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-m: 25.3 M parameters."""
    return build(0.67, 0.75, num_classes, reid)


def yolox_l(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-l: 54.1 M parameters."""
    return build(1.0, 1.0, num_classes, reid)


def yolox_x(num_classes: int = 1, reid: ReIDOptions | None = None) -> YOLOX:
    """Build YOLOX-x: 99.0 M parameters, the size of ByteTrack's published results."""
    return build(1.33, 1.25, num_classes, reid)


SIZES = {
    "nano": yolox_nano,
    "tiny": yolox_tiny,
    "s": yolox_s,
    "m": yolox_m,
    "l": yolox_l,
    "x": yolox_x,
}


def build(
    depth: float,
    width: float,
    num_classes: int,
    reid: ReIDOptions | None,
    *,
    depthwise: bool = False,
) -> YOLOX:
    """Build any size.

    Args:
        depth: Multiplies the number of layers; YOLOX-l is 1.
        width: Multiplies the number of channels; YOLOX-l is 1.
        num_classes: Number of object classes.
        reid: The ReID head, or None for a detector alone.
        depthwise: Use depthwise convolutions, as nano does.
    """
    backbone = YOLOPAFPN(depth, width, depthwise=depthwise)
    head = YOLOXHead(num_classes, width, backbone.channels, depthwise=depthwise)
    return YOLOX(backbone, head, _build_reid(reid, backbone, head, depthwise))


def _build_reid(
    reid: ReIDOptions | None, backbone: YOLOPAFPN, head: YOLOXHead, depthwise: bool
) -> ReIDHead | None:
    if reid is None:
        return None
    if reid.kind == "per_level":
        return PerLevelReID(
            head.hidden,
            reid.emb_dim,
            gradient=reid.gradient,
            bnneck=reid.bnneck,
            depthwise=depthwise,
        )
    if reid.kind == "fused":
        return FusedReID(
            backbone.channels,
            head.hidden,
            reid.emb_dim,
            gradient=reid.gradient,
            bnneck=reid.bnneck,
            depthwise=depthwise,
        )
    raise ValueError(f"reid kind is {reid.kind!r}; give 'per_level' or 'fused'")
