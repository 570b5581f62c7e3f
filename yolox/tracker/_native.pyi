from numpy.typing import ArrayLike

from yolox.structures.boxes import Array

class Tracker:
    def __init__(self, **parameters: float | None) -> None: ...
    @property
    def frame(self) -> int: ...
    @property
    def track_count(self) -> int: ...
    def reset(self) -> None: ...
    def update(
        self,
        boxes: Array,
        scores: Array,
        class_ids: Array,
        dt: float = ...,
        camera_motion: Array | None = ...,
    ) -> tuple[Array, Array, Array, Array, Array]: ...
    def update_rows(
        self, rows: ArrayLike, dt: float = ..., camera_motion: Array | None = ...
    ) -> Array: ...
    def track_sequence(
        self,
        frames: Array,
        boxes: Array,
        scores: Array,
        class_ids: Array,
        length: int,
        dt: float = ...,
        camera_motion: Array | None = ...,
    ) -> tuple[Array, tuple[Array, Array, Array, Array, Array]]: ...
    def save(self) -> tuple[int, float, int, Array]: ...
    def restore(self, frame: int, time: float, next_id: int, rows: Array) -> None: ...

class ByteTracker(Tracker): ...

class CoverTracker(Tracker):
    camera_shift: Array
