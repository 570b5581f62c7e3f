"""What trackers that look at people have in common: they remember what each track looks like."""

from __future__ import annotations

import numpy as np

from yolox.structures import Detections
from yolox.structures.boxes import Array
from yolox.tracker.appearance import cosine_cost, nearest_cost, remember, with_features
from yolox.tracker.base import Tracker


class AppearanceTracker(Tracker):
    """A tracker over detections with embeddings.

    `update` raises an `InputError` where there are none, or they have another length than before.

    Attributes:
        track_thresh: Score from which a detection is clear enough to be remembered.
        memory: Share of the old in a track's running embedding.
        gallery_size: Last embeddings of a track that are kept; 0: their running mean alone. A table
            of tracks with galleries counts their detections in the column `hits`.
    """

    track_thresh: float
    memory: float
    gallery_size: int = 0

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
