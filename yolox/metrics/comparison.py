"""Several results on the same sequences, side by side."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from tabulate import tabulate

from yolox.metrics.scores import Scores
from yolox.metrics.tracking import COMBINED
from yolox.structures import InputError

METRICS = ("HOTA", "MOTA", "IDF1")


def gain(base: Scores, other: Scores, metric: str) -> tuple[float, float]:
    """Give the mean and the sample standard deviation over sequences of what a metric gained.

    Raises:
        InputError: The results are of different sequences.
    """
    names = [name for name in base if name != COMBINED]
    if set(base) != set(other):
        different = ", ".join(sorted(set(base) ^ set(other)))
        raise InputError(f"not in both results: {different}; compare results of the same sequences")
    gains = [other[name][metric] - base[name][metric] for name in names]
    return statistics.mean(gains), statistics.stdev(gains) if len(gains) > 1 else 0.0


def format_comparison(results: Mapping[str, Scores]) -> str:
    """Lay out the combined scores of each result, and its gain over the first by sequence.

    Args:
        results: Scores by the result's name, from `metrics.tracking.evaluate`.
    """
    first = next(iter(results.values()))
    rows = []
    for name, scores in results.items():
        combined = scores[COMBINED]
        row = [name, *(f"{combined[metric]:.2f}" for metric in METRICS), f"{combined['IDSW']:.0f}"]
        if scores is not first:
            gains = [gain(first, scores, metric) for metric in METRICS]
            row += [f"{mean:+.2f} ± {deviation:.2f}" for mean, deviation in gains]
        rows.append(row)
    headers = ["result", *METRICS, "switches", *(f"gain in {metric}" for metric in METRICS)]
    align = ["left", *["right"] * (len(headers) - 1)]
    table: str = tabulate(rows, headers=headers, colalign=align, disable_numparse=True)
    count = len(first) - 1
    return f"{table}\ngains: mean ± standard deviation over {count} sequences, each for itself"
