"""A network over a whole annotated set: how well it detects, and how well it tells people apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import box_convert, box_iou

from yolox.data.annotations import annotations_of
from yolox.data.dataset import EvaluationView, MOTDataset
from yolox.data.loader import Batch, evaluation_loader, normalise
from yolox.engine.track_validation import score_tracking
from yolox.exp.base import Exp
from yolox.formats.coco import Document, read_coco
from yolox.metrics.detection import DetectionScores, score_detections
from yolox.metrics.reid import ReIDScores, score_embeddings
from yolox.models.yolo_head import decode
from yolox.models.yolox import YOLOX, Output
from yolox.postprocess import postprocess
from yolox.structures import Detections, InputError
from yolox.structures.boxes import Array


class Evaluation(NamedTuple):
    """What came of it; `reid` is None without a ReID head or without identities.

    `tracking` is empty unless it was asked for.
    """

    detection: DetectionScores
    reid: ReIDScores | None
    tracking: dict[str, float]

    def scores(self) -> dict[str, float]:
        """Give the numbers by name."""
        named = self.detection._asdict()
        if self.reid is not None:
            named |= {"rank_1": self.reid.rank_1, "mean_ap": self.reid.mean_ap}
            named |= {f"tpr@{rate:g}": tpr for rate, tpr in self.reid.tpr.items()}
        return named | self.tracking


class _Embedded(NamedTuple):
    """Embeddings of annotated people, who they are, and in which image."""

    embeddings: Array
    identities: Array
    images: Array


def open_validation(exp: Exp) -> tuple[EvaluationView, Document]:
    """Open the images that an exp is validated on, and the document that they come from."""
    path = Path(exp.data_root) / exp.val
    document = read_coco(path)
    return EvaluationView(MOTDataset(annotations_of(document, path)), exp.test_size), document


@torch.inference_mode()
def evaluate_model(
    model: YOLOX,
    view: EvaluationView,
    truth: Document,
    *,
    device: torch.device | str = "cpu",
    batch_size: int = 8,
    workers: int = 0,
    score_thresh: float = 0.001,
    nms_thresh: float = 0.7,
    tracking: bool = False,
    progress: Callable[[Iterable[Batch]], Iterable[Batch]] = iter,
) -> Evaluation:
    """Evaluate a network.

    Args:
        model: In evaluation mode, on `device`, with its preprocessing set.
        view: The images.
        truth: The COCO document that they come from.
        device: Where the model is.
        batch_size: Images at once.
        workers: Processes that load them.
        score_thresh: Least score of a detection.
        nms_thresh: Largest overlap of two detections that both stay.
        tracking: Also track the videos and score that (`score_tracking`).
        progress: Wraps the batches.

    Raises:
        InputError: The model does not know what input its weights expect.
    """
    if model.preprocessing is None:
        raise InputError("model.preprocessing is not set; load weights, or say what they expect")
    image_ids = view.dataset.annotations.image_ids
    found: dict[int, Detections] = {}
    embedded: list[_Embedded] = []
    loader: Any = evaluation_loader(view, batch_size=batch_size, workers=workers)
    for batch in progress(loader):
        images = normalise(batch.images.to(device), model.preprocessing)
        output = model(images)
        letterboxes = [fitted for fitted in batch.letterboxes if fitted is not None]
        detections = postprocess(
            output, letterboxes, score_thresh=score_thresh, nms_thresh=nms_thresh
        )
        found |= zip(image_ids[batch.indices.numpy()].tolist(), detections, strict=True)
        if model.reid_head is not None:
            embedded.append(embed_annotated(model, output, batch))
    tracked = score_tracking(truth, found) if tracking else {}
    return Evaluation(score_detections(truth, found), _score(embedded), tracked)


def embed_annotated(model: YOLOX, output: Output, batch: Batch) -> _Embedded:
    """Read the embeddings of people whose identity is known.

    Each is read where a detector would find it: at the location of which overlap with the annotated
    box times score is largest. Who is found nowhere has none.
    """
    assert model.reid_head is not None
    assert output.embedding_maps is not None
    targets = batch.targets
    rows, locations = [], []
    for image in range(len(batch.images)):
        people = ((targets.images == image) & (targets.identities >= 0)).nonzero(as_tuple=True)[0]
        best, sure = _best_locations(output, image, targets.boxes[people])
        rows.append(people[sure.cpu()])
        locations.append(best[sure])
    row, location = torch.cat(rows), torch.cat(locations)
    device = location.device
    embeddings = model.reid_head.embed(
        output.embedding_maps,
        targets.images[row].to(device),
        location,
        targets.boxes[row, :2].to(device),
    )
    return _Embedded(
        torch.nn.functional.normalize(embeddings).float().cpu().numpy(),
        targets.identities[row].numpy(),
        batch.indices[targets.images[row]].numpy(),
    )


def _best_locations(output: Output, image: int, boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Find the location of each box `(P, 4)`, and whether there is one: two `(P,)`."""
    predictions = output.predictions
    scores = predictions.objectness[image].float().sigmoid()
    scores = scores * predictions.classes[image].float().sigmoid().amax(dim=-1)
    guesses = decode(predictions.offsets[image], predictions.locations)
    overlap = box_iou(
        box_convert(boxes.to(guesses), "cxcywh", "xyxy"), box_convert(guesses, "cxcywh", "xyxy")
    )
    # An untrained network's boxes may be beyond all bounds.
    worth, best = (overlap.nan_to_num() * scores).max(dim=1)
    return best, worth > 0


def _score(parts: list[_Embedded]) -> ReIDScores | None:
    if not parts:
        return None
    joined = _Embedded(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    people, counts = np.unique(joined.identities, return_counts=True)
    if not len(people) or counts.max() < 2:
        return None
    return score_embeddings(*joined)
