"""MOTDT: predicted boxes are candidates too, and looks come first.

Chen et al., "Real-Time Multiple People Tracking with Deeply Learned Candidate Selection and Person
Re-Identification" (2018). Written from the paper, with the settings of ByteTrack's comparison.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, Tracks, check_range
from yolox.structures.boxes import Array, box_iou
from yolox.tracker.base import Range
from yolox.tracker.byte_tracker import LOST, NEW, NEW_TRACK_LIMIT, TRACKED, ByteTrack
from yolox.tracker.looks_first import OVERLAP_LIMIT, LooksFirst
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import GallerySize, HighThresh

# Largest overlap of two candidates, and what a prediction's score is at most (the comparison's).
CANDIDATE_LIMIT = 0.7
PREDICTION_SCORE = 0.6

# How fast a tracklet's score falls, and the detections that it needs to have one (the paper).
_FORGETTING = 0.05
_LEAST_HITS = 2


class MOTDT(LooksFirst):
    """MOTDT over detections with embeddings; `docs/trackers/motdt.md` tells it in full."""

    name = "motdt"
    track_dtype = np.dtype([*ByteTrack.track_dtype.descr, ("hits", np.int64)])

    def __init__(
        self,
        *,
        track_thresh: HighThresh = 0.6,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.3, 1.2)
        ] = 0.8,
        predicted_thresh: Annotated[
            float, "score above which a predicted box continues its track; 1: never", Range(0.2, 1)
        ] = 0.4,
        gallery_size: GallerySize = 100,
        **looks_first: Any,
    ) -> None:
        """Check and take the parameters; those of `LooksFirst` are parameters here too.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, predicted_thresh=predicted_thresh)
        check_range(1, 10_000, gallery_size=gallery_size)
        self.predicted_thresh = predicted_thresh
        self.gallery_size = gallery_size
        super().__init__(track_thresh=track_thresh, match_thresh=match_thresh, **looks_first)

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, _ = self._split_by_score(detections.scores)
        self._predict(dt)
        scores = self._prediction_scores()
        high, lasting = self._select_candidates(detections, high, scores)

        state = self._tracks["state"]
        seen, lost, new = (np.flatnonzero(state == each) for each in (TRACKED, LOST, NEW))
        first = self._recognise(seen, detections, high)
        second = self._recognise(lost, detections, first.free_detections)
        # A prediction overlaps nothing as much as its own track.
        held = first.free_tracks[lasting[first.free_tracks]]
        third = self._associate(
            first.free_tracks[~lasting[first.free_tracks]],
            detections,
            second.free_detections,
            OVERLAP_LIMIT,
            strong=True,
        )
        fourth = self._associate(
            new, detections, third.free_detections, NEW_TRACK_LIMIT, strong=True
        )

        self._tracks["score"][held] = scores[held]
        self._tracks["detection"][held] = -1
        return self._finish(
            (first, second, third, fourth),
            detections,
            unseen=third.free_tracks,
            unconfirmed=fourth.free_tracks,
            free=fourth.free_detections,
        )

    def _prediction_scores(self) -> Array:
        """Score the predicted box of each track, 0 for those that were not tracked just now."""
        tracks = self._tracks
        score = PREDICTION_SCORE * tracklet_score(self.time - tracks["last_time"], tracks["hits"])
        return np.where(tracks["state"] == TRACKED, score, 0)

    def _select_candidates(
        self, detections: Detections, high: Array, scores: Array
    ) -> tuple[Array, Array]:
        """Keep of the high detections and the predicted boxes the best in each place.

        Returns:
            Rows of the detections that are kept, and `(T,)` bool, the tracks whose prediction is.
        """
        predicted = np.flatnonzero(scores > self.predicted_thresh)
        boxes = [detections.boxes[high], xyah.to_boxes(self._tracks["motion"][predicted])]
        classes = [detections.class_ids[high], self._tracks["class_id"][predicted]]
        kept = best_in_place(
            np.concatenate(boxes),
            np.concatenate([detections.scores[high], scores[predicted]]),
            np.concatenate(classes) * self.class_aware,
        )
        lasting = np.zeros(len(scores), dtype=bool)
        lasting[predicted[kept[len(high) :]]] = True
        return high[kept[: len(high)]], lasting

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        super()._record(tracks, matched, detections, rows)
        tracks["hits"][matched] += 1


def tracklet_score(unseen: Array, hits: Array) -> Array:
    """Compute how far the motion of tracks is to be trusted: `max(0, 1 − log(1 + 0.05 · unseen))`.

    Args:
        unseen: `(T,)` frames since the last detection.
        hits: `(T,)` detections so far; with less than two there is no motion to speak of.

    Returns:
        `(T,)` in [0, 1].
    """
    score = np.maximum(0, 1 - np.log1p(_FORGETTING * unseen))
    return np.where(hits >= _LEAST_HITS, score, 0)


def best_in_place(boxes: Array, scores: Array, classes: Array) -> Array:
    """Tell which boxes are kept: those that overlap no better one by more than 0.7.

    Args:
        boxes: `(N, 4)` xyxy.
        scores: `(N,)`; of equal ones the first is the better.
        classes: `(N,)`; boxes of different classes do not compete.

    Returns:
        `(N,)` bool.
    """
    rank = np.argsort(np.argsort(-scores, kind="stable"))
    better = rank[None] < rank[:, None]
    outshone = (box_iou(boxes, boxes) > CANDIDATE_LIMIT) & better
    outshone &= classes[None] == classes[:, None]
    kept: Array = np.logical_not(outshone.any(axis=1))
    return kept
