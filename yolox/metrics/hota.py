"""HOTA, the mean of how well people are found and how well they are kept apart.

Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking" (2021). As
TrackEval computes it: one matching a frame serves all thresholds of localisation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.metrics.encounters import Encounters
from yolox.metrics.matching import match_boxes
from yolox.structures.boxes import Array

# The overlaps α at which HOTA is measured: 0.05, 0.10, … 0.95. TrackEval's own floats: boxes that
# overlap by just 0.15 are to fall on the same side.
_ALPHAS = np.arange(0.05, 0.99, 0.05)
THRESHOLDS: list[float] = _ALPHAS.round(2).tolist()
_EPS = np.finfo(np.float64).eps


class HotaCounts(NamedTuple):
    """What HOTA is made of; each `(19,)`, by threshold. Counts of sequences add up.

    Attributes:
        matches: True positives.
        misses: False negatives.
        false_boxes: False positives.
        overlap: Sum of the overlaps of the matches.
        association: Sum over the matches c of A(c) = TPA / (TPA + FNA + FPA), how well the whole
            track of each fits the whole person.
    """

    matches: Array
    misses: Array
    false_boxes: Array
    overlap: Array
    association: Array

    @property
    def deta(self) -> Array:
        """Detection accuracy TP / (TP + FN + FP), in [0, 1]."""
        share: Array = self.matches / np.maximum(1, self.matches + self.misses + self.false_boxes)
        return share

    @property
    def assa(self) -> Array:
        """Association accuracy, the mean of A(c) over the matches, in [0, 1]."""
        share: Array = self.association / np.maximum(1, self.matches)
        return share

    @property
    def loca(self) -> Array:
        """Localisation accuracy, the mean overlap of the matches; 1 without any, as TrackEval."""
        share: Array = np.maximum(1e-10, self.overlap) / np.maximum(1e-10, self.matches)
        return share

    @property
    def hota(self) -> Array:
        """HOTA at each α, the geometric mean of DetA and AssA, in [0, 1]."""
        mean: Array = np.sqrt(self.deta * self.assa)
        return mean


def count_hota(encounters: Encounters) -> HotaCounts:
    """Match each frame so that tracks fit best over the whole sequence, then count."""
    chosen = _match(encounters)
    pairs, ious = encounters.pairs[chosen].astype(np.int64), encounters.ious[chosen]
    levels = np.searchsorted(_ALPHAS - _EPS, ious, "right")  # thresholds that a match passes
    matches = _from(np.bincount(levels, minlength=len(_ALPHAS) + 1))
    # (P, 19) how often each person and track are matched, TPA(c)
    lengths = _lengths(encounters)
    cells = pairs * (len(_ALPHAS) + 1) + levels
    together = np.bincount(cells, minlength=len(lengths) * (len(_ALPHAS) + 1))
    together = _from(together.reshape(len(lengths), len(_ALPHAS) + 1))
    jaccard = together / np.maximum(1, lengths[:, None] - together)
    return HotaCounts(
        matches=matches,
        misses=len(encounters.target_ids) - matches,
        false_boxes=len(encounters.track_ids) - matches,
        overlap=_from(np.bincount(levels, ious, minlength=len(_ALPHAS) + 1)),
        association=(together * jaccard).sum(axis=0),
    )


def _match(encounters: Encounters) -> Array:
    """Match each frame by overlap times global alignment, `(E,)` bool.

    That is TrackEval's way to the matching of which HOTA is largest.
    """
    targets, tracks, ious, pairs = encounters[4:8]
    weights = _alignment(encounters).take(pairs)
    weights *= ious
    return match_boxes(targets, tracks, weights, encounters.target_frames, encounters.track_frames)


def _alignment(encounters: Encounters) -> Array:
    """Tell how far the person and the track of each pair belong together, `(P,)` in [0, 1]."""
    targets, tracks, ious, pairs = encounters[4:8]
    of_target = np.bincount(targets, ious, len(encounters.target_ids))
    of_track = np.bincount(tracks, ious, len(encounters.track_ids))
    # Each encounter's share in all that both boxes overlap with.
    all_of_both = of_target.take(targets) + of_track.take(tracks) - ious
    share = np.divide(ious, all_of_both, out=np.zeros_like(ious), where=all_of_both > _EPS)
    common = np.bincount(pairs, share, len(encounters.people))
    alignment: Array = common / (_lengths(encounters) - common)
    return alignment


def _lengths(encounters: Encounters) -> Array:
    """Add up how many boxes the person and the track of each pair have, `(P,)`."""
    of_people = np.bincount(encounters.target_ids)[encounters.people]
    lengths: Array = of_people + np.bincount(encounters.track_ids)[encounters.followers]
    return lengths


def _from(levels: Array) -> Array:
    """Add up, for each threshold, what passes it or more, `(…, 20)` to `(…, 19)`."""
    sums: Array = levels[..., ::-1].cumsum(axis=-1)[..., -2::-1]
    return sums
