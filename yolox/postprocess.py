"""Raw predictions to detections in image pixels, each with the embedding of its place."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import batched_nms, box_convert, nms

from yolox.models.reid_head import ReIDHead
from yolox.models.yolo_head import decode
from yolox.models.yolox import Output
from yolox.structures import Detections
from yolox.structures.preprocessing import Letterbox

# In network pixels.
LARGEST_CORNER = 1e5


@torch.no_grad()
def postprocess(
    output: Output,
    letterboxes: Sequence[Letterbox],
    *,
    score_thresh: float = 0.01,
    nms_thresh: float = 0.7,
    class_agnostic: bool = False,
    reid_head: ReIDHead | None = None,
) -> list[Detections]:
    """Decode, threshold, suppress, and bring back to the image.

    Args:
        output: What the model said of B images.
        letterboxes: How each of the images was fitted into the network input.
        score_thresh: Least objectness times class probability.
        nms_thresh: Largest overlap of two detections that both stay.
        class_agnostic: Let detections of different classes suppress each other.
        reid_head: The model's ReID head; gives every detection its embedding.

    Returns:
        B `Detections`, ordered by falling score.
    """
    predictions = output.predictions
    if len(letterboxes) != len(predictions.offsets):
        raise ValueError(
            f"{len(letterboxes)} letterboxes, {len(predictions.offsets)} images; give one for each"
        )
    if reid_head is not None and reid_head.training:
        raise ValueError("the ReID head is in training mode; call model.eval() first")
    chances = predictions.objectness.float().sigmoid()  # (B, N)
    found = []
    for image, fitted in enumerate(letterboxes):
        # No class probability is above 1, so the others cannot reach the threshold.
        locations = (chances[image] >= score_thresh).nonzero(as_tuple=True)[0]
        classes, class_ids = predictions.classes[image, locations].float().sigmoid().max(dim=-1)
        boxes = decode(predictions.offsets[image, locations], predictions.locations[locations])
        corners, scores = box_convert(boxes, "cxcywh", "xyxy"), chances[image, locations] * classes
        kept = suppress(
            corners,
            scores,
            class_ids,
            score_thresh=score_thresh,
            nms_thresh=nms_thresh,
            class_agnostic=class_agnostic,
        )
        embeddings = _embed(output, reid_head, image, locations[kept], boxes[kept, :2])
        found.append(
            to_detections(corners[kept], scores[kept], class_ids[kept], fitted, embeddings)
        )
    return found


def suppress(
    corners: Tensor,
    scores: Tensor,
    class_ids: Tensor,
    *,
    score_thresh: float,
    nms_thresh: float,
    class_agnostic: bool = False,
) -> Tensor:
    """Choose the detections that stay, by falling score.

    Args:
        corners: `(N, 4)` xyxy in network pixels.
        scores: `(N,)`.
        class_ids: `(N,)`.
        score_thresh: As for `postprocess`, like what follows.
        nms_thresh: See there.
        class_agnostic: See there.

    Returns:
        Their rows.
    """
    # An untrained network can say anything; a box beyond any image is none.
    sane = (corners.abs() <= LARGEST_CORNER).all(dim=1)
    rows = (sane & (scores >= score_thresh)).nonzero(as_tuple=True)[0]
    if class_agnostic:
        kept = nms(corners[rows], scores[rows], nms_thresh)
    else:
        kept = batched_nms(corners[rows], scores[rows], class_ids[rows], nms_thresh)
    return rows[kept]


def to_detections(
    corners: Tensor,
    scores: Tensor,
    class_ids: Tensor,
    fitted: Letterbox,
    embeddings: Tensor | None = None,
) -> Detections:
    """Bring detections from network pixels into the image, and to the CPU."""
    return Detections(
        fitted.to_image(corners.double().cpu().numpy()),
        scores.double().cpu().numpy(),
        class_ids.cpu().numpy(),
        None if embeddings is None else embeddings.cpu().numpy(),
    )


def _embed(
    output: Output, reid_head: ReIDHead | None, image: int, locations: Tensor, centres: Tensor
) -> Tensor | None:
    """Read the unit-length embeddings `(K, D)` of one image's detections."""
    if reid_head is None or output.embedding_maps is None:
        return None
    maps = [level[image : image + 1] for level in output.embedding_maps]
    first = torch.zeros_like(locations)
    return functional.normalize(reid_head.embed(maps, first, locations, centres)).float()
