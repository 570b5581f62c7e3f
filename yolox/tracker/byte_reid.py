"""BYTE that also knows what people look like.

Looks are read as a log-likelihood ratio that the tracker calibrates itself (`calibration.py`), so
that embeddings of any network and scale do. Likeness counts inside the gate of the motion model:
Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric" (2017), eq. 1-2.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker import calibration
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment, assign, gate_by_class, iou_cost
from yolox.tracker.association.gating import CHI2_95_4DOF
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import Memory

# Log-likelihood ratio at which looks weigh most.
FULL_EVIDENCE = 10.0


class ByteTrackReID(AppearanceTracker, ByteTrack):
    """BYTE over detections with embeddings; `docs/trackers/byte_reid.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "byte_reid"

    def __init__(
        self,
        *,
        appearance_weight: Annotated[
            float, "most that looks add to or take from a cost; 0: nothing", Range(0.1, 1)
        ] = 1.0,
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
        distance = xyah.squared_mahalanobis(
            self._tracks["motion"][rows], detections.boxes[candidates]
        )
        looks = np.clip(self._evidence(rows, detections, candidates) / FULL_EVIDENCE, -1, 1)
        # Likeness counts only where somebody can be, unlikeness everywhere.
        looks[(distance > CHI2_95_4DOF) & (looks > 0)] = 0
        return cost - self.appearance_weight * looks

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Find tracks that nobody was near by their looks alone."""
        if not len(unseen) or not len(free):
            return Assignment.none(unseen, free)
        cost = -self._evidence(unseen, detections, free)
        if self.class_aware:
            cost = gate_by_class(cost, self._tracks["class_id"][unseen], detections.class_ids[free])
        return assign(cost, -self.recover_thresh).of(unseen, free)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        self._calibrate(stages[0], detections)
        super()._correct(stages, detections)
        # Where they were lost says nothing of how they move now.
        recovered = stages[-1]
        boxes = detections.boxes[recovered.detections]
        self._tracks["motion"][recovered.tracks] = xyah.initiate(boxes)

    def _calibrate(self, matches: Assignment, detections: Detections) -> None:
        """Learn from matches of high scores how far apart people's looks are."""
        if not len(matches.tracks):
            return
        looks = self._distance(self._tracks[matches.tracks], detections, matches.detections)
        boxes = self.motion_model.to_boxes(self._tracks["motion"])
        overlap = 1 - iou_cost(boxes, detections.boxes, offset=self._pixel)
        clean = calibration.alone(overlap, matches.tracks, matches.detections)
        others = ~np.eye(len(looks), dtype=bool)
        if self.class_aware:  # how far a dog is from a person tells no people apart
            classes = detections.class_ids[matches.detections]
            others &= classes[:, None] == classes
        self._calibration = calibration.learn(
            self._calibration, same=looks.diagonal()[clean], different=looks[others]
        )

    def _evidence(self, rows: Array, detections: Detections, candidates: Array) -> Array:
        distances = self._distance(self._tracks[rows], detections, candidates)
        return calibration.evidence(self._calibration, distances)
