"""PAFPN, the neck of YOLOX: features flow down the pyramid and up again (Liu et al., 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yolox.models.blocks import BaseConv, CSPLayer, conv
from yolox.models.darknet import CSPDarknet, Pyramid


class YOLOPAFPN(nn.Module):
    """Backbone and neck; the names of its layers are those of the published checkpoints."""

    def __init__(self, depth: float, width: float, *, depthwise: bool = False) -> None:
        super().__init__()
        self.backbone = CSPDarknet(depth, width, depthwise=depthwise)
        small, middle, large = (int(channels * width) for channels in (256, 512, 1024))
        self.channels = (small, middle, large)
        layers = round(3 * depth)

        def csp(in_channels: int, out_channels: int) -> CSPLayer:
            return CSPLayer(in_channels, out_channels, layers, shortcut=False, depthwise=depthwise)

        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")
        self.lateral_conv0 = BaseConv(large, middle, 1)
        self.C3_p4 = csp(2 * middle, middle)
        self.reduce_conv1 = BaseConv(middle, small, 1)
        self.C3_p3 = csp(2 * small, small)
        self.bu_conv2 = conv(small, small, 3, 2, depthwise=depthwise)
        self.C3_n3 = csp(2 * small, middle)
        self.bu_conv1 = conv(middle, middle, 3, 2, depthwise=depthwise)
        self.C3_n4 = csp(2 * middle, large)

    def forward(self, images: Tensor) -> Pyramid:
        """Map `(B, 3, H, W)` to maps at strides 8, 16 and 32; H and W are multiples of 32."""
        stride_8, stride_16, stride_32 = self.backbone(images)
        top = self.lateral_conv0(stride_32)
        inner = self.C3_p4(torch.cat([self.upsample(top), stride_16], dim=1))
        reduced = self.reduce_conv1(inner)
        out_8 = self.C3_p3(torch.cat([self.upsample(reduced), stride_8], dim=1))
        out_16 = self.C3_n3(torch.cat([self.bu_conv2(out_8), reduced], dim=1))
        out_32 = self.C3_n4(torch.cat([self.bu_conv1(out_16), top], dim=1))
        return out_8, out_16, out_32
