"""The objects of a batch, one row each."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Targets(NamedTuple):
    """Ground truth of a batch: G objects, ordered by image.

    Attributes:
        images: `(G,)` int64, which image of the batch, rising.
        boxes: `(G, 4)` float32 centre x, centre y, width, height in network pixels; they may leave
            the image.
        class_ids: `(G,)` int64.
        identities: `(G,)` int64, the person's class for the ID classifier, −1 where it is unknown.
    """

    images: Tensor
    boxes: Tensor
    class_ids: Tensor
    identities: Tensor
