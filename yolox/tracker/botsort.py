"""BoT-SORT: BYTE with width and height in the state, a camera that moves, and looks if there are.

Aharon et al., "BoT-SORT: Robust Associations Multi-Pedestrian Tracking" (2022).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment, fuse_appearance, iou_cost
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import BoxFilter, ByteTrack
from yolox.tracker.calibration import LEAST_SEPARATION
from yolox.tracker.motion import xywh
from yolox.tracker.parameters import CheckLooks, MatchThresh, Memory


class BotSort(ByteTrack):
    """BoT-SORT without embeddings; see `docs/trackers/botsort.md`."""

    name = "botsort"
    motion_model: ClassVar[BoxFilter] = xywh

    def __init__(
        self,
        *,
        match_thresh: MatchThresh = 0.8,
        legacy: Annotated[bool, "keep the quirks of BYTE's code"] = False,
        **byte: Any,
    ) -> None:
        """Check and take the parameters; those of `ByteTrack` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        super().__init__(match_thresh=match_thresh, legacy=legacy, **byte)


class BotSortReID(AppearanceTracker, BotSort):
    """BoT-SORT-ReID: the smaller of overlap and appearance cost, within two gates.

    `update` raises an `InputError` where there are no embeddings, or of another length than before.
    """

    name = "botsort_reid"
    # Overlap has its say in any case.
    least_separation = LEAST_SEPARATION

    def __init__(
        self,
        *,
        appearance_thresh: Annotated[
            float,
            "half cosine distance below which looks count inside the gate; 0: never",
            Range(0.02, 0.4),
        ] = 0.25,
        proximity_thresh: Annotated[
            float, "1 - IoU above which looks do not count", Range(0.2, 0.9)
        ] = 0.5,
        memory: Memory = 0.9,
        check_looks: CheckLooks = True,
        **botsort: Any,
    ) -> None:
        """Check and take the parameters; those of `BotSort` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, appearance_thresh=appearance_thresh, proximity_thresh=proximity_thresh)
        check_range(0, 0.9999, memory=memory)
        self.appearance_thresh = appearance_thresh
        self.proximity_thresh = proximity_thresh
        self.memory = memory
        self.check_looks = check_looks
        super().__init__(**botsort)

    def _cost(
        self, rows: Array, detections: Detections, candidates: Array, *, strong: bool
    ) -> Array:
        cost = super()._cost(rows, detections, candidates, strong=strong)
        # Who is half hidden looks like whoever hides them.
        if not strong or not self._trusts_looks():
            return cost
        tracks = self._tracks[rows]
        looks = self._distance(tracks, detections, candidates)
        boxes = self.motion_model.to_boxes(tracks["motion"])
        distance = iou_cost(boxes, detections.boxes[candidates], offset=self._pixel)
        trusted = (looks < self.appearance_thresh) & (distance <= self.proximity_thresh)
        return fuse_appearance(cost, looks, trusted)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        self._test_looks(detections, self._split_by_score(detections.scores)[0])
        super()._correct(stages, detections)
