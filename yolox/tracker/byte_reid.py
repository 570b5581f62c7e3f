"""BYTE that also knows what people look like.

The smaller of overlap and appearance cost, inside a gate: Aharon et al., "BoT-SORT: Robust
Associations Multi-Pedestrian Tracking" (2022), section 3.3. The gate is that of the motion model:
Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric" (2017), eq. 1-2.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance import cosine_cost, remember, with_features
from yolox.tracker.association import Assignment, assign, fuse_appearance, gate_by_class
from yolox.tracker.association.gating import CHI2_95_4DOF
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.motion import xyah


class ByteTrackReID(ByteTrack):
    """BYTE over detections with embeddings; `docs/trackers/byte_reid.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "byte_reid"

    def __init__(
        self,
        *,
        appearance_thresh: Annotated[
            float,
            "half cosine distance below which looks count inside the gate; 0: never",
            Range(0.02, 0.4),
        ] = 0.15,
        appearance_weight: Annotated[
            float,
            "what half a cosine distance is multiplied by to be compared with 1 - IoU",
            Range(0.5, 6),
        ] = 3.0,
        recover_thresh: Annotated[
            float,
            "half cosine distance below which looks alone find a lost track; 0: never",
            Range(0, 0.4),
        ] = 0.2,
        memory: Annotated[
            float, "share of the old in a track's running embedding", Range(0.5, 0.98)
        ] = 0.9,
        **byte: Any,
    ) -> None:
        """Check and take the parameters; those of `ByteTrack` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, appearance_thresh=appearance_thresh, recover_thresh=recover_thresh)
        check_range(0, 0.9999, memory=memory)
        check_range(0, 1e6, appearance_weight=appearance_weight)
        self.appearance_thresh = appearance_thresh
        self.appearance_weight = appearance_weight
        self.recover_thresh = recover_thresh
        self.memory = memory
        super().__init__(**byte)

    def _check_detections(self, detections: object) -> None:
        super()._check_detections(detections)
        assert isinstance(detections, Detections)
        if len(detections):
            self._tracks = with_features(self._tracks, detections.embeddings, tracker=self.name)

    def _cost(
        self, rows: Array, detections: Detections, candidates: Array, *, strong: bool
    ) -> Array:
        cost = super()._cost(rows, detections, candidates, strong=strong)
        if not strong:  # who is half hidden looks like whoever hides them
            return cost
        distance = xyah.squared_mahalanobis(
            self._tracks["motion"][rows], detections.boxes[candidates]
        )
        looks = self._appearance(rows, detections, candidates)
        trusted = (distance <= CHI2_95_4DOF) & (looks < self.appearance_thresh)
        return fuse_appearance(cost, self.appearance_weight * looks, trusted)

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Find tracks that nobody was near by their looks alone."""
        if not len(unseen) or not len(free):
            return Assignment.none(unseen, free)
        cost = self._appearance(unseen, detections, free)
        if self.class_aware:
            cost = gate_by_class(cost, self._tracks["class_id"][unseen], detections.class_ids[free])
        return assign(cost, self.recover_thresh).of(unseen, free)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        super()._correct(stages, detections)
        # Where they were lost says nothing of how they move now.
        recovered = stages[-1]
        boxes = detections.boxes[recovered.detections]
        self._tracks["motion"][recovered.tracks] = xyah.initiate(boxes)

    def _appearance(self, rows: Array, detections: Detections, candidates: Array) -> Array:
        assert detections.embeddings is not None
        return cosine_cost(self._tracks["feature"][rows], detections.embeddings[candidates])

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        super()._record(tracks, matched, detections, rows)
        if not len(rows):
            return
        assert detections.embeddings is not None
        seen = remember(tracks["feature"][matched], detections.embeddings[rows], self.memory)
        high, _ = self._split_by_score(detections.scores)
        clear = np.isin(rows, high)
        tracks["feature"][matched] = np.where(clear[:, None], seen, tracks["feature"][matched])
