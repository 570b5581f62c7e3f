"""SORT: Kalman filter and IoU assignment, nothing else.

Bewley et al., "Simple Online and Realtime Tracking" (2016). Written from the paper.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import (
    Assignment,
    assign_each_class,
    assign_then_keep,
    iou_cost,
)
from yolox.tracker.base import TRACK_FIELDS, MotionModel, Range, Tracker, report
from yolox.tracker.motion import xysr
from yolox.tracker.parameters import ClassAware, IouThresh, MaxAge, UsedThresh


class Sort(Tracker):
    """SORT with the settings of ByteTrack's comparison; see `docs/trackers/sort.md`."""

    name = "sort"
    motion_model: ClassVar[MotionModel] = xysr
    track_dtype = np.dtype([*TRACK_FIELDS, ("streak", np.int64)])

    def __init__(
        self,
        *,
        track_thresh: UsedThresh = 0.6,
        iou_thresh: IouThresh = 0.3,
        max_age: MaxAge = 30,
        min_hits: Annotated[int, "matches in a row before a track is put out", Range(1, 5)] = 3,
        class_aware: ClassAware = False,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, track_thresh=track_thresh, iou_thresh=iou_thresh)
        check_range(0, 1e6, max_age=max_age, min_hits=min_hits)
        self.track_thresh = track_thresh
        self.iou_thresh = iou_thresh
        self.max_age = max_age
        self.min_hits = min_hits
        self.class_aware = class_aware
        super().__init__()

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        tracks = self._tracks
        tracks["motion"] = xysr.predict(tracks["motion"], dt=dt)

        used = np.flatnonzero(detections.scores > self.track_thresh)
        cost = iou_cost(xysr.to_boxes(tracks["motion"]), detections.boxes[used])
        allowed = cost <= 1 - self.iou_thresh
        matches = self._assign(cost, allowed, np.arange(len(tracks)), detections, used)

        matched, boxes = matches.tracks, detections.boxes[matches.detections]
        tracks["motion"][matched] = xysr.update(tracks["motion"][matched], boxes)
        tracks["streak"][matched] += 1
        tracks["streak"][matches.free_tracks] = 0
        self._record(tracks, matched, detections, matches.detections)

        self._start_tracks(detections, matches.free_detections)
        self._drop(self.time - self._tracks["last_time"] > self.max_age)
        return self._report()

    def _assign(
        self, cost: Array, allowed: Array, rows: Array, detections: Detections, candidates: Array
    ) -> Assignment:
        """Assign candidate detections to the tracks in `rows`; see `assign_then_keep`."""
        if not self.class_aware:
            return assign_then_keep(cost, allowed).of(rows, candidates)
        classes = self._tracks["class_id"][rows], detections.class_ids[candidates]
        return assign_each_class(cost, allowed, *classes).of(rows, candidates)

    def _start_tracks(self, detections: Detections, free: Array) -> None:
        if not len(free):
            return
        born = self._new_tracks(detections, free)
        born["id"] = self._take_ids(len(born))
        self._tracks = np.concatenate([self._tracks, born])

    def _new_tracks(self, detections: Detections, rows: Array) -> Array:
        born = super()._new_tracks(detections, rows)
        born["motion"] = xysr.initiate(detections.boxes[rows])
        return born

    def _report(self) -> Tracks:
        tracks = self._tracks
        # At the start of a video no track can have a streak yet.
        proven = (tracks["streak"] >= self.min_hits) | (self.frame <= self.min_hits)
        seen = tracks[proven & (tracks["last_time"] == self.time)]
        return report(seen, self._boxes_of(seen))

    def _boxes_of(self, seen: Array) -> Array:
        """Say where tracks of this frame are: where the filter has them."""
        return xysr.to_boxes(seen["motion"])
