"""What the detector is told about boxes, objectness and classes; all in float32."""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from yolox.losses.simota import Matches
from yolox.models.yolo_head import Predictions, decode
from yolox.structures.targets import Targets

BoxLoss = Literal["iou", "giou", "ciou"]
BOX_LOSSES: tuple[BoxLoss, ...] = get_args(BoxLoss)


def detection_losses(
    predictions: Predictions,
    targets: Targets,
    matches: Matches,
    *,
    box_loss: BoxLoss = "iou",
    with_l1: bool = False,
    count: float | None = None,
) -> dict[str, Tensor]:
    """Compute YOLOX's losses, each summed over the batch and divided by the matched locations.

    Args:
        predictions: Raw output for B images.
        targets: The G objects in them.
        matches: From `simota.assign`.
        box_loss: How boxes are compared; YOLOX uses `iou`.
        with_l1: Add the L1 loss of the raw offsets, as YOLOX does in its last epochs.
        count: What to divide by, where it is not the number of matches.

    Returns:
        `box`, `objectness`, `class` and, if asked, `l1`: unweighted scalars.
    """
    count = max(len(matches.images), 1) if count is None else count
    place = (matches.images, matches.locations)
    wanted = targets.boxes.float()[matches.targets]

    is_object = torch.zeros_like(predictions.objectness, dtype=torch.float32)
    is_object[place] = 1
    one_hot = functional.one_hot(targets.class_ids[matches.targets], predictions.classes.shape[-1])
    class_target = one_hot * matches.ious[:, None]

    # Only matched boxes are decoded: exp() of an untrained one may overflow for nothing.
    offsets, cells = predictions.offsets[place].float(), predictions.locations[matches.locations]
    losses = {
        "box": box_losses(decode(offsets, cells), wanted, box_loss).sum(),
        "objectness": _cross_entropy(predictions.objectness, is_object),
        "class": _cross_entropy(predictions.classes[place], class_target),
    }
    if with_l1:
        losses["l1"] = functional.l1_loss(offsets, _encode(wanted, cells), reduction="sum")
    return {name: loss / count for name, loss in losses.items()}


def box_losses(predicted: Tensor, wanted: Tensor, kind: BoxLoss) -> Tensor:
    """Compare boxes pair by pair.

    Args:
        predicted: `(P, 4)` centre x, centre y, width, height.
        wanted: `(P, 4)` likewise.
        kind: `iou`: 1 − IoU² (YOLOX); `giou`: 1 − GIoU (Rezatofighi et al., 2019); `ciou`: 1 − CIoU
            (Zheng et al., 2020).

    Returns:
        `(P,)`, 0 for equal boxes.
    """
    low, high = predicted[:, :2] - predicted[:, 2:] / 2, predicted[:, :2] + predicted[:, 2:] / 2
    low_w, high_w = wanted[:, :2] - wanted[:, 2:] / 2, wanted[:, :2] + wanted[:, 2:] / 2
    overlap = (torch.minimum(high, high_w) - torch.maximum(low, low_w)).clamp(min=0).prod(1)
    union = predicted[:, 2:].prod(1) + wanted[:, 2:].prod(1) - overlap
    iou = overlap / union.clamp(min=1e-12)
    if kind == "iou":
        return 1 - iou**2
    hull = torch.maximum(high, high_w) - torch.minimum(low, low_w)
    if kind == "giou":
        area = hull.prod(1).clamp(min=1e-12)
        return 1 - iou + (area - union) / area
    if kind == "ciou":
        diagonal = hull.square().sum(1).clamp(min=1e-12)
        distance = (predicted[:, :2] - wanted[:, :2]).square().sum(1) / diagonal
        angle = torch.atan2(wanted[:, 2], wanted[:, 3]) - torch.atan2(
            predicted[:, 2], predicted[:, 3]
        )
        shape = 4 / math.pi**2 * angle**2
        with torch.no_grad():
            trade_off = shape / (1 - iou + shape).clamp(min=1e-12)
        return 1 - iou + distance + trade_off * shape
    raise ValueError(f"box loss is {kind!r}; give 'iou', 'giou' or 'ciou'")


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="sum")


def _encode(boxes: Tensor, cells: Tensor) -> Tensor:
    """Undo `decode`."""
    stride = cells[:, 2:]
    return torch.cat(
        [boxes[:, :2] / stride - cells[:, :2], (boxes[:, 2:] / stride + 1e-8).log()], dim=1
    )
