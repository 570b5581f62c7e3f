"""What trackers that look at people have in common: they remember looks, and test them.

A network can be useless for the people of a video, and a tracker that goes by its embeddings then
loses far more than it ever gains by good ones. So looks are not believed before they have shown
themselves: until then association goes by place, as it would if nobody had a look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from yolox.structures import Detections
from yolox.structures.boxes import Array, box_iou
from yolox.tracker import calibration
from yolox.tracker.appearance import cosine_cost, nearest_cost, remember, with_features
from yolox.tracker.association import Assignment, assign, gate_by_class
from yolox.tracker.association.gating import CHI2_95_4DOF
from yolox.tracker.base import Tracker

# The separation from which looks alone are the better guide than overlap (docs/trackers/README.md).
SURE_SEPARATION = 2.25

# Log-likelihood ratio at which looks weigh most.
FULL_EVIDENCE = 10.0


class AppearanceTracker(Tracker):
    """A tracker over detections with embeddings.

    `update` raises an `InputError` where there are none, or they have another length than before.

    Attributes:
        check_looks: Whether looks have to show that they tell people apart before they count. Off
            in a tracker that has no such parameter, for it weighs looks by what they have shown.
        class_aware: Whether tracks keep their class; looks are then tested within each.
        track_thresh: Score from which a detection is clear enough to be remembered.
        least_separation: What looks have to show; see `calibration.separation`.
        memory: Share of the old in a track's running embedding.
        gallery_size: Last embeddings of a track that are kept; 0: their running mean alone. A table
            of tracks with galleries counts their detections in the column `hits`.
    """

    check_looks: bool = False
    class_aware: bool
    least_separation: ClassVar[float] = SURE_SEPARATION
    track_thresh: float
    memory: float
    gallery_size: int = 0

    def reset(self) -> None:
        """Forget everything, and how looks were to be read."""
        super().reset()
        self._calibration = calibration.nothing_known()

    def state(self) -> dict[str, Any]:
        """Copy out all that `update` changes, the calibration too."""
        return {**super().state(), "calibration": self._calibration.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a tracker of the same name and parameters stood; see `Tracker.restore`."""
        super().restore(state)
        self._calibration = state["calibration"].copy()

    def _check_detections(self, detections: object) -> None:
        super()._check_detections(detections)
        assert isinstance(detections, Detections)
        if len(detections):
            views = (self.gallery_size,) if self.gallery_size else ()
            self._tracks = with_features(
                self._tracks, detections.embeddings, tracker=self.name, views=views
            )

    def _distance(self, tracks: Array, detections: Detections, candidates: Array) -> Array:
        """Compute half the cosine distance of tracks to candidates, `(T, D)` in [0, 1]."""
        assert detections.embeddings is not None
        compare = nearest_cost if self.gallery_size else cosine_cost
        return compare(tracks["feature"], detections.embeddings[candidates])

    def _evidence(self, tracks: Array, detections: Detections, candidates: Array) -> Array:
        """Compute log-likelihood ratios for the same person, `(T, D)`; 0 until looks are known."""
        distance = self._distance(tracks, detections, candidates)
        return calibration.evidence(self._calibration, distance)

    def _likeness(
        self, tracks: Array, detections: Detections, candidates: Array, squared_distance: Array
    ) -> Array:
        """Weigh the evidence of looks, `(T, D)` in [-1, 1].

        Likeness counts only where somebody can be (`squared_distance`, the Mahalanobis one of
        `(T, D)`, within the 95 % gate), unlikeness everywhere.
        """
        evidence = self._evidence(tracks, detections, candidates)
        likeness: Array = np.clip(evidence / FULL_EVIDENCE, -1, 1)
        likeness[(squared_distance > CHI2_95_4DOF) & (likeness > 0)] = 0
        return likeness

    def _find_by_looks(
        self, unseen: Array, detections: Detections, free: Array, least_evidence: float
    ) -> Assignment:
        """Assign free detections to tracks that nobody was near, where the evidence is enough."""
        if not len(unseen) or not len(free):
            return Assignment.none(unseen, free)
        tracks = self._tracks[unseen]
        cost = -self._evidence(tracks, detections, free)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], detections.class_ids[free])
        return assign(cost, -least_evidence).of(unseen, free)

    def _calibrate(
        self, matches: Assignment, detections: Detections, *, offset: float = 0.0
    ) -> None:
        """Learn from matches of high scores how far apart people's looks are.

        For trackers that weigh looks by what they are worth; whom a match shows is surer than by
        place alone, as `_test_looks` has it.

        Args:
            matches: Of the frame, to which the tracks are predicted.
            detections: All of the frame.
            offset: As in `box_iou`.
        """
        if not len(matches.tracks):
            return
        distance = self._distance(self._tracks[matches.tracks], detections, matches.detections)
        boxes = self.motion_model.to_boxes(self._tracks["motion"])
        overlap = box_iou(boxes, detections.boxes, offset=offset)
        clean = calibration.alone(overlap, matches.tracks, matches.detections)
        others = ~np.eye(len(distance), dtype=bool)
        if self.class_aware:  # how far a dog is from a person tells no people apart
            classes = detections.class_ids[matches.detections]
            others &= classes[:, None] == classes
        self._calibration = calibration.learn(
            self._calibration, same=distance.diagonal()[clean], different=distance[others]
        )

    def _trusts_looks(self) -> bool:
        shown = calibration.separation(self._calibration)
        return not self.check_looks or shown >= self.least_separation

    def _test_looks(self, detections: Detections, candidates: Array) -> None:
        """Learn from who is certain by their place, looks aside, how far apart people's looks are.

        Args:
            detections: Of the frame, to which the tracks are predicted.
            candidates: Rows of the clear ones.
        """
        if not self.check_looks or not len(self._tracks) or not len(candidates):
            return
        boxes = self.motion_model.to_boxes(self._tracks["motion"])
        overlap = box_iou(boxes, detections.boxes[candidates])
        rows, own = calibration.certain_pairs(overlap)
        tracks = self._tracks[rows]
        distance = self._distance(tracks, detections, candidates)
        is_own = np.arange(len(candidates)) == own[:, None]
        counts = np.ones_like(is_own)
        if self.class_aware:  # how far a dog is from a person tells no people apart
            counts = tracks["class_id"][:, None] == detections.class_ids[candidates]
        self._calibration = calibration.learn(
            self._calibration,
            same=distance[counts & is_own],
            different=distance[counts & ~is_own],
        )

    def _record(
        self, tracks: Array, matched: Array | slice, detections: Detections, rows: Array
    ) -> None:
        super()._record(tracks, matched, detections, rows)
        if len(rows):
            self._remember(tracks, np.arange(len(tracks))[matched], detections, rows)

    def _remember(self, tracks: Array, matched: Array, detections: Detections, rows: Array) -> None:
        """Keep what the `matched` tracks look like now: who is half hidden looks like the hider."""
        assert detections.embeddings is not None
        clear = detections.scores[rows] >= self.track_thresh
        matched, seen = matched[clear], detections.embeddings[rows[clear]]
        if self.gallery_size:  # the oldest gives way
            tracks["feature"][matched, tracks["hits"][matched] % self.gallery_size] = seen
        else:
            tracks["feature"][matched] = remember(tracks["feature"][matched], seen, self.memory)
