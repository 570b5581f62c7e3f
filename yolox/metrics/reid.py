"""How well embeddings tell people apart: retrieval (rank-1, mAP), verification (TPR at a FAR)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from yolox.structures import InputError
from yolox.structures.boxes import Array

_ROWS_AT_ONCE = 1024


class ReIDScores(NamedTuple):
    """What embeddings are worth.

    Attributes:
        rank_1: Share of queries whose nearest embedding is of the same person.
        mean_ap: Mean over the queries of the average precision of the ranking (Zheng et al.,
            "Market-1501", 2015).
        tpr: By false accept rate: the share of pairs of one person that are accepted at the
            similarity at which that share of pairs of two people is (FairMOT and JDE's measure).
        queries: Embeddings that have another of the same person to be found.
    """

    rank_1: float
    mean_ap: float
    tpr: dict[float, float]
    queries: int


def score_embeddings(
    embeddings: Array,
    identities: Array,
    images: Array,
    *,
    false_accept_rates: Sequence[float] = (1e-3, 1e-2, 1e-1),
) -> ReIDScores:
    """Score embeddings of boxes whose identities are known.

    Each embedding is a query in turn; the gallery is all embeddings of other images.

    Args:
        embeddings: `(N, D)` float, of unit length.
        identities: `(N,)` int; those below 0 are nobody and are only in the gallery.
        images: `(N,)` int, the image of each.
        false_accept_rates: At which to give the true positive rate.

    Raises:
        InputError: Lengths differ, or nobody is in two images.
    """
    if not len(embeddings) == len(identities) == len(images):
        raise InputError(
            f"{len(embeddings)} embeddings, {len(identities)} identities and {len(images)} images; "
            "give one of each"
        )
    firsts: list[Array] = []
    precisions: list[Array] = []
    same_person: list[Array] = []
    two_people: list[Array] = []
    for start in range(0, len(embeddings), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        known = identities[rows] >= 0
        similarity = embeddings[rows][known] @ embeddings.T
        elsewhere = images[rows][known][:, None] != images[None, :]
        match = (identities[rows][known][:, None] == identities[None, :]) & elsewhere
        labelled = elsewhere & (identities >= 0)[None, :]
        same_person.append(similarity[match])
        two_people.append(similarity[labelled & ~match])
        answered = match.any(axis=1)
        ranked = np.argsort(
            -np.where(elsewhere, similarity, -np.inf)[answered], axis=1, kind="stable"
        )
        hits = np.take_along_axis(match[answered], ranked, axis=1)
        firsts.append(hits[:, 0])
        found = np.cumsum(hits, axis=1)
        precision = found / np.arange(1, hits.shape[1] + 1)
        precisions.append((precision * hits).sum(axis=1) / hits.sum(axis=1))
    first, precision = np.concatenate(firsts), np.concatenate(precisions)
    if not len(first):
        raise InputError("nobody is in two of the images, so nobody can be found again")
    impostors = np.sort(np.concatenate(two_people))[::-1]
    genuine = np.concatenate(same_person)
    return ReIDScores(
        rank_1=float(first.mean()),
        mean_ap=float(precision.mean()),
        tpr={rate: _true_positive_rate(genuine, impostors, rate) for rate in false_accept_rates},
        queries=len(first),
    )


def _true_positive_rate(genuine: Array, impostors: Array, rate: float) -> float:
    """Share of genuine pairs above the similarity that `rate` of the impostors exceed."""
    if not len(impostors):
        return 1.0
    threshold = impostors[min(int(rate * len(impostors)), len(impostors) - 1)]
    return float((genuine > threshold).mean())
