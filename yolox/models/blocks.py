"""The convolution blocks of YOLOX; attribute names are those of the published checkpoints.

Ge et al., "YOLOX: Exceeding YOLO Series in 2021" (2021); the blocks are YOLOv5's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

# YOLOX trains with these instead of PyTorch's defaults; the published weights rest on them.
NORM_EPS = 1e-3
NORM_MOMENTUM = 0.03


class BaseConv(nn.Module):
    """Convolution, batch norm, SiLU; `fuse` folds the norm into the convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, *, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False
        )
        self.bn: nn.Module = nn.BatchNorm2d(out_channels, NORM_EPS, NORM_MOMENTUM)

    @property
    def is_fused(self) -> bool:
        """Whether the norm has been folded in."""
        return isinstance(self.bn, nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H / stride, W / stride)`."""
        # In place saves memory, but where a gradient is wanted the input would be copied first.
        return functional.silu(self.bn(self.conv(x)), inplace=not torch.is_grad_enabled())


class DWConv(nn.Module):
    """Depthwise convolution followed by a pointwise one (YOLOX-nano)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.dconv = BaseConv(in_channels, in_channels, kernel, stride, groups=in_channels)
        self.pconv = BaseConv(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H / stride, W / stride)`."""
        mapped: Tensor = self.pconv(self.dconv(x))
        return mapped


def conv(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, *, depthwise: bool
) -> nn.Module:
    """Make the spatial convolution of a plain or of a depthwise network."""
    kind = DWConv if depthwise else BaseConv
    return kind(in_channels, out_channels, kernel, stride)


def conv_pair(channels: int, *, depthwise: bool) -> nn.Sequential:
    """Make the two 3×3 convolutions that every branch of a head begins with."""
    return nn.Sequential(*(conv(channels, channels, 3, depthwise=depthwise) for _ in range(2)))


class Bottleneck(nn.Module):
    """1×1 then 3×3 convolution, with a residual connection if `shortcut`."""

    def __init__(self, channels: int, *, shortcut: bool, depthwise: bool) -> None:
        super().__init__()
        self.conv1 = BaseConv(channels, channels, 1)
        self.conv2 = conv(channels, channels, 3, depthwise=depthwise)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape `(B, C, H, W)`."""
        y: Tensor = self.conv2(self.conv1(x))
        return x + y if self.shortcut else y


class CSPLayer(nn.Module):
    """Cross-stage partial layer: half of the channels pass through `depth` bottlenecks.

    Wang et al., "CSPNet" (2020), with three convolutions as in YOLOv5.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        depth: int,
        *,
        shortcut: bool = True,
        depthwise: bool = False,
    ) -> None:
        super().__init__()
        hidden = out_channels // 2
        self.conv1 = BaseConv(in_channels, hidden, 1)
        self.conv2 = BaseConv(in_channels, hidden, 1)
        self.conv3 = BaseConv(2 * hidden, out_channels, 1)
        self.m = nn.Sequential(
            *(Bottleneck(hidden, shortcut=shortcut, depthwise=depthwise) for _ in range(depth))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H, W)`."""
        through, beside = self.conv1(x), self.conv2(x)
        joined: Tensor = self.conv3(torch.cat([self.m(through), beside], dim=1))
        return joined


class SPPBottleneck(nn.Module):
    """Spatial pyramid pooling over windows of 5, 9 and 13 (He et al., 2015)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        hidden = in_channels // 2
        self.conv1 = BaseConv(in_channels, hidden, 1)
        self.pool = nn.MaxPool2d(5, stride=1, padding=2)
        self.conv2 = BaseConv(4 * hidden, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H, W)`."""
        x = self.conv1(x)
        # Pooling twice by 5 is pooling by 9, thrice is 13: the same maxima for a third of the work.
        by_5 = self.pool(x)
        by_9 = self.pool(by_5)
        by_13 = self.pool(by_9)
        joined: Tensor = self.conv2(torch.cat([x, by_5, by_9, by_13], dim=1))
        return joined


class Focus(nn.Module):
    """Stem: every 2×2 patch of pixels becomes four times the channels, then a 3×3 convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = BaseConv(4 * in_channels, out_channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, 3, H, W)` to `(B, out, H / 2, W / 2)`."""
        top_left, bottom_left = x[..., ::2, ::2], x[..., 1::2, ::2]
        top_right, bottom_right = x[..., ::2, 1::2], x[..., 1::2, 1::2]
        # The published weights want the left column first.
        patches = torch.cat([top_left, bottom_left, top_right, bottom_right], dim=1)
        stem: Tensor = self.conv(patches)
        return stem


def fuse(model: nn.Module) -> nn.Module:
    """Fold every batch norm into its convolution, in place, for inference.

    The model must be in evaluation mode; it can no longer be trained.
    """
    if model.training:
        raise ValueError("fuse needs a model in evaluation mode; call model.eval() first")
    for module in model.modules():
        if isinstance(module, BaseConv) and isinstance(module.bn, nn.BatchNorm2d):
            module.conv = nn.utils.fuse_conv_bn_eval(module.conv, module.bn)
            module.bn = nn.Identity()
    return model
