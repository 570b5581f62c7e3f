"""Scores by sequence, and as text to read."""

from __future__ import annotations

from tabulate import tabulate

# Sequence name to metric name to value: shares in percent, the rest whole counts.
Scores = dict[str, dict[str, float]]


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


def _format(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
