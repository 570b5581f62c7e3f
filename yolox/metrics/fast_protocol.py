"""MOTChallenge's official scores, computed here on the pairs of boxes that overlap.

The numbers are TrackEval's to all digits that are shown; `tests/metrics/test_fast_protocol.py`
holds them to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from yolox.metrics.clear import ClearCounts, count_clear
from yolox.metrics.encounters import find_encounters
from yolox.metrics.hota import HotaCounts, count_hota
from yolox.metrics.identity import IdentityCounts, count_identity
from yolox.metrics.mot_rules import check_rules, what_counts
from yolox.metrics.scores import Curves, Scores
from yolox.structures import TrackTable, TruthTable


class Partial(NamedTuple):
    """The counts of one sequence."""

    hota: HotaCounts
    clear: ClearCounts
    identity: IdentityCounts


def score_sequence(
    name: str, truth: TruthTable, tracks: TrackTable, length: int, benchmark: str
) -> Partial:
    """Count one sequence; `length` makes no difference here.

    Raises:
        InputError: The tables break MOTChallenge's rules, for example by an unknown class.
    """
    del length
    check_rules(name, truth, tracks, benchmark)
    targets, kept, overlaps = what_counts(truth, tracks, benchmark)
    encounters = find_encounters(
        truth.frames[targets], truth.ids[targets], tracks.frames[kept], tracks.ids[kept], overlaps
    )
    return Partial(count_hota(encounters), count_clear(encounters), count_identity(encounters))


def summarise(partials: Mapping[str, Partial], combined: str) -> Scores:
    """Give the numbers of the table: shares in percent, HOTA as the mean over its thresholds."""
    return {name: _summary(partial) for name, partial in _with_total(partials, combined).items()}


def curves(partials: Mapping[str, Partial], combined: str) -> Curves:
    """Give HOTA, DetA and AssA at each of `hota.THRESHOLDS`, in percent."""
    return {
        name: {
            "HOTA": (100 * hota.hota).tolist(),
            "DetA": (100 * hota.deta).tolist(),
            "AssA": (100 * hota.assa).tolist(),
        }
        for name, (hota, _, _) in _with_total(partials, combined).items()
    }


def _with_total(partials: Mapping[str, Partial], combined: str) -> dict[str, Partial]:
    hotas, clears, identities = zip(*partials.values(), strict=True)
    total = Partial(
        HotaCounts(*(sum(column) for column in zip(*hotas, strict=True))),
        ClearCounts(*(sum(column) for column in zip(*clears, strict=True))),
        IdentityCounts(*(sum(column) for column in zip(*identities, strict=True))),
    )
    return {**partials, combined: total}


def _summary(partial: Partial) -> dict[str, float]:
    hota, clear, identity = partial
    return {
        "HOTA": 100 * float(hota.hota.mean()),
        "DetA": 100 * float(hota.deta.mean()),
        "AssA": 100 * float(hota.assa.mean()),
        "LocA": 100 * float(hota.loca.mean()),
        "MOTA": 100 * clear.mota,
        "MOTP": 100 * clear.motp,
        "IDF1": 100 * identity.idf1,
        "IDP": 100 * identity.idp,
        "IDR": 100 * identity.idr,
        "IDSW": clear.switches,
        "FP": clear.false_boxes,
        "FN": clear.misses,
        "Frag": clear.fragments,
        "MT": clear.mostly_tracked,
        "PT": clear.partly_tracked,
        "ML": clear.mostly_lost,
    }
