"""A sequence's tracks as one picture: where they went, and when they were there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from yolox.formats.atomic import write_whole
from yolox.formats.mot import SequenceInfo
from yolox.structures import TrackTable
from yolox.structures.boxes import Array
from yolox.visualize.colours import colour_of
from yolox.visualize.trails import feet_of, unbroken

_MOST_LABELS = 60


def draw_tracks(path: Path, table: TrackTable, info: SequenceInfo) -> None:
    """Write a PNG: trails of the feet with the last boxes above, a time line by id below.

    Args:
        path: The PNG file.
        table: Tracks in image pixels.
        info: Gives the title, the image size and the length.
    """
    ids = np.unique(table.ids)
    figure = Figure(figsize=(11, 6.5 + min(0.13 * len(ids), 8)), layout="constrained")
    FigureCanvasAgg(figure)
    scene, times = figure.subplots(2, 1, height_ratios=(6.2, max(1.2, min(0.13 * len(ids), 8))))
    for row, track_id in enumerate(ids):
        of_track = table.take(table.ids == track_id)
        _draw_trail(scene, of_track, int(track_id))
        _draw_times(times, of_track.frames, row, int(track_id))

    scene.set(xlim=(0, info.width), ylim=(info.height, 0), aspect="equal")
    scene.set_title(
        f"{info.name}: {len(ids)} tracks in {info.length} frames, pixels",
        loc="left",
        parse_math=False,
    )
    times.set(
        xlim=(0, info.length + 1), ylim=(max(len(ids), 1), 0), xlabel="frame", ylabel="track id"
    )
    shown = np.arange(0, len(ids), max(1, -(-len(ids) // _MOST_LABELS)))
    times.set_yticks(shown + 0.5, ids[shown], fontsize=6)
    with write_whole(path, "wb") as file:
        figure.savefig(file, format="png", dpi=110)


def _draw_trail(axes: Any, table: TrackTable, track_id: int) -> None:
    colour = colour_of(track_id)
    feet = feet_of(table.boxes)
    for part in unbroken(table.frames):
        axes.plot(feet[part, 0], feet[part, 1], color=colour, linewidth=1.4)
    left, top, right, bottom = table.boxes[-1]
    size = right - left, bottom - top
    axes.add_patch(Rectangle((left, top), *size, fill=False, edgecolor=colour, linewidth=1.2))
    axes.annotate(
        str(track_id),
        (left, top),
        xytext=(2, -2),
        textcoords="offset points",
        va="top",
        fontsize=7,
        color="white",
        bbox={"boxstyle": "square,pad=0.15", "facecolor": colour, "edgecolor": "none"},
        clip_on=True,
    )


def _draw_times(axes: Any, frames: Array, row: int, track_id: int) -> None:
    spans = [(frames[part.start] - 0.5, part.stop - part.start) for part in unbroken(frames)]
    axes.broken_barh(spans, (row + 0.1, 0.8), facecolor=colour_of(track_id))
