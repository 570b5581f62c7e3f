"""StrongSORT: DeepSORT with one assignment, running embeddings and trust in high scores.

Du et al., "StrongSORT: Make DeepSORT Great Again" (2022). Written from the paper.
"""

from __future__ import annotations

from typing import Annotated

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import Assignment, assign
from yolox.tracker.base import Range
from yolox.tracker.deepsort import DeepSort
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import (
    CheckLooks,
    ClassAware,
    IouThresh,
    MaxAge,
    Memory,
    MotionShare,
    NInit,
    UsedThresh,
)


class StrongSort(DeepSort):
    """StrongSORT over detections with embeddings; see `docs/trackers/strongsort.md`.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "strongsort"

    def __init__(
        self,
        *,
        track_thresh: UsedThresh = 0.6,
        match_thresh: Annotated[
            float, "cost below which looks and motion match", Range(0.1, 0.8)
        ] = 0.45,
        motion_share: MotionShare = 0.02,
        memory: Memory = 0.9,
        iou_thresh: IouThresh = 0.3,
        n_init: NInit = 3,
        max_age: MaxAge = 30,
        class_aware: ClassAware = False,
        check_looks: CheckLooks = True,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 0.9999, memory=memory)
        super().__init__(
            track_thresh=track_thresh,
            match_thresh=match_thresh,
            motion_share=motion_share,
            iou_thresh=iou_thresh,
            n_init=n_init,
            max_age=max_age,
            class_aware=class_aware,
            check_looks=check_looks,
        )
        self.memory = memory
        self.gallery_size = 0

    def _assign(self, cost: Array, tracks: Array) -> Assignment:
        """Match all at once: with good looks the cascade only stands in the way."""
        return assign(cost, self.match_thresh)

    def _corrected(self, motion: Array, detections: Detections, matched: Array) -> Array:
        """Correct by a noise that is less, the higher the score (NSA Kalman)."""
        uncertainty = 1 - detections.scores[matched]
        return xyah.update(motion, detections.boxes[matched], noise_share=uncertainty)
