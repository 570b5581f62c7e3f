"""Scores by sequence, and as text to read."""

from __future__ import annotations

from tabulate import tabulate

# Sequence name to metric name to value: shares in percent, the rest whole counts.
Scores = dict[str, dict[str, float]]
# Sequence name to HOTA, DetA and AssA to a share in percent at each of HOTA's thresholds.
Curves = dict[str, dict[str, list[float]]]


def format_scores(scores: Scores) -> str:
    """Lay scores out as a table, a row for each sequence; shares carry two decimals."""
    columns = list(next(iter(scores.values())))
    rows = [
        [name, *(_format(metrics[column]) for column in columns)]
        for name, metrics in scores.items()
    ]
    align = ["left", *["right"] * len(columns)]
    headers = ["sequence", *columns]
    table: str = tabulate(rows, headers=headers, colalign=align, disable_numparse=True)
    return table


def doubts(scores: Scores) -> str | None:
    """Say what may be wrong with results that fit their ground truth worse than none at all."""
    worst = min(scores, key=lambda name: scores[name]["MOTA"])
    mota = scores[worst]["MOTA"]
    if mota >= 0:
        return None
    return (
        f"note: MOTA {mota:.1f} on {worst}: are these results of another sequence or another half, "
        "or boxes written as x1,y1,x2,y2?"
    )


def _format(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
