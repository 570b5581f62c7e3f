"""Trackers in C++ (`deploy/cpp`), where they were built: the same tracks, much faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from yolox.structures import Detections, DetectionTable, InputError, Tracks, TrackTable
from yolox.structures.boxes import Array
from yolox.tracker.base import Backend, Tracker
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.covertrack import CoverTrack

try:
    from yolox.tracker import _native
except ImportError:  # the package was installed without a compiler
    _BUILT = False
else:
    _BUILT = True


def is_built() -> bool:
    """Tell whether the C++ trackers came with this installation."""
    return _BUILT


class NativeTracker(Tracker):
    """What stands before a definition to have its tracks made in C++.

    Ids, scores and classes are those of the definition, boxes within rounding. Where an assignment
    has several optima of equal cost, as for two detections in one place, the choice may differ.
    """

    backend: ClassVar[Backend] = "native"
    core_name: ClassVar[str]  # the class in `_native`

    def __init__(self, **parameters: Any) -> None:
        """Check and take the parameters of the definition.

        Raises:
            InputError: A parameter is out of range, or the C++ trackers were not built.
        """
        if not _BUILT:
            raise InputError(
                "the C++ tracker is not built; install the package anew where there is a C++17 "
                "compiler, or take the NumPy one (--backend numpy)"
            )
        self._parameters = parameters
        super().__init__(**parameters)

    def reset(self) -> None:
        """See `Tracker.reset`."""
        self._core = getattr(_native, self.core_name)(**self._parameters)
        super().reset()

    def _take_in(self, detections: Detections, dt: float, warp: Array | None) -> Tracks:
        return Tracks(
            *self._core.update(detections.boxes, detections.scores, detections.class_ids, dt, warp)
        )

    def update_rows(
        self, rows: ArrayLike, *, dt: float = 1.0, camera_motion: Array | None = None
    ) -> Array:
        """Take in the next frame as one array, without any Python object around it.

        Args:
            rows: `(N, 5)` x1, y1, x2, y2, score in image pixels; float64 and contiguous is not
                copied.
            dt: As for `Tracker.update`.
            camera_motion: As for `Tracker.update`.

        Returns:
            `(K, 8)` x1, y1, x2, y2, id, score, class 0 and row of the detection, ordered by id.

        Raises:
            InputError: A row is malformed; the tracker's state is unchanged.
        """
        tracks: Array = self._core.update_rows(rows, dt, camera_motion)
        self.frame += 1
        self.time += dt
        return tracks

    def update_all(
        self,
        detections: DetectionTable,
        length: int,
        *,
        dt: float = 1.0,
        camera_motion: Array | None = None,
    ) -> TrackTable:
        """See `Tracker.update_all`; no Python runs between the frames."""
        camera_motion = self._check_sequence(detections, length, dt, camera_motion)
        frames, (ids, boxes, scores, class_ids, _) = self._core.track_sequence(
            detections.frames,
            detections.boxes,
            detections.scores,
            detections.class_ids,
            length,
            dt,
            camera_motion,
        )
        self.frame += length
        self.time += dt * length
        return TrackTable(frames=frames, boxes=boxes, ids=ids, scores=scores, class_ids=class_ids)

    def state(self) -> dict[str, Any]:
        """See `Tracker.state`; it is also that of the NumPy tracker."""
        frame, time, next_id, rows = self._core.save()
        tracks = rows.astype(self.track_dtype)
        return super().state() | {
            "frame": frame,
            "time": time,
            "next_id": next_id,
            "tracks": tracks,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """See `Tracker.restore`; a state of the NumPy tracker will do."""
        super().restore(state)
        self._tracks = np.empty(0, dtype=self.track_dtype)
        *_, rows = self._core.save()
        self._core.restore(self.frame, self.time, self._next_id, state["tracks"].astype(rows.dtype))


class NativeByteTrack(NativeTracker, ByteTrack):
    """`ByteTrack` with its parameters, its tracks in C++."""

    core_name = "ByteTracker"


class NativeCoverTrack(NativeTracker, CoverTrack):
    """`CoverTrack` with its parameters, its tracks in C++."""

    core_name = "CoverTracker"

    @property
    def _camera_shift(self) -> Array:
        shift: Array = self._core.camera_shift
        return shift

    @_camera_shift.setter
    def _camera_shift(self, shift: Array) -> None:
        self._core.camera_shift = shift
