"""SimOTA: which locations are to learn which object.

Ge et al., "YOLOX" (2021), 2.1: every object takes the k locations that predict it at the least
cost, and k follows from how well they do. Nothing loops over images or objects.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from yolox.models.yolo_head import Predictions
from yolox.structures.targets import Targets

IOU_WEIGHT = 3.0
MOST_LOCATIONS = 10


class Rule(NamedTuple):
    """Which locations an object may take.

    Attributes:
        radius: Half side, in strides, of the square around an object's centre.
        box_counts: Whether the object's box is a candidate region too; then locations outside box
            or square come after all those inside both.
        clamp_centres: Move centres outside the image to its border, as ByteTrack does for boxes
            that leave it.
    """

    radius: float
    box_counts: bool
    clamp_centres: bool


# ByteTrack's copy of YOLOX 0.1.0, and YOLOX as it is today.
RULES = {
    "bytetrack": Rule(radius=2.5, box_counts=True, clamp_centres=True),
    "yolox": Rule(radius=1.5, box_counts=False, clamp_centres=False),
}


class Matches(NamedTuple):
    """P locations and the object that each is to learn.

    Attributes:
        images: `(P,)` int64, which image of the batch.
        locations: `(P,)` int64, which of the N locations.
        targets: `(P,)` int64, which of the G objects.
        ious: `(P,)` float32, overlap of prediction and object.
    """

    images: Tensor
    locations: Tensor
    targets: Tensor
    ious: Tensor


@torch.no_grad()
def assign(
    predictions: Predictions, targets: Targets, image_size: tuple[int, int], rule: Rule
) -> Matches:
    """Match the objects of a batch with locations.

    Args:
        predictions: Raw output for B images.
        targets: The G objects in them.
        image_size: Height and width of the network input.
        rule: One of `RULES`.

    Returns:
        The matches, ordered by image and location; a location has one object at most.
    """
    if not len(targets.boxes):
        none = targets.images
        return Matches(none, none, none, none.float())
    batch = len(predictions.offsets)
    eligible, preferred = _regions(predictions.locations, targets.boxes, image_size, rule)
    columns = _candidates(eligible, targets.images, batch)  # (B, F) locations, −1 as padding
    valid = (columns >= 0)[targets.images]  # (G, F)
    columns = columns.clamp(min=0)
    preferred = preferred.gather(1, columns[targets.images]) & valid

    iou = _pair_iou(predictions.boxes(), columns, targets) * valid
    cost = _class_cost(predictions, columns, targets) - IOU_WEIGHT * (iou + 1e-8).log()
    count = iou.topk(min(MOST_LOCATIONS, iou.shape[1])).values.sum(1).int().clamp(min=1)
    rows, places = _cheapest(cost, valid, preferred, count)
    rows, places = _one_object_each(cost, valid, preferred, targets.images, rows, places)

    images = targets.images[rows]
    locations = columns[images, places]
    order = (images * predictions.locations.shape[0] + locations).argsort()
    return Matches(images[order], locations[order], rows[order], iou[rows, places][order])


def _regions(
    locations: Tensor, boxes: Tensor, image_size: tuple[int, int], rule: Rule
) -> tuple[Tensor, Tensor]:
    """Tell `(G, N)` which locations an object may take, and which it prefers."""
    stride = locations[:, 2]
    x, y = (locations[:, 0] + 0.5) * stride, (locations[:, 1] + 0.5) * stride
    centre_x, centre_y, width, height = boxes.float().T[:, :, None]
    in_box = _within(x, y, centre_x, centre_y, width / 2, height / 2)
    if rule.clamp_centres:
        centre_x = centre_x.clamp(0, image_size[1])
        centre_y = centre_y.clamp(0, image_size[0])
    reach = rule.radius * stride
    in_square = _within(x, y, centre_x, centre_y, reach, reach)
    if rule.box_counts:
        return in_box | in_square, in_box & in_square
    return in_square, in_square


def _within(
    x: Tensor, y: Tensor, centre_x: Tensor, centre_y: Tensor, w: Tensor, h: Tensor
) -> Tensor:
    return (x > centre_x - w) & (x < centre_x + w) & (y > centre_y - h) & (y < centre_y + h)


def _candidates(eligible: Tensor, images: Tensor, batch: int) -> Tensor:
    """List, for each image, the locations that any of its objects may take: `(B, F)`."""
    hits = torch.zeros(batch, eligible.shape[1], device=eligible.device)
    hits.index_add_(0, images, eligible.to(hits.dtype))
    image, location = hits.nonzero(as_tuple=True)
    counts = torch.bincount(image, minlength=batch)
    position = torch.arange(len(image), device=image.device) - (counts.cumsum(0) - counts)[image]
    columns = location.new_full((batch, int(counts.max()) if len(image) else 0), -1)
    columns[image, position] = location
    return columns


def _pair_iou(boxes: Tensor, columns: Tensor, targets: Targets) -> Tensor:
    """Overlap `(G, F)` of every object with the predictions of its image's candidates."""
    predicted = boxes.gather(1, columns[..., None].expand(-1, -1, 4))  # (B, F, 4)
    x, y, w, h = predicted.unbind(-1)
    near = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2, w * h])[:, targets.images]
    left, top, right, bottom, area = near  # each (G, F)
    centre_x, centre_y, width, height = targets.boxes.float().T[:, :, None]
    overlap: Tensor = (
        torch.minimum(right, centre_x + width / 2)
        .sub_(torch.maximum(left, centre_x - width / 2))
        .clamp_(min=0)
    )
    overlap *= (
        torch.minimum(bottom, centre_y + height / 2)
        .sub_(torch.maximum(top, centre_y - height / 2))
        .clamp_(min=0)
    )
    iou: Tensor = overlap / (area + width * height - overlap).clamp_(min=1e-12)
    # A prediction that overflows overlaps nobody; as NaN it would be the best of all.
    return iou.nan_to_num_(0)


def _class_cost(predictions: Predictions, columns: Tensor, targets: Targets) -> Tensor:
    """Cross-entropy `(G, F)` of √(class · objectness) against each object's class."""
    images = torch.arange(len(columns), device=columns.device)[:, None]
    classes = predictions.classes[images, columns].float()  # (B, F, C)
    objectness = predictions.objectness[images, columns].float()
    log_p = (functional.logsigmoid(classes) + functional.logsigmoid(objectness)[..., None]) / 2
    # As binary_cross_entropy does, no logarithm falls below −100.
    log_not_p = torch.log1p(-log_p.exp()).clamp_(min=-100)
    all_wrong = -log_not_p.sum(-1)  # (B, F): no class is the object's
    one_right = log_not_p - log_p.clamp(min=-100)  # (B, F, C): what changes if this one is
    return all_wrong[targets.images] + one_right[targets.images, :, targets.class_ids]


def _cheapest(
    cost: Tensor, valid: Tensor, preferred: Tensor, count: Tensor
) -> tuple[Tensor, Tensor]:
    """Give row and column of the `count` cheapest places of each row, preferred ones first."""
    most = min(MOST_LOCATIONS, cost.shape[1])
    best = cost.masked_fill(~preferred, torch.inf).topk(most, largest=False)
    places, prices = best.indices, best.values
    short = (preferred.sum(1) < count).nonzero(as_tuple=True)[0]
    if len(short):  # an object with too few preferred places takes others behind them
        ranked = _ranked(cost[short], valid[short], preferred[short]).topk(most, largest=False)
        places[short], prices[short] = ranked.indices, ranked.values.to(prices.dtype)
    taken = (torch.arange(most, device=cost.device) < count[:, None]) & prices.isfinite()
    rows, rank = taken.nonzero(as_tuple=True)
    return rows, places[rows, rank]


def _one_object_each(
    cost: Tensor, valid: Tensor, preferred: Tensor, images: Tensor, rows: Tensor, places: Tensor
) -> tuple[Tensor, Tensor]:
    """Give a place that several objects took to the one of its image for which it is cheapest."""
    key = images[rows] * cost.shape[1] + places
    unique, inverse, uses = key.unique(  # type: ignore[no-untyped-call]
        return_inverse=True, return_counts=True
    )
    once = uses[inverse] == 1
    contested = unique[uses > 1]
    if not len(contested):
        return rows, places
    image = contested // max(cost.shape[1], 1)
    place = contested % max(cost.shape[1], 1)
    counts = torch.bincount(images)
    first = counts.cumsum(0) - counts
    offset = torch.arange(int(counts.max()), device=cost.device)
    rivals = (first[image][:, None] + offset).clamp(max=len(images) - 1)  # (Q, most objects)
    column = place[:, None].expand_as(rivals)
    price = _ranked(cost[rivals, column], valid[rivals, column], preferred[rivals, column])
    price.masked_fill_(offset >= counts[image][:, None], torch.inf)
    winner = rivals.gather(1, price.argmin(1, keepdim=True)).squeeze(1)
    return torch.cat([rows[once], winner]), torch.cat([places[once], place])


def _ranked(cost: Tensor, valid: Tensor, preferred: Tensor) -> Tensor:
    """Put what is not preferred behind all that is; in double, or the differences would drown."""
    ranked = cost.double() + 1e6 * (~preferred)
    return ranked.masked_fill_(~valid, torch.inf)
