"""What a detector says of one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yolox.structures.boxes import Array
from yolox.structures.errors import InputError

# Beyond any image, and small enough that areas and variances stay finite.
LARGEST_COORDINATE = 1e7


@dataclass(frozen=True, init=False, eq=False)
class Detections:
    """The detections of one frame, checked.

    Attributes:
        boxes: `(N, 4)` float64 xyxy in image pixels; may leave the image, may not be inverted.
        scores: `(N,)` float64 in [0, 1].
        class_ids: `(N,)` int64, 0 where the detector has one class.
        embeddings: `(N, D)` float32 of unit length, or None.
    """

    boxes: Array
    scores: Array
    class_ids: Array
    embeddings: Array | None

    def __init__(
        self,
        boxes: ArrayLike,
        scores: ArrayLike,
        class_ids: ArrayLike | None = None,
        embeddings: ArrayLike | None = None,
    ) -> None:
        """Check and hold the arrays; they are not copied where their type fits already.

        Raises:
            InputError: A row is not finite, inverted or scored outside [0, 1], an embedding is
                not of unit length, or the lengths differ. The message names row and cure.
        """
        boxes, scores = _as_floats("boxes", boxes), _as_floats("scores", scores)
        if boxes.size == 0 and scores.size == 0:
            boxes, scores = boxes.reshape(0, 4), scores.reshape(0)
        class_ids = _as_class_ids(class_ids, len(scores))
        _check_boxes(boxes)
        _check_scores(scores)
        if not len(boxes) == len(scores) == len(class_ids):
            raise InputError(
                f"got {len(boxes)} boxes, {len(scores)} scores and {len(class_ids)} class_ids; "
                "give one of each per detection"
            )
        if embeddings is not None:
            embeddings = _as_floats("embeddings", embeddings, np.float32)
            if embeddings.shape == (0,):  # an empty list has no second dimension
                embeddings = embeddings.reshape(0, 0)
            check_embeddings(embeddings, len(boxes))
        # A frozen dataclass is filled through object.__setattr__.
        for name, value in zip(
            ("boxes", "scores", "class_ids", "embeddings"),
            (boxes, scores, class_ids, embeddings),
            strict=True,
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def empty(cls) -> Detections:
        """Make the detections of a frame in which nothing was found."""
        return cls(np.empty((0, 4)), np.empty(0))

    def __len__(self) -> int:
        return len(self.scores)


def _as_floats(name: str, values: ArrayLike, dtype: type = np.float64) -> Array:
    try:
        return np.asarray(values, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}; give numbers in rows of one length") from None


def _as_class_ids(class_ids: ArrayLike | None, count: int) -> Array:
    if class_ids is None:
        return np.zeros(count, dtype=np.int64)
    given = np.asarray(class_ids)
    try:
        with np.errstate(invalid="ignore"):
            whole = given.astype(np.int64)
    except (TypeError, ValueError) as error:
        raise InputError(f"class_ids: {error}; class ids are whole numbers") from None
    if given.ndim != 1:
        raise InputError(f"class_ids have shape {given.shape}; give ({count},)")
    if not np.array_equal(whole, given):
        row = int(np.flatnonzero(whole != given)[0])
        raise InputError(f"class_ids[{row}] is {given[row]}; class ids are whole numbers")
    return whole


def _check_boxes(boxes: Array) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InputError(f"boxes have shape {boxes.shape}; give (N, 4): x1, y1, x2, y2 in pixels")
    # Written so that NaN fails each comparison.
    within = np.abs(boxes) <= LARGEST_COORDINATE
    upright = boxes[:, 2:] >= boxes[:, :2]
    if within.all() and upright.all():
        return
    row = int(np.flatnonzero(~(within.all(axis=1) & upright.all(axis=1)))[0])
    if within[row].all():
        cure = "x2 and y2 may not be smaller than x1 and y1; convert from x, y, w, h first"
    else:
        cure = f"coordinates are finite pixels within ±{LARGEST_COORDINATE:g}"
    raise InputError(f"boxes[{row}] is {boxes[row].tolist()}; {cure}")


def _check_scores(scores: Array) -> None:
    if scores.ndim != 1:
        raise InputError(f"scores have shape {scores.shape}; give (N,)")
    within = (scores >= 0) & (scores <= 1)
    if not within.all():
        row = int(np.flatnonzero(~within)[0])
        raise InputError(
            f"scores[{row}] is {scores[row]}; scores lie in [0, 1]: divide percentages by 100"
        )


def check_embeddings(embeddings: Array, count: int) -> None:
    """Check that there are `count` finite rows of unit length.

    Raises:
        InputError: Naming the first row that is not.
    """
    if embeddings.ndim != 2 or len(embeddings) != count:
        raise InputError(
            f"embeddings have shape {embeddings.shape}; give ({count}, D): one row a detection"
        )
    lengths = np.sqrt(np.einsum("nd,nd->n", embeddings, embeddings))
    unit = np.abs(lengths - 1) <= 1e-3
    if not unit.all():
        row = int(np.flatnonzero(~unit)[0])
        raise InputError(
            f"embeddings[{row}] has length {lengths[row]:.4g}; divide each row by its L2 norm"
        )
