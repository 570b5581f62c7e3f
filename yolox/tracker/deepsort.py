"""DeepSORT: looks first, who was seen last before the others, then overlap.

Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric" (2017). Written
from the paper.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import (
    Assignment,
    assign,
    assign_in_turn,
    fuse_motion,
    gate_by_class,
    iou_cost,
)
from yolox.tracker.base import TRACK_FIELDS, MotionModel, Range, report
from yolox.tracker.byte_tracker import LOST, NEW, TRACKED
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import (
    CheckLooks,
    ClassAware,
    GallerySize,
    IouThresh,
    MaxAge,
    MotionShare,
    NInit,
    UsedThresh,
)


class DeepSort(AppearanceTracker):
    """DeepSORT over detections with embeddings; see `docs/trackers/deepsort.md`.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "deepsort"
    motion_model: ClassVar[MotionModel] = xyah
    track_dtype = np.dtype([*TRACK_FIELDS, ("state", np.int8), ("hits", np.int64)])

    def __init__(
        self,
        *,
        track_thresh: UsedThresh = 0.6,
        match_thresh: Annotated[
            float, "cosine distance below which looks match", Range(0.05, 0.6)
        ] = 0.2,
        motion_share: MotionShare = 0.0,
        iou_thresh: IouThresh = 0.3,
        n_init: NInit = 3,
        max_age: MaxAge = 30,
        gallery_size: GallerySize = 100,
        class_aware: ClassAware = False,
        check_looks: CheckLooks = True,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, track_thresh=track_thresh, iou_thresh=iou_thresh)
        check_range(0, 2, match_thresh=match_thresh)
        check_range(0, 1, motion_share=motion_share)
        check_range(1, 1e6, n_init=n_init)
        check_range(0, 1e6, max_age=max_age)
        check_range(1, 1e4, gallery_size=gallery_size)
        self.track_thresh = track_thresh
        self.match_thresh = match_thresh
        self.motion_share = motion_share
        self.iou_thresh = iou_thresh
        self.n_init = n_init
        self.max_age = max_age
        self.gallery_size = gallery_size
        self.class_aware = class_aware
        self.check_looks = check_looks
        super().__init__()

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        tracks = self._tracks
        nobody_held = np.zeros(len(tracks), dtype=bool)
        tracks["motion"] = xyah.predict(tracks["motion"], nobody_held, dt=dt)

        used = np.flatnonzero(detections.scores > self.track_thresh)
        confirmed, new = tracks["state"] != NEW, np.flatnonzero(tracks["state"] == NEW)
        first = Assignment.none(np.flatnonzero(confirmed), used)
        nearby = first.free_tracks
        if self._trusts_looks():
            first = self._associate_by_looks(nearby, detections, used)
            nearby = first.free_tracks[tracks["state"][first.free_tracks] == TRACKED]
        nearby = np.concatenate([nearby, new])
        second = self._associate_by_overlap(nearby, detections, first.free_detections)

        self._test_looks(detections, used)
        self._correct((first, second), detections)
        self._mark_unseen()
        self._start_tracks(detections, second.free_detections)
        return self._report()

    def _associate_by_looks(self, rows: Array, detections: Detections, used: Array) -> Assignment:
        """Assign detections to the tracks in `rows`, within the gate of the motion model."""
        if not len(rows) or not len(used):
            return Assignment.none(rows, used)
        tracks = self._tracks[rows]
        distance = xyah.squared_mahalanobis(tracks["motion"], detections.boxes[used])
        looks = 2 * self._distance(tracks, detections, used)
        cost = fuse_motion(looks, distance, share=1 - self.motion_share)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], detections.class_ids[used])
        return self._assign(cost, tracks).of(rows, used)

    def _assign(self, cost: Array, tracks: Array) -> Assignment:
        """Run the matching cascade: where a track is grows less certain with every frame unseen."""
        return assign_in_turn(cost, self.match_thresh, self.time - tracks["last_time"])

    def _associate_by_overlap(self, rows: Array, detections: Detections, free: Array) -> Assignment:
        tracks = self._tracks[rows]
        cost = iou_cost(xyah.to_boxes(tracks["motion"]), detections.boxes[free])
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], detections.class_ids[free])
        return assign(cost, 1 - self.iou_thresh).of(rows, free)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        """Update matched tracks by their detections; some of them are confirmed by that."""
        tracks = self._tracks
        rows = np.concatenate([matches.tracks for matches in stages])
        matched = np.concatenate([matches.detections for matches in stages])
        tracks["motion"][rows] = self._corrected(tracks["motion"][rows], detections, matched)
        self._record(tracks, rows, detections, matched)
        self._confirm(tracks)

    def _corrected(self, motion: Array, detections: Detections, matched: Array) -> Array:
        return xyah.update(motion, detections.boxes[matched])

    def _confirm(self, tracks: Array) -> None:
        seen = (tracks["last_time"] == self.time) & (tracks["hits"] >= self.n_init)
        tracks["state"][seen] = TRACKED
        unnamed = np.flatnonzero(seen & (tracks["id"] == 0))
        tracks["id"][unnamed] = self._take_ids(len(unnamed))

    def _mark_unseen(self) -> None:
        """Drop who is too old, or was not even confirmed; the others are lost."""
        tracks = self._tracks
        unseen = self.time - tracks["last_time"]
        tracks["state"][(unseen > 0) & (tracks["state"] == TRACKED)] = LOST
        gone = (unseen > self.max_age) | ((unseen > 0) & (tracks["state"] == NEW))
        if gone.any():
            self._tracks = tracks[~gone]

    def _start_tracks(self, detections: Detections, free: Array) -> None:
        if not len(free):
            return
        tracks = self._new_tracks(detections, free)
        tracks["motion"] = xyah.initiate(detections.boxes[free])
        tracks["state"] = NEW
        self._confirm(tracks)
        self._tracks = np.concatenate([self._tracks, tracks])

    def _report(self) -> Tracks:
        seen = self._tracks[self._tracks["state"] == TRACKED]
        return report(seen, xyah.to_boxes(seen["motion"]))

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        super()._record(tracks, matched, detections, rows)
        tracks["hits"][matched] += 1
