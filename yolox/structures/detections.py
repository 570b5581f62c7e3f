"""What a detector says of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    @classmethod
    def from_xyxy(
        cls, boxes: Any, scores: Any, class_ids: Any = None, embeddings: Any = None
    ) -> Detections:
        """Take a detector's arrays or tensors, on whatever device and of whatever number type.

        Args:
            boxes: `(N, 4)` x1, y1, x2, y2 in image pixels.
            scores: `(N,)` in [0, 1].
            class_ids: `(N,)` whole numbers, also as floats; 0 for all if None.
            embeddings: `(N, D)` of unit length, or None.

        Raises:
            InputError: As by the constructor.
        """
        return cls(*(_to_host(values) for values in (boxes, scores, class_ids, embeddings)))

    @classmethod
    def from_supervision(cls, detections: Any) -> Detections:
        """Take a `supervision.Detections`; masks and further data stay behind.

        Raises:
            InputError: It is something else, or has boxes and no `confidence`.
        """
        boxes, scores, class_ids = _fields(
            detections, ("xyxy", "confidence", "class_id"), "a supervision.Detections"
        )
        if scores is None:
            if len(boxes):
                raise InputError(
                    "detections.confidence is None; trackers need scores: take detections from a "
                    "detector, or set confidence = np.ones(len(detections))"
                )
            scores = np.empty(0)
        return cls.from_xyxy(boxes, scores, class_ids)

    @classmethod
    def from_ultralytics(cls, results: Any) -> Detections:
        """Take one image's `Results` of Ultralytics, on any device.

        Raises:
            InputError: It is something else, such as a list of them, or holds no boxes.
        """
        if isinstance(results, (list, tuple)):
            raise InputError(
                f"got a {type(results).__name__} of results; give one image's: results[0]"
            )
        (found,) = _fields(results, ("boxes",), "one image's ultralytics Results")
        if found is None:
            raise InputError(
                "results.boxes is None; take a model that puts out upright boxes "
                "(task detect, segment or pose)"
            )
        return cls.from_xyxy(
            *_fields(found, ("xyxy", "conf", "cls"), "one image's ultralytics Results")
        )

    def take(self, rows: Any) -> Detections:
        """Keep the rows that an index array or a mask selects, embeddings along.

        Args:
            rows: `(N,)` bool, or whole numbers from 0 in any order; an array, tensor or list.

        Raises:
            InputError: The mask is of another length, or an index is no row.
        """
        chosen = np.asarray(_to_host(rows))
        if chosen.size == 0 and chosen.dtype != bool:
            chosen = np.empty(0, dtype=np.int64)  # an empty list would be of floats
        _check_rows(chosen, len(self))
        embeddings = None if self.embeddings is None else self.embeddings[chosen]
        return Detections(
            self.boxes[chosen], self.scores[chosen], self.class_ids[chosen], embeddings
        )

    def __len__(self) -> int:
        return len(self.scores)


def _to_host(values: Any) -> Any:
    """Bring a tensor to the CPU as an array; give everything else back as it is."""
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    # NumPy has no bfloat16; float64 holds every smaller float.
    return (values.double() if values.is_floating_point() else values).numpy()


def _fields(given: Any, names: tuple[str, ...], wanted: str) -> list[Any]:
    """Get attributes of another library's object.

    Raises:
        InputError: It lacks one, so it is not what is `wanted`.
    """
    for name in names:
        if not hasattr(given, name):
            raise InputError(f"got a {type(given).__name__}, which has no {name}; give {wanted}")
    return [getattr(given, name) for name in names]


def _check_rows(rows: Array, count: int) -> None:
    if rows.dtype == bool:
        if rows.shape != (count,):
            raise InputError(f"the mask has shape {rows.shape}; give ({count},): one a detection")
        return
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise InputError(
            f"rows have type {rows.dtype} and shape {rows.shape}; give whole numbers or a mask, "
            "in one dimension"
        )
    # Not from the end either: −1 is a track's word for no detection.
    wrong = np.flatnonzero((rows < 0) | (rows >= count))
    if len(wrong):
        raise InputError(
            f"rows[{wrong[0]}] is {rows[wrong[0]]} of {count} detections; rows count from 0: "
            "leave the indices of tracks without a detection (-1) out"
        )


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
