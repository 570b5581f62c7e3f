"""The objects of a batch, one row each."""

from __future__ import annotations

from typing import NamedTuple

import torch
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


def check_targets(targets: Targets, batch: int, num_classes: int) -> None:
    """Check what would otherwise go wrong far from its cause.

    Raises:
        ValueError: Naming the first row that is wrong, its value and the cure.
    """
    images, boxes, class_ids, identities = targets
    lengths = [len(column) for column in targets]
    if len(set(lengths)) != 1:
        raise ValueError(f"targets have {lengths} rows; give one of each an object")
    if identities.dtype != torch.int64:
        raise TypeError(f"identities are {identities.dtype}; give int64, which keeps every id")
    rules = (
        ("images", images, (images >= 0) & (images < batch), f"give 0 to {batch - 1}"),
        ("images", images, images == images.cummax(0).values if len(images) else images == images,
         "order the rows by image"),
        ("boxes", boxes, (boxes[:, 2:] > 0).all(1) & boxes.isfinite().all(1),
         "give finite centre x, centre y, width, height, the latter two above 0"),
        ("class_ids", class_ids, (class_ids >= 0) & (class_ids < num_classes),
         f"give 0 to {num_classes - 1}"),
        ("identities", identities, identities >= -1, "give −1 where nobody knows"),
    )  # fmt: skip
    if torch.stack([right.all() for _, _, right, _ in rules]).all():
        return
    for name, column, right, cure in rules:
        if not right.all():
            row = int((~right).nonzero()[0])
            raise ValueError(f"targets.{name}[{row}] is {column[row].tolist()}; {cure}")
