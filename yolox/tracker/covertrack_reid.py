"""CoverTrack that also knows what people look like.

Looks are read as BYTE + ReID reads them, as a log-likelihood ratio that the tracker calibrates
itself (`calibration.py`); and whom they tell from others is known again after a longer time.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker import calibration
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment
from yolox.tracker.base import Range
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.motion import xtwh
from yolox.tracker.parameters import AppearanceWeight, Memory


class CoverTrackReID(AppearanceTracker, CoverTrack):
    """CoverTrack over detections with embeddings; `docs/trackers/covertrack.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "covertrack_reid"

    def __init__(
        self,
        *,
        appearance_weight: AppearanceWeight = 1.0,
        recover_thresh: Annotated[
            float,
            "log odds above which looks alone find an unseen track; 1e6: never",
            Range(0, 8),
        ] = 1.0,
        memory: Memory = 0.9,
        looks_buffer: Annotated[
            int,
            "frames that a lost track is kept while looks tell people apart, at 30 a second",
            Range(30, 300),
        ] = 150,
        **cover: Any,
    ) -> None:
        """Check and take the parameters; those of `CoverTrack` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1e6, appearance_weight=appearance_weight, recover_thresh=recover_thresh)
        check_range(0, 1e6, looks_buffer=looks_buffer)
        check_range(0, 0.9999, memory=memory)
        self.appearance_weight = appearance_weight
        self.recover_thresh = recover_thresh
        self.memory = memory
        super().__init__(**cover)
        self.longest_memory = max(self.longest_loss, looks_buffer / self.pace)

    def _patience(self) -> float:
        """Whom looks tell from others is known again after a longer time."""
        separation = calibration.separation(self._calibration)
        apart = separation >= calibration.LEAST_SEPARATION
        return self.longest_memory if apart else self.longest_loss

    def _high_cost(self, tracks: Array, found: Detections) -> Array:
        distance = 10 * self._motion_distance(tracks, found.boxes)
        likeness = self._likeness(tracks, found, np.arange(len(found)), distance)
        return super()._high_cost(tracks, found) - self.appearance_weight * likeness

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Find tracks that nobody was near by their looks alone."""
        # Before looks are seen, it may be any of them, or somebody new.
        odds_against = float(np.log(1 + len(unseen)))
        return self._find_by_looks(unseen, detections, free, self.recover_thresh + odds_against)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        self._calibrate(stages[0], detections)
        super()._correct(stages, detections)
        # Where they were lost says nothing of how they move now.
        recovered = stages[-1]
        boxes = detections.boxes[recovered.detections]
        self._tracks["motion"][recovered.tracks] = xtwh.initiate(boxes, self.noise, pace=self.pace)
