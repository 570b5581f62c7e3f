"""OC-SORT: SORT that trusts what was observed more than what the filter made of it.

Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object Tracking" (2023).
Written from the paper.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array, box_iou
from yolox.tracker.association import Assignment
from yolox.tracker.association.momentum import momentum
from yolox.tracker.base import Range
from yolox.tracker.motion import camera, xysr
from yolox.tracker.parameters import UseByte
from yolox.tracker.sort import Sort


class OCSort(Sort):
    """SORT with momentum, recovery and re-update; see `docs/trackers/ocsort.md`."""

    name = "ocsort"
    # `observed_motion` is the filter's state after the last observation.
    track_dtype = np.dtype([*Sort.track_dtype.descr, ("observed_motion", np.float64, (5, 4))])

    def __init__(
        self,
        *,
        inertia: Annotated[
            float, "weight of the direction beside the overlap", Range(0, 0.5)
        ] = 0.2,
        delta_t: Annotated[int, "frames over which a track's direction is taken", Range(1, 10)] = 3,
        use_byte: UseByte = False,
        low_thresh: Annotated[
            float, "score above which use_byte uses a detection", Range(0.05, 0.4)
        ] = 0.1,
        **sort: Any,
    ) -> None:
        """Check and take the parameters; those of `Sort` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 10, inertia=inertia)
        check_range(1, 100, delta_t=delta_t)
        check_range(0, 1, low_thresh=low_thresh)
        self.inertia = inertia
        self.delta_t = delta_t
        self.use_byte = use_byte
        self.low_thresh = low_thresh
        super().__init__(**sort)

    def reset(self) -> None:
        """Forget everything: the next frame is the first, the next id is 1."""
        super().reset()
        self._tracks = np.empty(0, dtype=[*self.track_dtype.descr, *_history(self.delta_t + 1)])

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        tracks = self._tracks
        tracks["motion"] = xysr.predict(tracks["motion"], dt=dt)
        high = np.flatnonzero(detections.scores > self.track_thresh)

        everybody, predicted = np.arange(len(tracks)), xysr.to_boxes(tracks["motion"])
        first = self._associate(
            predicted, everybody, detections, high, self._cues(detections, high)
        )
        second = self._associate_low(predicted, first.free_tracks, detections)
        observed = tracks["past_boxes"][:, -1]
        third = self._associate(observed, second.free_tracks, detections, first.free_detections)

        self._correct((first, second, third), detections, dt)
        tracks["streak"][third.free_tracks] = 0
        self._start_tracks(detections, third.free_detections)
        self._drop(self.time - self._tracks["last_time"] > self.max_age)
        return self._report()

    def _associate(
        self,
        boxes: Array,
        rows: Array,
        detections: Detections,
        candidates: Array,
        cues: Array | float = 0.0,
    ) -> Assignment:
        """Match the tracks in `rows` with candidate detections.

        Args:
            boxes: `(T, 4)`, where each track is to be found.
            rows: Of the table, in which they are.
            detections: Of the frame.
            candidates: Rows of the detections.
            cues: `(len(rows), len(candidates))`, what speaks for a pair beside the overlap. It has
                no say in whether the overlap is enough.
        """
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        overlap = self._overlap(boxes[rows], detections.boxes[candidates])
        allowed = overlap >= self.iou_thresh
        return self._assign(-(overlap + cues), allowed, rows, detections, candidates)

    def _associate_low(self, boxes: Array, rows: Array, detections: Detections) -> Assignment:
        """Match the tracks in `rows` with low scores, if they are used."""
        if not self.use_byte:
            return Assignment.none(rows, np.empty(0, dtype=np.int64))
        scores = detections.scores
        low = np.flatnonzero((scores > self.low_thresh) & (scores <= self.track_thresh))
        cues = self._low_score_cues(rows, detections, low)
        return self._associate(boxes, rows, detections, low, cues)

    def _overlap(self, boxes: Array, others: Array) -> Array:
        return box_iou(boxes, others)

    def _cues(self, detections: Detections, candidates: Array) -> Array:
        """Say what speaks for giving all tracks the high scores: direction (OCM)."""
        gain = self._momentum(detections.boxes[candidates]) * detections.scores[candidates]
        cues: Array = self.inertia * gain
        return cues

    def _low_score_cues(self, rows: Array, detections: Detections, low: Array) -> Array | float:
        """Say what speaks for giving the tracks in `rows` the low scores: nothing but overlap."""
        return 0.0

    def _momentum(self, boxes: Array) -> Array:
        """Compute how well the centres of `(D, 4)` boxes continue the tracks' directions."""
        past, centres = _centres(self._tracks["past_boxes"]), _centres(boxes)
        times = self._tracks["past_times"]
        return momentum(past, times, centres, now=self.time, interval=self.delta_t)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections, dt: float) -> None:
        """Update matched tracks, those seen again along the way that they must have gone (ORU)."""
        tracks = self._tracks
        rows = np.concatenate([matches.tracks for matches in stages])
        matched = np.concatenate([matches.detections for matches in stages])
        tracks["motion"][rows] = re_update(
            tracks["observed_motion"][rows],
            tracks["past_boxes"][rows, -1],
            detections.boxes[matched],
            self.time - tracks["last_time"][rows],
            dt,
        )
        tracks["streak"][rows] += 1
        self._record(tracks, rows, detections, matched)

    def _new_tracks(self, detections: Detections, rows: Array) -> Array:
        born = super()._new_tracks(detections, rows)
        born["observed_motion"] = born["motion"]
        # Before its first observation a track has been nowhere else.
        born["past_boxes"] = detections.boxes[rows][:, None]
        born["past_times"][:, :-1] = -np.inf
        return born

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        super()._record(tracks, matched, detections, rows)
        tracks["observed_motion"][matched] = tracks["motion"][matched]
        tracks["past_boxes"][matched, :-1] = tracks["past_boxes"][matched, 1:]
        tracks["past_times"][matched, :-1] = tracks["past_times"][matched, 1:]
        tracks["past_boxes"][matched, -1] = detections.boxes[rows]
        tracks["past_times"][matched, -1] = self.time

    def _move_camera(self, warp: Array) -> None:
        super()._move_camera(warp)
        tracks = self._tracks
        tracks["observed_motion"] = xysr.move_camera(tracks["observed_motion"], warp)
        tracks["past_boxes"] = camera.move_boxes(tracks["past_boxes"], warp)

    def _boxes_of(self, seen: Array) -> Array:
        """Say where tracks of this frame are: where they were observed."""
        boxes: Array = seen["past_boxes"][:, -1]
        return boxes


def re_update(motion: Array, first: Array, last: Array, gaps: Array, dt: float) -> Array:
    """Filter tracks again along the straight line between two observations (ORU).

    Args:
        motion: `(N, 5, 4)`, the states after the first observation.
        first: `(N, 4)` xyxy, the observation that the state ends with.
        last: `(N, 4)` xyxy, the one to end with now.
        gaps: `(N,)` frames from the first to the last.
        dt: Frames between two images, at which the line is sampled.

    Returns:
        States `(N, 5, 4)` after the last observation. If no image lies between, the line is the
        one step that `predict` and `update` make.
    """
    motion = motion.copy()
    # However short the time between two images is, once a frame is enough.
    steps = np.clip(np.rint(gaps / dt), 1, np.ceil(gaps))
    for step in range(1, int(steps.max(initial=0)) + 1):
        going = np.flatnonzero(steps >= step)
        share = (step / steps[going])[:, None]
        virtual = first[going] + share * (last[going] - first[going])
        predicted = xysr.predict(motion[going], dt=(gaps / steps)[going, None])
        motion[going] = xysr.update(predicted, virtual)
    return motion


def _history(length: int) -> list[tuple[Any, ...]]:
    """Name the columns of a track's last observations, the newest last."""
    return [("past_boxes", np.float64, (length, 4)), ("past_times", np.float64, (length,))]


def _centres(boxes: Array) -> Array:
    """Compute `(..., 1, 2)` centres of `(..., 4)` boxes."""
    middle: Array = (boxes[..., None, :2] + boxes[..., None, 2:]) / 2
    return middle
