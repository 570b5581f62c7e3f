"""BYTE that also knows what people look like.

Looks are read as a log-likelihood ratio that the tracker calibrates itself (`calibration.py`), so
that embeddings of any network and scale do. Likeness counts inside the gate of the motion model:
Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric" (2017), eq. 1-2.
"""

from __future__ import annotations

from typing import Annotated, Any

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import AppearanceWeight, Memory


class ByteTrackReID(AppearanceTracker, ByteTrack):
    """BYTE over detections with embeddings; `docs/trackers/byte_reid.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "byte_reid"

    def __init__(
        self,
        *,
        appearance_weight: AppearanceWeight = 1.0,
        recover_thresh: Annotated[
            float,
            "log-likelihood ratio above which looks alone find a lost track; 1e6: never",
            Range(1, 10),
        ] = 3.0,
        memory: Memory = 0.9,
        **byte: Any,
    ) -> None:
        """Check and take the parameters; those of `ByteTrack` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1e6, appearance_weight=appearance_weight, recover_thresh=recover_thresh)
        check_range(0, 0.9999, memory=memory)
        self.appearance_weight = appearance_weight
        self.recover_thresh = recover_thresh
        self.memory = memory
        super().__init__(**byte)

    def _cost(
        self, rows: Array, detections: Detections, candidates: Array, *, strong: bool
    ) -> Array:
        cost = super()._cost(rows, detections, candidates, strong=strong)
        if not strong:  # who is half hidden looks like whoever hides them
            return cost
        tracks = self._tracks[rows]
        distance = xyah.squared_mahalanobis(tracks["motion"], detections.boxes[candidates])
        likeness = self._likeness(tracks, detections, candidates, distance)
        return cost - self.appearance_weight * likeness

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Find tracks that nobody was near by their looks alone."""
        return self._find_by_looks(unseen, detections, free, self.recover_thresh)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        self._calibrate(stages[0], detections, offset=self._pixel)
        super()._correct(stages, detections)
        # Where they were lost says nothing of how they move now.
        recovered = stages[-1]
        boxes = detections.boxes[recovered.detections]
        self._tracks["motion"][recovered.tracks] = xyah.initiate(boxes)
