"""What every tracker has in common: a table of tracks, ids of its own, declared parameters."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple, get_args, get_type_hints

import numpy as np

from yolox.structures import Detections, InputError, Tracks
from yolox.structures.boxes import Array

# What a row of every tracker's table holds; an algorithm adds its own fields.
TRACK_FIELDS: list[tuple[Any, ...]] = [
    ("id", np.int64),
    ("score", np.float64),
    ("class_id", np.int64),
    ("detection", np.int64),
    ("last_frame", np.int64),
    ("motion", np.float64, (5, 4)),
]


class Parameter(NamedTuple):
    """One parameter of a tracker, as its constructor declares it."""

    kind: type
    default: Any
    help: str


class Tracker(ABC):
    """Turns the detections of one frame after another into tracks.

    A subclass is one file: it declares its parameters as keyword-only, annotated arguments of its
    constructor, names the fields of its track table, and implements `update`.

    Attributes:
        name: What `--tracker` calls it.
        frame: Frames seen since the start or the last `reset`.
    """

    name: ClassVar[str]
    track_dtype: ClassVar[np.dtype[Any]]

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next frame is the first, the next id is 1."""
        self.frame = 0
        self._next_id = 1
        self._tracks = np.empty(0, dtype=self.track_dtype)

    @abstractmethod
    def update(self, detections: Detections) -> Tracks:
        """Take in the next frame; one without detections is a frame too.

        Args:
            detections: Boxes in image pixels.

        Returns:
            The tracks of this frame, ordered by id.
        """

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """List the constructor's parameters with type, default and meaning."""
        hints = get_type_hints(cls.__init__, include_extras=True)
        declared = {}
        for parameter in inspect.signature(cls.__init__).parameters.values():
            if parameter.kind is parameter.KEYWORD_ONLY:
                annotated, meaning = get_args(hints[parameter.name])
                kind = (get_args(annotated) or (annotated,))[0]  # `float | None` is a float
                declared[parameter.name] = Parameter(kind, parameter.default, meaning)
        return declared

    def _new_tracks(self, detections: Detections, rows: Array) -> Array:
        """Make table rows, without an id yet, for detections that start a track."""
        tracks = np.zeros(len(rows), dtype=self.track_dtype)
        self._record(tracks, slice(None), detections, rows)
        return tracks

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        """Note in the `matched` tracks the detections that they were given."""
        tracks["score"][matched] = detections.scores[rows]
        tracks["class_id"][matched] = detections.class_ids[rows]
        tracks["detection"][matched] = rows
        tracks["last_frame"][matched] = self.frame

    def _take_ids(self, count: int) -> Array:
        ids = np.arange(self._next_id, self._next_id + count)
        self._next_id += count
        return ids


def report(tracks: Array, boxes: Array) -> Tracks:
    """Make the output of a frame from rows of a track table and their `(N, 4)` xyxy boxes."""
    order = np.argsort(tracks["id"])
    tracks = tracks[order]
    return Tracks(
        tracks["id"], boxes[order], tracks["score"], tracks["class_id"], tracks["detection"]
    )


def check_range(low: float, high: float, **values: float) -> None:
    """Check that every named parameter lies in `[low, high]`.

    Raises:
        InputError: One does not; it is named with its value.
    """
    for name, value in values.items():
        if not low <= value <= high:
            raise InputError(f"{name} is {value}; give a value from {low:g} to {high:g}")
