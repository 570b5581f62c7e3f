"""CoverTrack that also knows what people look like.

Looks are read as a log-likelihood ratio that the tracker calibrates itself (`calibration.py`), here
of two normal distributions of a width each: one person's views differ less than people do.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from yolox.structures import Detections, box_iou, check_range
from yolox.structures.boxes import Array
from yolox.tracker import calibration
from yolox.tracker.appearance_tracker import AppearanceTracker
from yolox.tracker.association import Assignment, assign, gate_by_class
from yolox.tracker.association.gating import CHI2_95_4DOF
from yolox.tracker.base import Range
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.motion import xtwh
from yolox.tracker.parameters import Memory

# Log-likelihood ratio at which looks weigh most.
FULL_EVIDENCE = 15.0


class CoverTrackReID(AppearanceTracker, CoverTrack):
    """CoverTrack over detections with embeddings; `docs/trackers/covertrack.md` tells it in full.

    `update` raises an `InputError` where there are none, or they have another length than before.
    """

    name = "covertrack_reid"

    def __init__(
        self,
        *,
        appearance_weight: Annotated[
            float, "what a log-likelihood ratio of 15 takes from a cost; 0: nothing", Range(0.3, 2)
        ] = 1.0,
        unlike_limit: Annotated[
            float, "log-likelihood ratio against a match that counts at most", Range(1, 15)
        ] = 5.0,
        recover_thresh: Annotated[
            float,
            "log odds above which looks alone find an unseen track; 1e6: never",
            Range(0, 8),
        ] = 2.0,
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
        check_range(0, 1e6, appearance_weight=appearance_weight, unlike_limit=unlike_limit)
        check_range(0, 1e6, recover_thresh=recover_thresh, looks_buffer=looks_buffer)
        check_range(0, 0.9999, memory=memory)
        self.appearance_weight = appearance_weight
        self.unlike_limit = unlike_limit
        self.recover_thresh = recover_thresh
        self.memory = memory
        super().__init__(**cover)
        self.longest_memory = max(self.longest_loss, looks_buffer / self.pace)

    def _patience(self) -> float:
        """Whom looks tell from others is known again after a longer time."""
        return self.longest_memory if told_apart(self._calibration) else self.longest_loss

    def _high_cost(self, tracks: Array, found: Detections) -> Array:
        looks = np.clip(self._evidence(tracks, found), -self.unlike_limit, FULL_EVIDENCE)
        # Likeness counts only where somebody can be, unlikeness everywhere.
        far = 10 * self._motion_distance(tracks, found.boxes) > CHI2_95_4DOF
        looks[far & (looks > 0)] = 0
        cost = super()._high_cost(tracks, found)
        return np.asarray(cost - self.appearance_weight * looks / FULL_EVIDENCE)

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Find tracks that nobody was near by their looks alone."""
        if not len(unseen) or not len(free):
            return Assignment.none(unseen, free)
        tracks, found = self._tracks[unseen], detections.take(free)
        cost = -self._evidence(tracks, found)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], found.class_ids)
        # Before looks are seen, it may be any of them, or somebody new.
        odds_against = np.log(1 + len(unseen))
        return assign(cost, -self.recover_thresh - odds_against).of(unseen, free)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        self._calibrate(stages[0], detections)
        super()._correct(stages, detections)
        # Where they were lost says nothing of how they move now.
        recovered = stages[-1]
        boxes = detections.boxes[recovered.detections]
        self._tracks["motion"][recovered.tracks] = xtwh.initiate(boxes, self.noise, pace=self.pace)

    def _calibrate(self, matches: Assignment, detections: Detections) -> None:
        """Learn from matches of high scores how far apart people's looks are."""
        if not len(matches.tracks):
            return
        looks = self._distance(self._tracks[matches.tracks], detections, matches.detections)
        overlap = box_iou(xtwh.to_boxes(self._tracks["motion"]), detections.boxes)
        clean = calibration.alone(overlap, matches.tracks, matches.detections)
        others = ~np.eye(len(looks), dtype=bool)
        self._calibration = calibration.learn(
            self._calibration, same=looks.diagonal()[clean], different=looks[others]
        )

    def _evidence(self, tracks: Array, found: Detections) -> Array:
        distances = self._distance(tracks, found, np.arange(len(found)))
        return likelihood_ratio(self._calibration, distances)


def told_apart(known: Array) -> tuple[Array, Array] | None:
    """Read what is known of looks, if they tell people apart.

    Args:
        known: `(2, 3)`, a calibration.

    Returns:
        Means and variances of the distances, `(2,)` each: of the same person and of different
        people; None where too few are known, or the means are less than a deviation apart.
    """
    number = known[:, 0]
    if (number < calibration.ENOUGH).any():
        return None
    mean = known[:, 1] / number
    variance = np.maximum(known[:, 2] / number - mean**2, calibration.LEAST_SPREAD**2)
    if mean[1] - mean[0] < calibration.LEAST_SEPARATION * np.sqrt(variance.mean()):
        return None
    return mean, variance


def likelihood_ratio(known: Array, distances: Array) -> Array:
    """Compute how much distances speak for the same person, by two normal distributions.

    Who is nearer than usual is no likelier the same than usual, who is farther than others no less.
    The same person's views differ as much as those of others at most.

    Args:
        known: `(2, 3)`, a calibration.
        distances: Of any shape.

    Returns:
        Log-likelihood ratios of that shape, positive for the same person; 0 where looks do not
        tell people apart.
    """
    apart = told_apart(known)
    if apart is None:
        return np.zeros_like(distances)
    mean, (same, different) = apart[0], apart[1]
    same = min(same, different)
    usual = np.clip(distances, mean[0], mean[1])
    against, for_it = (usual - mean[0]) ** 2 / same, (usual - mean[1]) ** 2 / different
    ratio: Array = (np.log(different / same) + for_it - against) / 2
    return ratio
