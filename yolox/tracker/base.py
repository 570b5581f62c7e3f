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
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from yolox.structures import (
    Detections,
    DetectionTable,
    InputError,
    Tracks,
    TrackTable,
    check_range,
)
from yolox.structures.boxes import Array
from yolox.tracker.motion import camera

# What a row of every tracker's table holds; an algorithm adds its own fields.
TRACK_FIELDS: list[tuple[Any, ...]] = [
    ("id", np.int64),
    ("score", np.float64),
    ("class_id", np.int64),
    ("detection", np.int64),
    ("last_time", np.float64),
    ("motion", np.float64, (5, 4)),
]


Algorithm = TypeVar("Algorithm", bound="Tracker")


class MotionModel(Protocol):
    """What all modules of `motion` that hold box coordinates have."""

    def move_camera(self, state: Array, warp: Array) -> Array:
        """Bring states into this frame's pixels; see `camera.move`."""

    def to_boxes(self, state: Array) -> Array:
        """Read the boxes of a state."""


# What a tracker is made of: NumPy, which is the definition, or C++.
Backend = Literal["native", "numpy"]


class Range(NamedTuple):
    """What `tools/tune.py` tries for a parameter; of a switch, `Range(0, 1)`, both positions."""

    low: float
    high: float


class Parameter(NamedTuple):
    """One parameter of a tracker, as its constructor declares it.

    Attributes:
        kind: Its type.
        default: Its value unless another is given.
        help: Its meaning.
        search: What tuning tries; None leaves it alone.
    """

    kind: type
    default: Any
    help: str
    search: Range | None = None

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
    constructor, names the fields of its track table, and implements `_associate_frame`.

    Attributes:
        name: What `--tracker` calls it.
        backend: Which of the trackers of that name it is.
        counts_in_seconds: Whether it wants the frame rate of every video, wherever that is known.
        frame: Frames seen since the start or the last `reset`.
        time: Of the last one, in frames of a steady video; the first is at 1.
    """

    name: ClassVar[str]
    backend: ClassVar[Backend] = "numpy"
    counts_in_seconds: ClassVar[bool] = False
    track_dtype: ClassVar[np.dtype[Any]]
    motion_model: ClassVar[MotionModel]

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next frame is the first, the next id is 1."""
        self.frame = 0
        self.time = 0.0
        self._next_id = 1
        self._tracks = np.empty(0, dtype=self.track_dtype)

    def update(
        self, detections: Detections, *, dt: float = 1.0, camera_motion: Array | None = None
    ) -> Tracks:
        """Take in the next frame; one without detections is a frame too.

        Args:
            detections: Boxes in image pixels.
            dt: Time since the frame before, in frames of a steady video: 2 if one was left out.
            camera_motion: `(2, 3)` affine map from the last frame's pixels to this one's, or None.

        Returns:
            The tracks of this frame, ordered by id.

        Raises:
            InputError: An argument is malformed; the tracker's state is unchanged.
        """
        check_range(1e-6, 1e6, dt=dt)
        warp = None if camera_motion is None else camera.check_warp(camera_motion)
        # Last, for the first embeddings seen settle how long all others have to be.
        self._check_detections(detections)
        self.frame += 1
        self.time += dt
        return self._take_in(detections, dt, warp)

    def update_all(
        self,
        detections: DetectionTable,
        length: int,
        *,
        dt: float = 1.0,
        camera_motion: Array | None = None,
    ) -> TrackTable:
        """Take in the next `length` frames at once; those without detections count.

        Args:
            detections: Their frames are counted from 1, as are those of the tracks.
            length: Frames.
            dt: As for `update`, the same for all frames.
            camera_motion: `(length, 2, 3)`, a map for each frame, or None.

        Raises:
            InputError: There are detections beyond the last frame, or an argument is malformed;
                the tracker's state is unchanged.
        """
        camera_motion = self._check_sequence(detections, length, dt, camera_motion)
        if len(detections):  # the embeddings of one frame are like those of all
            self._check_detections(detections.at(detections.last_frame))
        return TrackTable.from_frames(
            self.update(
                detections.at(frame),
                dt=dt,
                camera_motion=None if camera_motion is None else camera_motion[frame - 1],
            )
            for frame in range(1, length + 1)
        )

    def state(self) -> dict[str, Any]:
        """Copy out all that `update` changes; `restore` brings it back, here or elsewhere.

        Returns:
            NumPy arrays and numbers by name, without references to the tracker.
        """
        return {
            "tracker": self.name,
            "frame": self.frame,
            "time": self.time,
            "next_id": self._next_id,
            "tracks": self._tracks.copy(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a tracker of the same name and parameters stood.

        Args:
            state: As `state` gave it.

        Raises:
            InputError: It is another tracker's.
        """
        if state.get("tracker") != self.name:
            raise InputError(
                f"the state is of tracker {state.get('tracker')!r}; give one of {self.name}"
            )
        self.frame, self.time = state["frame"], state["time"]
        self._next_id = state["next_id"]
        self._tracks = state["tracks"].copy()

    def _take_in(self, detections: Detections, dt: float, warp: Array | None) -> Tracks:
        """Take in a checked frame; frame and time are this frame's already."""
        if warp is not None:
            self._move_camera(warp)
        return self._associate_frame(detections, dt)

    def _move_camera(self, warp: Array) -> None:
        """Bring what is known of the tracks into the pixels of this frame."""
        self._tracks["motion"] = self.motion_model.move_camera(self._tracks["motion"], warp)

    @abstractmethod
    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        """Do the algorithm's step, as its paper has it, and give the tracks by rising id."""

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
                annotated, meaning, *search = get_args(hint)
                kind = (get_args(annotated) or (annotated,))[0]  # `float | None` is a float
                # What a subclass declares anew is the subclass's.
                declared.setdefault(
                    parameter.name, Parameter(kind, parameter.default, meaning, *search)
                )
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
    def informed(cls, parameters: Mapping[str, Any], **known: Any) -> dict[str, Any]:
        """Add what is known of the footage where the tracker takes it and is not told otherwise.

        Args:
            parameters: As chosen.
            known: Such as `frame_rate` and `image_width`.
        """
        declared = cls.parameters()
        return {name: known[name] for name in known if name in declared} | dict(parameters)

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

    def _check_sequence(
        self, detections: DetectionTable, length: int, dt: float, camera_motion: Array | None
    ) -> Array | None:
        """Check what `update_all` is given; gives the maps as float64."""
        if detections.last_frame > length:
            raise InputError(
                f"detections reach frame {detections.last_frame} of {length}; give the length of "
                "the sequence, or cut the detections"
            )
        check_range(1e-6, 1e6, dt=dt)
        return None if camera_motion is None else camera.check_warps(camera_motion, length)

    def _check_detections(self, detections: object) -> None:
        if not isinstance(detections, Detections):
            given = type(detections).__name__
            raise InputError(f"update got a {given}; give it Detections(boxes, scores)")

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
        tracks["last_time"][matched] = self.time

    def _drop(self, rows: Array) -> None:
        """Drop tracks, given by their rows or by a mask."""
        if not len(rows):
            return
        kept = np.ones(len(self._tracks), dtype=bool)
        kept[rows] = False
        if not kept.all():
            self._tracks = self._tracks[kept]

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
