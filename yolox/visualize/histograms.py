"""Histograms side by side in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from yolox.formats.atomic import write_whole
from yolox.structures.boxes import Array

_BINS = 40


class Histogram(NamedTuple):
    """One panel.

    Attributes:
        title: What is counted.
        unit: Of the values.
        values: `(N,)`.
        counted: What one of them is.
        logarithmic: Whether the values span orders of magnitude.
    """

    title: str
    unit: str
    values: Array
    counted: str
    logarithmic: bool = False


def draw_histograms(path: Path, title: str, histograms: Sequence[Histogram]) -> None:
    """Write a PNG with one panel a histogram, two in a row, medians marked."""
    rows = -(-len(histograms) // 2)
    figure = Figure(figsize=(11, 2.9 * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, parse_math=False)
    panels = figure.subplots(rows, 2, squeeze=False).flatten()
    for panel in panels[len(histograms) :]:
        panel.set_axis_off()
    for panel, (name, unit, values, counted, logarithmic) in zip(panels, histograms, strict=False):
        panel.set_title(name, loc="left", fontsize=10, parse_math=False)
        panel.set(xlabel=unit, ylabel=counted)
        values = values[values > 0] if logarithmic else values
        if not len(values):
            panel.text(0.5, 0.5, "none", ha="center", transform=panel.transAxes)
            continue
        low, high = float(values.min()), float(values.max())
        spread = high > low
        if logarithmic and spread:
            bins = np.geomspace(low, high, _BINS + 1)
            panel.set_xscale("log")
            panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            panel.xaxis.set_minor_locator(NullLocator())
        else:
            bins = np.linspace(low, high if spread else low + 1, _BINS + 1)
        panel.hist(values, bins=bins, color="#4878a8")
        middle = float(np.median(values))
        panel.axvline(middle, color="#c04030", linewidth=1.2)
        panel.annotate(
            f"median {middle:.3g}",
            (middle, 0.97),
            xycoords=("data", "axes fraction"),
            xytext=(3, 0),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color="#c04030",
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        )
    with write_whole(path, "wb") as file:
        figure.savefig(file, format="png", dpi=100)
