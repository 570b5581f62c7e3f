"""FairMOT: JDE's association, by cosine; and the same with BYTE's look at low scores.

Zhang et al., "FairMOT: On the Fairness of Detection and Re-Identification in Multiple Object
Tracking" (2021); the second tracker: Zhang et al., "ByteTrack: Multi-Object Tracking
by Associating Every Detection Box" (2022).
"""

from __future__ import annotations

from typing import Annotated, Any

from yolox.structures import Detections, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import Assignment
from yolox.tracker.base import Range
from yolox.tracker.jde import JDE
from yolox.tracker.parameters import HighThresh, LowThresh

# Largest cost of the association with low scores, by overlap (ByteTrack's tutorial for FairMOT).
LOW_SCORE_LIMIT = 0.4


class FairMOT(JDE):
    """FairMOT over detections with embeddings; `docs/trackers/fairmot.md` tells it in full."""

    name = "fairmot"
    trusts_first_frame = True

    def __init__(
        self,
        *,
        track_thresh: HighThresh = 0.4,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.1, 0.8)
        ] = 0.4,
        **jde: Any,
    ) -> None:
        """Take the parameters; those of `JDE` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        super().__init__(track_thresh=track_thresh, match_thresh=match_thresh, **jde)

    def _looks_cost(self, distance: Array) -> Array:
        """Turn half cosine distances into whole ones, in [0, 2]."""
        return 2 * distance


class FairMOTByte(FairMOT):
    """FairMOT that matches low scores by overlap before a track is lost."""

    name = "fairmot_byte"

    def __init__(
        self,
        *,
        low_thresh: LowThresh = 0.1,
        **fairmot: Any,
    ) -> None:
        """Take the parameters; those of `FairMOT` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, low_thresh=low_thresh)
        super().__init__(**fairmot)
        self.low_thresh = low_thresh

    def _associate_low(self, rows: Array, detections: Detections, low: Array) -> Assignment:
        return self._associate(rows, detections, low, LOW_SCORE_LIMIT, strong=False)
