"""What every tracker has in common: a table of tracks, ids of its own, declared parameters."""

from __future__ import annotations

import difflib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from yolox.structures import Detections, DetectionTable, InputError, Tracks, TrackTable
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


Algorithm = TypeVar("Algorithm", bound="Tracker")

# What a tracker is made of: NumPy, which is the definition, or C++.
Backend = Literal["native", "numpy"]


class Parameter(NamedTuple):
    """One parameter of a tracker, as its constructor declares it."""

    kind: type
    default: Any
    help: str

    def parse(self, text: str) -> Any:
        """Read a value from text.

        Raises:
            ValueError: The text is not of the parameter's type.
        """
        if self.kind is not bool:
            return self.kind(text)
        truth = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
        if text.lower() not in truth:
            raise ValueError(f"{text!r} is neither true nor false")
        return truth[text.lower()]


class Tracker(ABC):
    """Turns the detections of one frame after another into tracks.

    A subclass is one file: it declares its parameters as keyword-only, annotated arguments of its
    constructor, names the fields of its track table, and implements `update`.

    Attributes:
        name: What `--tracker` calls it.
        backend: Which of the trackers of that name it is.
        frame: Frames seen since the start or the last `reset`.
    """

    name: ClassVar[str]
    backend: ClassVar[Backend] = "numpy"
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

    def update_all(self, detections: DetectionTable, length: int) -> TrackTable:
        """Take in the next `length` frames at once; those without detections count.

        Args:
            detections: Their frames are counted from 1, as are those of the tracks.
            length: Frames.

        Raises:
            InputError: There are detections beyond the last frame.
        """
        self._check_length(detections, length)
        return TrackTable.from_frames(
            self.update(detections.at(frame)) for frame in range(1, length + 1)
        )

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """List the constructor's parameters with type, default and meaning."""
        declared: dict[str, Parameter] = {}
        for constructor in _constructors(cls):
            hints = get_type_hints(constructor, include_extras=True)
            for parameter in list(inspect.signature(constructor).parameters.values())[1:]:
                if parameter.kind is parameter.VAR_KEYWORD:
                    continue
                hint = _annotated(hints.get(parameter.name))
                if (
                    parameter.kind is not parameter.KEYWORD_ONLY
                    or get_origin(hint) is not Annotated
                ):
                    raise TypeError(
                        f"{cls.__name__}: declare {parameter.name} behind a `*` as "
                        f'{parameter.name}: Annotated[type, "meaning"] = default'
                    )
                annotated, meaning = get_args(hint)
                kind = (get_args(annotated) or (annotated,))[0]  # `float | None` is a float
                # What a subclass declares anew is the subclass's.
                declared.setdefault(parameter.name, Parameter(kind, parameter.default, meaning))
        return declared

    @classmethod
    def create(cls: type[Algorithm], parameters: Mapping[str, Any]) -> Algorithm:
        """Make a tracker from parameters by name.

        Raises:
            InputError: A name is not one of the tracker's parameters, or a value is out of range.
        """
        for name in parameters:
            cls._check_name(name)
        return cls(**parameters)

    @classmethod
    def parse_parameter(cls, name: str, text: str) -> Any:
        """Read one parameter's value from text.

        Raises:
            InputError: There is no such parameter, or the text is not of its type.
        """
        cls._check_name(name)
        parameter = cls.parameters()[name]
        try:
            return parameter.parse(text)
        except ValueError:
            kind = parameter.kind.__name__
            raise InputError(f"{name} is {text!r}; tracker {cls.name} takes it as {kind}") from None

    @classmethod
    def _check_name(cls, name: str) -> None:
        known = cls.parameters()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
            raise InputError(f"tracker {cls.name} has no parameter {name}; {hint}")

    def _check_length(self, detections: DetectionTable, length: int) -> None:
        if detections.last_frame > length:
            raise InputError(
                f"detections reach frame {detections.last_frame} of {length}; give the length of "
                "the sequence, or cut the detections"
            )

    def _begin_frame(self, detections: object) -> None:
        if not isinstance(detections, Detections):
            given = type(detections).__name__
            raise InputError(f"update got a {given}; give it Detections(boxes, scores)")
        self.frame += 1

    def _new_tracks(self, detections: Detections, rows: Array) -> Array:
        """Make table rows, without an id yet, for detections that start a track."""
        tracks = np.zeros(len(rows), dtype=self._tracks.dtype)
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


def _constructors(cls: type) -> list[Callable[..., None]]:
    """List the constructors that a call runs through: one with `**others` hands those on."""
    passed: list[Callable[..., None]] = []
    for level in cls.__mro__:
        if "__init__" not in vars(level):
            continue
        constructor = vars(level)["__init__"]
        passed.append(constructor)
        kinds = {each.kind for each in inspect.signature(constructor).parameters.values()}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return passed


def _annotated(hint: Any) -> Any:
    """Undo what Python 3.10 does to the hint of an argument whose default is None."""
    inside = [part for part in get_args(hint) if get_origin(part) is Annotated]
    return inside[0] if get_origin(hint) is Union and inside else hint


def report(tracks: Array, boxes: Array) -> Tracks:
    """Make the output of a frame from rows of a track table and their `(N, 4)` xyxy boxes."""
    order = np.argsort(tracks["id"])
    tracks = tracks[order]
    return Tracks(
        tracks["id"], boxes[order], tracks["score"], tracks["class_id"], tracks["detection"]
    )
