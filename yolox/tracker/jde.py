"""JDE: looks and motion together first, overlap for who is left.

Wang et al., "Towards Real-Time Multi-Object Tracking" (2020).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment, assign, fuse_motion, gate_by_class
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import LOST, NEW, NEW_TRACK_LIMIT, TRACKED, ByteTrack
from yolox.tracker.motion import xyah

# Largest cost of the second association, by overlap (the original).
OVERLAP_LIMIT = 0.5


class JDE(AppearanceTracker, ByteTrack):
    """JDE over detections with embeddings; `docs/trackers/fairmot.md` tells it in full.

    How tracks start, are confirmed and end is as in BYTE, which has it from here.
    """

    name = "jde"
    trusts_first_frame = False

    def __init__(
        self,
        *,
        track_thresh: Annotated[
            float, "score above which a detection is a high-score one", Range(0.3, 0.8)
        ] = 0.5,
        new_thresh: Annotated[
            float | None, "score that starts a track; track_thresh unless given", Range(0.4, 0.9)
        ] = None,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.2, 1)
        ] = 0.7,
        motion_share: Annotated[
            float,
            "share of the squared Mahalanobis distance in the cost, beside the looks",
            Range(0, 0.1),
        ] = 0.02,
        memory: Annotated[
            float, "share of the old in a track's running embedding", Range(0.5, 0.98)
        ] = 0.9,
        track_buffer: Annotated[
            int, "frames that a lost track is kept, at 30 frames a second", Range(5, 90)
        ] = 30,
        frame_rate: Annotated[float, "frames a second; scales track_buffer"] = 30.0,
        class_aware: Annotated[bool, "never give a track a detection of another class"] = False,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 2, match_thresh=match_thresh)
        check_range(0, 1, motion_share=motion_share)
        check_range(0, 0.9999, memory=memory)
        self.motion_share = motion_share
        self.memory = memory
        super().__init__(
            track_thresh=track_thresh,
            new_thresh=track_thresh if new_thresh is None else new_thresh,
            track_buffer=track_buffer,
            frame_rate=frame_rate,
            fuse_score=False,
            class_aware=class_aware,
            legacy=False,
        )
        self.match_thresh = match_thresh

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, low = self._split_by_score(detections.scores)
        self._predict(dt)

        state = self._tracks["state"]
        confirmed, new = np.flatnonzero(state != NEW), np.flatnonzero(state == NEW)
        first = self._associate_by_looks(confirmed, detections, high)
        just_seen = state[first.free_tracks] == TRACKED
        second = self._associate(
            first.free_tracks[just_seen],
            detections,
            first.free_detections,
            OVERLAP_LIMIT,
            strong=True,
        )
        third = self._associate_low(second.free_tracks, detections, low)
        fourth = self._associate(
            new, detections, second.free_detections, NEW_TRACK_LIMIT, strong=True
        )

        self._correct((first, second, third, fourth), detections)
        state[third.free_tracks] = LOST
        self._drop(fourth.free_tracks)
        self._start_tracks(detections, fourth.free_detections)
        self._drop_expired()
        self._drop_duplicates()
        return self._report()

    def _associate_by_looks(
        self, rows: Array, detections: Detections, candidates: Array
    ) -> Assignment:
        """Assign candidate detections to the tracks in `rows` by looks, inside the motion gate."""
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        tracks = self._tracks[rows]
        distance = xyah.squared_mahalanobis(tracks["motion"], detections.boxes[candidates])
        looks = self._appearance(self._distance(tracks, detections, candidates))
        cost = fuse_motion(looks, distance, share=1 - self.motion_share)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], detections.class_ids[candidates])
        return assign(cost, self.match_thresh).of(rows, candidates)

    def _appearance(self, distance: Array) -> Array:
        """Turn half cosine distances into Euclidean ones of unit vectors, in [0, 2]."""
        distance = 2 * np.sqrt(distance)
        return distance

    def _associate_low(self, rows: Array, detections: Detections, low: Array) -> Assignment:
        """Give tracks that were just seen a low score; JDE makes no use of these."""
        return Assignment.none(rows, low)
