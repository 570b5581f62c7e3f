"""Hybrid-SORT: OC-SORT with weak cues, which still tell people apart who overlap.

Yang et al., "Hybrid-SORT: Weak Cues Matter for Online Multi-Object Tracking" (2024). Written from
the paper.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import height_modulated_iou
from yolox.tracker.association.momentum import momentum
from yolox.tracker.base import Range
from yolox.tracker.motion import kalman
from yolox.tracker.motion.kalman import POSITION
from yolox.tracker.ocsort import OCSort
from yolox.tracker.parameters import IouThresh, UseByte

# The filter of the score has the noise that SORT's has for the area; only their ratio counts.
_INITIAL_VAR, _INITIAL_VELOCITY_VAR = np.array([10.0]), np.array([1e4])
_NOISE, _VELOCITY_NOISE, _MEASUREMENT_NOISE = np.array([1.0]), np.array([1e-4]), np.array([10.0])


class HybridSort(OCSort):
    """OC-SORT with score, height and corners; `docs/trackers/hybrid_sort.md` tells it in full."""

    name = "hybrid_sort"
    track_dtype = np.dtype(
        [*OCSort.track_dtype.descr, ("score_motion", np.float64, (5, 1)), ("score_before", float)]
    )

    def __init__(
        self,
        *,
        score_weight: Annotated[
            float,
            "weight of the difference between the expected and the detection's score",
            Range(0, 2),
        ] = 1.0,
        inertia: Annotated[
            float, "weight of the direction beside the overlap", Range(0, 0.3)
        ] = 0.05,
        iou_thresh: IouThresh = 0.25,
        use_byte: UseByte = True,
        **ocsort: Any,
    ) -> None:
        """Check and take the parameters; those of `OCSort` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 10, score_weight=score_weight)
        self.score_weight = score_weight
        super().__init__(inertia=inertia, iou_thresh=iou_thresh, use_byte=use_byte, **ocsort)

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        tracks = self._tracks
        tracks["score_motion"] = kalman.predict(
            tracks["score_motion"], _NOISE, _VELOCITY_NOISE, dt=dt
        )
        return super()._associate_frame(detections, dt)

    def _overlap(self, boxes: Array, others: Array) -> Array:
        return height_modulated_iou(boxes, others)

    def _momentum(self, boxes: Array) -> Array:
        """Compute the mean over four corners and all intervals up to `delta_t` (ROCM)."""
        past, corners = _corners(self._tracks["past_boxes"]), _corners(boxes)
        times = self._tracks["past_times"]
        each = [
            momentum(past, times, corners, now=self.time, interval=interval)
            for interval in range(1, self.delta_t + 1)
        ]
        return np.asarray(np.mean(each, axis=0))

    def _cues(self, detections: Detections, candidates: Array) -> Array:
        """Add that a score is as expected: where a filter of scores has it (TCM)."""
        expected = self._tracks["score_motion"][:, POSITION, 0]
        expected = np.clip(expected, self.track_thresh, 1)
        differs = np.abs(expected[:, None] - detections.scores[candidates])
        cues: Array = super()._cues(detections, candidates) - self.score_weight * differs
        return cues

    def _low_score_cues(self, rows: Array, detections: Detections, low: Array) -> Array | float:
        """Say that a score is as expected: it goes on falling as it did, for people get hidden."""
        tracks = self._tracks[rows]
        expected = 2 * tracks["score"] - tracks["score_before"]
        expected = np.clip(expected, self.low_thresh, self.track_thresh)
        cues: Array = -self.score_weight * np.abs(expected[:, None] - detections.scores[low])
        return cues

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        tracks["score_before"][matched] = tracks["score"][matched]
        tracks["score_motion"][matched] = kalman.update(
            tracks["score_motion"][matched], detections.scores[rows, None], _MEASUREMENT_NOISE
        )
        super()._record(tracks, matched, detections, rows)

    def _new_tracks(self, detections: Detections, rows: Array) -> Array:
        born = super()._new_tracks(detections, rows)
        born["score_before"] = born["score"]
        born["score_motion"] = kalman.initiate(
            born["score"][:, None], _INITIAL_VAR, _INITIAL_VELOCITY_VAR
        )
        return born


def _corners(boxes: Array) -> Array:
    """List the `(..., 4, 2)` corners of `(..., 4)` boxes."""
    return boxes[..., [[0, 1], [2, 1], [0, 3], [2, 3]]]
