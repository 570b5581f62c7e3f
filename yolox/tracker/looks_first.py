"""What JDE, FairMOT and MOTDT have in common: looks come first, inside the gate of the motion."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment, assign, fuse_motion, gate_by_class
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import LOST, ByteTrack
from yolox.tracker.parameters import CheckLooks, ClassAware, FrameRate, HighThresh, TrackBuffer

# Largest cost of the association by overlap that follows the one by looks (JDE's program), and of
# the one in its place while looks are not trusted.
OVERLAP_LIMIT = 0.5
PLACE_LIMIT = 0.7


class LooksFirst(AppearanceTracker, ByteTrack):
    """A tracker by looks; how tracks start, are confirmed and end is as in BYTE.

    Attributes:
        motion_share: Share of the squared Mahalanobis distance in the cost, beside the looks.
    """

    trusts_first_frame = False
    motion_share: float = 0.0

    def __init__(
        self,
        *,
        track_thresh: HighThresh,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.2, 1)
        ],
        new_thresh: Annotated[
            float | None, "score that starts a track; track_thresh unless given", Range(0.4, 0.9)
        ] = None,
        track_buffer: TrackBuffer = 30,
        frame_rate: FrameRate = 30.0,
        class_aware: ClassAware = False,
        check_looks: CheckLooks = True,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 2, match_thresh=match_thresh)
        self.check_looks = check_looks
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

    @abstractmethod
    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        """Do the algorithm's step; it ends with `_finish`."""

    def _recognise(self, rows: Array, detections: Detections, candidates: Array) -> Assignment:
        """Assign candidate detections to the tracks in `rows` by looks, inside the motion gate.

        As long as looks are not trusted, overlap decides.
        """
        if not self._trusts_looks():
            return self._associate(rows, detections, candidates, PLACE_LIMIT, strong=True)
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        tracks = self._tracks[rows]
        looks = self._looks_cost(self._distance(tracks, detections, candidates))
        distance = self.motion_model.squared_mahalanobis(
            tracks["motion"], detections.boxes[candidates]
        )
        cost = fuse_motion(looks, distance, share=1 - self.motion_share)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], detections.class_ids[candidates])
        return assign(cost, self.match_thresh).of(rows, candidates)

    def _looks_cost(self, distance: Array) -> Array:
        """Turn half cosine distances into Euclidean ones of unit vectors, in [0, 2]."""
        cost: Array = 2 * np.sqrt(distance)
        return cost

    def _finish(
        self,
        stages: tuple[Assignment, ...],
        detections: Detections,
        *,
        unseen: Array,
        unconfirmed: Array,
        free: Array,
    ) -> Tracks:
        """Take over what was assigned, and end the frame.

        Args:
            stages: All matches of the frame.
            detections: Of the frame.
            unseen: Rows of the tracks that are lost from here.
            unconfirmed: Rows of the new tracks that nothing confirmed, which are dropped.
            free: Rows of the detections that nobody has.
        """
        self._test_looks(detections, self._split_by_score(detections.scores)[0])
        self._correct(stages, detections)
        self._tracks["state"][unseen] = LOST
        self._drop(unconfirmed)
        self._start_tracks(detections, free)
        self._drop_expired()
        self._drop_duplicates()
        return self._report()
