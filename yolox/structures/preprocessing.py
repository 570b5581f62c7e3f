"""How pixels become network input, and how boxes come back."""

from __future__ import annotations

from typing import Literal, NamedTuple

from yolox.structures.boxes import Array


class Preprocessing(NamedTuple):
    """What a network's weights expect of its input, after the letterbox.

    Attributes:
        name: One of `PREPROCESSINGS`.
        channels: Order of the colour channels.
        scale: Multiplies the pixels, which come as 0 to 255.
        mean: Taken off each channel after that.
        std: Divides each channel after that.
    """

    name: str
    channels: Literal["rgb", "bgr"]
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


# YOLOX 0.1 and with it ByteTrack and ByteTrack_ReID; and YOLOX since 0.2. Weights of one kind give
# wrong boxes, but no error, on input of the other: so they travel together.
LEGACY = Preprocessing("legacy", "rgb", 1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CURRENT = Preprocessing("current", "bgr", 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
PREPROCESSINGS = {LEGACY.name: LEGACY, CURRENT.name: CURRENT}


class Letterbox(NamedTuple):
    """How an image was fitted into the network input: scaled, then padded right and below."""

    scale: float

    def to_image(self, boxes: Array) -> Array:
        """Bring `(N, 4)` xyxy boxes from network pixels to image pixels."""
        restored: Array = boxes / self.scale
        return restored
