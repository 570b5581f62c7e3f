"""Deep OC-SORT: OC-SORT that looks at people, the more so the better they can be told apart.

Maggiolino et al., "Deep OC-SORT: Multi-Pedestrian Tracking by Adaptive Re-Identification" (2023).
Written from the paper.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.appearance import remember
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import standing_out
from yolox.tracker.base import Range
from yolox.tracker.calibration import LEAST_SEPARATION
from yolox.tracker.motion import xysr
from yolox.tracker.ocsort import OCSort
from yolox.tracker.parameters import CheckLooks, Memory


class DeepOCSort(AppearanceTracker, OCSort):
    """OC-SORT with embeddings; `docs/trackers/deep_ocsort.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "deep_ocsort"
    # Overlap has its say in any case.
    least_separation = LEAST_SEPARATION

    def __init__(
        self,
        *,
        appearance_weight: Annotated[
            float, "weight of the cosine similarity beside the overlap", Range(0, 2)
        ] = 0.75,
        appearance_bonus: Annotated[
            float, "most that is added to that weight for looks that stand out", Range(0, 1)
        ] = 0.5,
        memory: Memory = 0.95,
        check_looks: CheckLooks = True,
        **ocsort: Any,
    ) -> None:
        """Check and take the parameters; those of `OCSort` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1e6, appearance_weight=appearance_weight)
        check_range(0, 2, appearance_bonus=appearance_bonus)
        check_range(0, 0.9999, memory=memory)
        self.appearance_weight = appearance_weight
        self.appearance_bonus = appearance_bonus
        self.memory = memory
        self.check_looks = check_looks
        super().__init__(**ocsort)

    def _cues(self, detections: Detections, candidates: Array) -> Array:
        """Add how alike a pair looks, by a weight that grows where looks single somebody out."""
        cues = super()._cues(detections, candidates)
        self._test_looks(detections, candidates)
        if not cues.size or not self._trusts_looks():
            return cues
        alike = 1 - 2 * self._distance(self._tracks, detections, candidates)
        # Who is not near is not compared: nobody is to be matched with a double far away.
        predicted = xysr.to_boxes(self._tracks["motion"])
        alike[self._overlap(predicted, detections.boxes[candidates]) == 0] = 0
        if self.class_aware:
            alike[self._tracks["class_id"][:, None] != detections.class_ids[candidates]] = 0
        bonus = standing_out(alike, cap=self.appearance_bonus)
        added: Array = cues + (self.appearance_weight + bonus) * alike
        return added

    def _remember(self, tracks: Array, matched: Array, detections: Detections, rows: Array) -> None:
        assert detections.embeddings is not None
        memory = dynamic_memory(
            detections.scores[rows], least=self.memory, track_thresh=self.track_thresh
        )
        tracks["feature"][matched] = remember(
            tracks["feature"][matched], detections.embeddings[rows], memory[:, None]
        )


def dynamic_memory(scores: Array, *, least: float, track_thresh: float) -> Array:
    """Compute how much of the old to keep: the less sure a detection is, the more.

    Args:
        scores: `(N,)` in [0, 1].
        least: What is kept at score 1.
        track_thresh: Score at and below which everything is kept.

    Returns:
        `(N,)` in [least, 1].
    """
    surety = np.clip((scores - track_thresh) / max(1 - track_thresh, 1e-9), 0, 1)
    kept: Array = least + (1 - least) * (1 - surety)
    return kept
