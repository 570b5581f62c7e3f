"""What exported networks put out: a row for every location, `(N, 5 + C)`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor
from torchvision.ops import box_convert

from yolox.models.yolo_head import STRIDES
from yolox.postprocess import suppress, to_detections
from yolox.structures import Detections, InputError
from yolox.structures.preprocessing import Letterbox


def rows_to_detections(
    rows: Tensor,
    embeddings: Tensor | None,
    fitted: Letterbox,
    *,
    score_thresh: float,
    nms_thresh: float,
) -> Detections:
    """Threshold, suppress, and bring back to the image.

    Args:
        rows: `(N, 5 + C)`: centre x, centre y, width and height in network pixels, then objectness
            and classes as probabilities.
        embeddings: `(N, D)` of unit length, or None.
        fitted: How the image was fitted into the network input.
        score_thresh: Least score of a detection.
        nms_thresh: Largest overlap of two detections of a class that both stay.
    """
    # No class probability is above 1, so the others cannot reach the threshold.
    likely = rows[:, 4] >= score_thresh
    rows, embeddings = rows[likely], None if embeddings is None else embeddings[likely]
    corners = box_convert(rows[:, :4], "cxcywh", "xyxy")
    classes, class_ids = rows[:, 5:].max(dim=1)
    scores = rows[:, 4] * classes
    kept = suppress(corners, scores, class_ids, score_thresh=score_thresh, nms_thresh=nms_thresh)
    return to_detections(
        corners[kept],
        scores[kept],
        class_ids[kept],
        fitted,
        None if embeddings is None else embeddings[kept],
    )


def count_classes(
    path: Path,
    outputs: Sequence[Tensor],
    size: tuple[int, int],
    *,
    batch_size: int = 1,
    embedding_dim: int = 0,
) -> int:
    """Read the number of classes off what a network puts out.

    Args:
        path: The network's file, for errors.
        outputs: `(B, N, 5 + C)` and, where there are embeddings, `(B, N, D)`.
        size: Height and width of the network input.
        batch_size: B.
        embedding_dim: D, 0 without embeddings.

    Raises:
        InputError: A YOLOX puts out something else.
    """
    count = sum((size[0] // stride) * (size[1] // stride) for stride in STRIDES)
    shapes = [tuple(output.shape) for output in outputs]
    wanted = [(batch_size, count, embedding_dim)] if embedding_dim else []
    first = shapes[0]
    if first[:-1] != (batch_size, count) or first[-1] < 6 or shapes[1:] != wanted:
        also = "".join(f" and {shape}" for shape in wanted)
        raise InputError(
            f"{path}: puts out {', '.join(map(str, shapes))}; a YOLOX puts out "
            f"({batch_size}, {count}, 5 + classes){also} for {size[0]} × {size[1]}"
        )
    return int(first[-1]) - 5
