"""Identity: the best one-to-one matching of people and tracks over the whole sequence.

Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking"
(2016).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.encounters import Encounters
from yolox.metrics.matching import best_matching

_LEAST_IOU = 0.5  # without the margin that CLEAR has, as in TrackEval


class IdentityCounts(NamedTuple):
    """Boxes by whether they are of the matched identity; counts of sequences add up.

    Attributes:
        matches: IDTP.
        misses: IDFN.
        false_boxes: IDFP.
    """

    matches: int
    misses: int
    false_boxes: int

    @property
    def idf1(self) -> float:
        """2 IDTP / (2 IDTP + IDFP + IDFN), in [0, 1]."""
        return self.matches / max(1, self.matches + 0.5 * (self.misses + self.false_boxes))

    @property
    def idp(self) -> float:
        """Precision IDTP / (IDTP + IDFP), in [0, 1]."""
        return self.matches / max(1, self.matches + self.false_boxes)

    @property
    def idr(self) -> float:
        """Recall IDTP / (IDTP + IDFN), in [0, 1]."""
        return self.matches / max(1, self.matches + self.misses)


def count_identity(encounters: Encounters) -> IdentityCounts:
    """Match people with tracks so that most boxes are of the matched identity.

    That minimises IDFN + IDFP, each of which falls by one for every box that is shared.
    """
    enough = encounters.ious >= _LEAST_IOU
    people, followers = encounters.people, encounters.followers
    shared = np.bincount(encounters.pairs[enough], minlength=len(people))
    some = shared > 0
    # Which of equally good matchings it is makes no difference to their number.
    chosen, _ = best_matching(people[some], followers[some], shared[some].astype(np.float64))
    matches = int(shared[some][chosen].sum())
    return IdentityCounts(
        matches=matches,
        misses=len(encounters.target_ids) - matches,
        false_boxes=len(encounters.track_ids) - matches,
    )
