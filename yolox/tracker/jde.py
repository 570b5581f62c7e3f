"""JDE: looks and motion together first, overlap for who is left.

Wang et al., "Towards Real-Time Multi-Object Tracking" (2020).
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import Assignment
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import NEW, NEW_TRACK_LIMIT, TRACKED
from yolox.tracker.looks_first import OVERLAP_LIMIT, LooksFirst
from yolox.tracker.parameters import HighThresh, Memory, MotionShare


class JDE(LooksFirst):
    """JDE over detections with embeddings; `docs/trackers/fairmot.md` tells it in full."""

    name = "jde"

    def __init__(
        self,
        *,
        track_thresh: HighThresh = 0.5,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.2, 1)
        ] = 0.7,
        motion_share: MotionShare = 0.02,
        memory: Memory = 0.9,
        **looks_first: Any,
    ) -> None:
        """Check and take the parameters; those of `LooksFirst` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, motion_share=motion_share)
        check_range(0, 0.9999, memory=memory)
        self.motion_share = motion_share
        self.memory = memory
        super().__init__(track_thresh=track_thresh, match_thresh=match_thresh, **looks_first)

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, low = self._split_by_score(detections.scores)
        self._predict(dt)

        state = self._tracks["state"]
        confirmed, new = np.flatnonzero(state != NEW), np.flatnonzero(state == NEW)
        first = self._recognise(confirmed, detections, high)
        just_seen = first.free_tracks[state[first.free_tracks] == TRACKED]
        second = self._associate(
            just_seen, detections, first.free_detections, OVERLAP_LIMIT, strong=True
        )
        third = self._associate_low(second.free_tracks, detections, low)
        fourth = self._associate(
            new, detections, second.free_detections, NEW_TRACK_LIMIT, strong=True
        )
        return self._finish(
            (first, second, third, fourth),
            detections,
            unseen=third.free_tracks,
            unconfirmed=fourth.free_tracks,
            free=fourth.free_detections,
        )

    def _associate_low(self, rows: Array, detections: Detections, low: Array) -> Assignment:
        """Give tracks that were just seen a low score; JDE makes no use of these."""
        return Assignment.none(rows, low)
