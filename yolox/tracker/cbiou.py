"""C-BIoU: boxes enlarged for matching, first a little and then more, and no Kalman filter.

Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances? Make It Easier
by Buffering the Matching Space" (2023).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import (
    Assignment,
    assign,
    buffered_iou_cost,
    fuse_score,
    gate_by_class,
)
from yolox.tracker.base import TRACK_FIELDS, MotionModel, Range, Tracker, report
from yolox.tracker.byte_tracker import LOST, LOW_SCORE_LIMIT, NEW, TRACKED
from yolox.tracker.motion import history
from yolox.tracker.parameters import (
    ClassAware,
    FrameRate,
    FuseScore,
    HighThresh,
    LowThresh,
    NewThresh,
    TrackBuffer,
)


class CBIoU(Tracker):
    """C-BIoU with BYTE's use of the scores; `docs/trackers/cbiou.md` says why."""

    name = "cbiou"
    motion_model: ClassVar[MotionModel] = history
    track_dtype = np.dtype(
        [
            *(field for field in TRACK_FIELDS if field[0] != "motion"),
            ("motion", np.float64, (history.LENGTH, 5)),
            ("state", np.int8),
        ]
    )

    def __init__(
        self,
        *,
        track_thresh: HighThresh = 0.6,
        low_thresh: LowThresh = 0.1,
        new_thresh: NewThresh = None,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.4, 0.95)
        ] = 0.7,
        small_buffer: Annotated[
            float, "share of its size that a box grows by on every side, first", Range(0.05, 0.6)
        ] = 0.3,
        large_buffer: Annotated[float, "the same for who is left after that", Range(0.2, 1)] = 0.5,
        motion_frames: Annotated[
            int, "last differences of a box that make its speed", Range(1, 10)
        ] = 5,
        track_buffer: TrackBuffer = 30,
        frame_rate: FrameRate = 30.0,
        fuse_score: FuseScore = True,
        class_aware: ClassAware = False,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, track_thresh=track_thresh, low_thresh=low_thresh)
        check_range(0, 1, match_thresh=match_thresh)
        check_range(0, 100, small_buffer=small_buffer, large_buffer=large_buffer)
        check_range(1, history.MOST_DIFFERENCES, motion_frames=motion_frames)
        check_range(0, 1e6, track_buffer=track_buffer)
        check_range(1e-3, 1e6, frame_rate=frame_rate)
        if new_thresh is None:
            new_thresh = track_thresh + 0.1
        else:
            check_range(0, 1, new_thresh=new_thresh)
        self.track_thresh = track_thresh
        self.low_thresh = low_thresh
        self.new_thresh = new_thresh
        self.match_thresh = match_thresh
        self.small_buffer = small_buffer
        self.large_buffer = large_buffer
        self.motion_frames = motion_frames
        self.longest_loss = int(frame_rate / 30 * track_buffer)
        self.fuse_score = fuse_score
        self.class_aware = class_aware
        super().__init__()

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, low = self._split_by_score(detections.scores)
        boxes = history.predict(self._tracks["motion"], self.time, differences=self.motion_frames)

        state = self._tracks["state"]
        confirmed, new = np.flatnonzero(state != NEW), np.flatnonzero(state == NEW)
        first = self._associate(boxes, confirmed, detections, high, self.small_buffer)
        second = self._associate(
            boxes, first.free_tracks, detections, first.free_detections, self.large_buffer
        )
        just_seen = second.free_tracks[state[second.free_tracks] == TRACKED]
        third = self._associate_low(boxes, just_seen, detections, low)
        fourth = self._associate(boxes, new, detections, second.free_detections, self.small_buffer)

        self._correct((first, second, third, fourth), detections)
        state[third.free_tracks] = LOST
        self._drop_unseen(fourth.free_tracks)
        self._start_tracks(detections, fourth.free_detections)
        seen = self._tracks[self._tracks["state"] == TRACKED]
        return report(seen, history.to_boxes(seen["motion"]))

    def _split_by_score(self, scores: Array) -> tuple[Array, Array]:
        high = scores >= self.track_thresh
        return np.flatnonzero(high), np.flatnonzero(~high & (scores >= self.low_thresh))

    def _associate(
        self, boxes: Array, rows: Array, detections: Detections, candidates: Array, buffer: float
    ) -> Assignment:
        """Assign candidate detections to the tracks in `rows`, which are at `boxes[rows]` now."""
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        cost = buffered_iou_cost(boxes[rows], detections.boxes[candidates], buffer=buffer)
        if self.fuse_score:
            cost = fuse_score(cost, detections.scores[candidates])
        return self._assign(cost, self.match_thresh, rows, detections, candidates)

    def _associate_low(
        self, boxes: Array, rows: Array, detections: Detections, low: Array
    ) -> Assignment:
        if not len(rows) or not len(low):
            return Assignment.none(rows, low)
        cost = buffered_iou_cost(boxes[rows], detections.boxes[low], buffer=self.small_buffer)
        return self._assign(cost, LOW_SCORE_LIMIT, rows, detections, low)

    def _assign(
        self, cost: Array, limit: float, rows: Array, detections: Detections, candidates: Array
    ) -> Assignment:
        if self.class_aware:
            classes = self._tracks["class_id"][rows]
            cost = gate_by_class(cost, classes, detections.class_ids[candidates])
        return assign(cost, limit).of(rows, candidates)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        """Add the detections to the histories of their tracks, which are tracked from here."""
        tracks = self._tracks
        rows = np.concatenate([matches.tracks for matches in stages])
        matched = np.concatenate([matches.detections for matches in stages])
        boxes = detections.boxes[matched]
        tracks["motion"][rows] = history.update(tracks["motion"][rows], boxes, self.time)
        tracks["state"][rows] = TRACKED
        self._record(tracks, rows, detections, matched)
        unnamed = np.sort(rows[tracks["id"][rows] == 0])
        tracks["id"][unnamed] = self._take_ids(len(unnamed))

    def _drop_unseen(self, unconfirmed: Array) -> None:
        """Drop tracks that nothing confirmed, and those lost for longer than the buffer."""
        gone = self.time - self._tracks["last_time"] > self.longest_loss
        gone &= self._tracks["state"] == LOST
        gone[unconfirmed] = True
        self._drop(gone)

    def _start_tracks(self, detections: Detections, free: Array) -> None:
        strong = free[detections.scores[free] >= self.new_thresh]
        if not len(strong):
            return
        tracks = self._new_tracks(detections, strong)
        tracks["motion"] = history.initiate(detections.boxes[strong], self.time)
        # In the first frame there is nothing to confirm a track against.
        if self.frame == 1:
            tracks["state"] = TRACKED
            tracks["id"] = self._take_ids(len(tracks))
        else:
            tracks["state"] = NEW
        self._tracks = np.concatenate([self._tracks, tracks])
