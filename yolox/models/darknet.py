"""CSPDarknet, the backbone of YOLOX: an image to feature maps at strides 8, 16 and 32."""

from __future__ import annotations

from torch import Tensor, nn

from yolox.models.blocks import CSPLayer, Focus, SPPBottleneck, conv

Pyramid = tuple[Tensor, Tensor, Tensor]


class CSPDarknet(nn.Module):
    """The backbone; `depth` and `width` scale its layers and channels."""

    def __init__(self, depth: float, width: float, *, depthwise: bool = False) -> None:
        super().__init__()
        base = int(64 * width)
        layers = max(round(3 * depth), 1)
        options = {"depthwise": depthwise}
        self.stem = Focus(3, base)
        self.dark2 = nn.Sequential(
            conv(base, 2 * base, 3, 2, **options),
            CSPLayer(2 * base, 2 * base, layers, **options),
        )
        self.dark3 = nn.Sequential(
            conv(2 * base, 4 * base, 3, 2, **options),
            CSPLayer(4 * base, 4 * base, 3 * layers, **options),
        )
        self.dark4 = nn.Sequential(
            conv(4 * base, 8 * base, 3, 2, **options),
            CSPLayer(8 * base, 8 * base, 3 * layers, **options),
        )
        self.dark5 = nn.Sequential(
            conv(8 * base, 16 * base, 3, 2, **options),
            SPPBottleneck(16 * base, 16 * base),
            CSPLayer(16 * base, 16 * base, layers, shortcut=False, **options),
        )

    def forward(self, images: Tensor) -> Pyramid:
        """Map `(B, 3, H, W)` to maps of 256, 512 and 1024 (times width) channels."""
        stride_8 = self.dark3(self.dark2(self.stem(images)))
        stride_16 = self.dark4(stride_8)
        return stride_8, stride_16, self.dark5(stride_16)
