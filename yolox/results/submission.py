"""Results as the zip that a benchmark's server takes, checked before the server does.

MOTChallenge (https://motchallenge.net/instructions) and DanceTrack want `<sequence>.txt` of every
sequence in the root of a zip, ten columns a row, frames and ids from 1.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tabulate import tabulate

from yolox.formats.atomic import put_whole
from yolox.formats.mot import list_sequences, read_tracks, track_lines
from yolox.results.benchmarks import Extent, copies_of
from yolox.structures import InputError, TrackTable
from yolox.structures.boxes import Array

# Files are written with two decimals: a smaller box would have no size there.
SMALLEST_SIDE = 0.005
_FAULTS_SHOWN = 5


class Entry(NamedTuple):
    """One file of a submission: its name, the result it is made from, and the tracks."""

    name: str
    source: str
    tracks: TrackTable
    extent: Extent


class Submission(NamedTuple):
    """What a folder of results comes to.

    Attributes:
        entries: The files, in order of their names.
        faults: What the server would refuse or score wrongly, by file or sequence.
        notes: What may be meant.
    """

    entries: list[Entry]
    faults: dict[str, list[str]]
    notes: list[str]


def check_results(
    results: Path, expected: Mapping[str, Extent], *, clip: bool = False
) -> Submission:
    """Read a folder of results and find all that is wrong with it.

    Args:
        results: Folder of `<sequence>.txt`.
        expected: What the server wants, from `expected_sequences`.
        clip: Cut boxes at the image border, and drop those beyond it.

    Raises:
        InputError: The folder is missing or holds no results.
    """
    present = list_sequences(results)
    copies = {name: expected[whole] for whole in expected for name in copies_of(whole)}
    sources = {name: _source(name, present) for name in copies}
    extents = {source: copies[name] for name, source in sources.items() if source}
    faults = _misfits(results, present, expected, set(extents))
    notes: list[str] = []
    tables: dict[str, TrackTable] = {}
    beyond = dropped = 0
    for source, extent in extents.items():
        table, wrong = read_faults(results / f"{source}.txt", extent.length)
        if wrong:
            faults[source] = wrong
        notes += doubts(source, table, extent)
        beyond += int((_into_image(table.boxes, extent) != table.boxes).any(axis=1).sum())
        tables[source] = clip_boxes(table, extent) if clip else table
        dropped += len(table) - len(tables[source])
    if beyond:
        done = (
            f"cut, {dropped} of them dropped"
            if clip
            else "right in MOT17, whose truth does so; --clip cuts"
        )
        notes.append(f"{beyond} boxes reach beyond the image; {done}")
    entries = [
        Entry(name, source, tables[source], copies[name])
        for name, source in sorted(sources.items())
        if source
    ]
    return Submission(entries, faults, notes)


def read_faults(path: Path, length: int) -> tuple[TrackTable, list[str]]:
    """Read one file as far as it can be read, and list what is wrong with it."""
    faults: list[str] = []
    try:
        table = read_tracks(path, on_fault=lambda kind, message: faults.append(message))
    except InputError as error:
        return TrackTable.from_frames([]), [str(error)]
    rules = (
        (table.frames > length, f"the sequence has {length} frames; take the row out"),
        (table.ids < 1, "ids count from 1; add 1 to all of them"),
        (
            _smallest_side(table.boxes) < SMALLEST_SIDE,
            "width and height must be above 0; take the row out",
        ),
    )
    for is_wrong, cure in rules:
        faults += [
            f"{path}: frame {table.frames[row]}, id {table.ids[row]}: {cure}"
            for row in np.flatnonzero(is_wrong)
        ]
    return table, faults


def doubts(name: str, table: TrackTable, extent: Extent) -> list[str]:
    """Say what may be wrong with a result that a server takes."""
    if not len(table):
        return [f"{name}: no boxes at all"]
    found = []
    if table.last_frame <= extent.length // 2 + 1:
        found.append(
            f"{name}: ends with frame {table.last_frame} of {extent.length}; results of a half?"
        )
    classes = np.unique(table.class_ids)
    if len(classes) > 1 or classes[0] > 1:
        named = ", ".join(map(str, classes))
        found.append(f"{name}: has class {named}; the server takes every row for a pedestrian")
    return found


def clip_boxes(table: TrackTable, extent: Extent) -> TrackTable:
    """Cut boxes at the image border, and drop those of which nothing is left."""
    boxes = _into_image(table.boxes, extent)
    is_left = _smallest_side(boxes) >= SMALLEST_SIDE
    return dataclasses.replace(table, boxes=boxes).take(np.flatnonzero(is_left))


def write_zip(path: Path, entries: Iterable[Entry]) -> None:
    """Write a submission; the same results give the same bytes, whenever they are packed."""
    with put_whole(path) as aside, zipfile.ZipFile(aside, "w") as archive:
        for entry in entries:
            file = zipfile.ZipInfo(f"{entry.name}.txt", date_time=(1980, 1, 1, 0, 0, 0))
            file.compress_type = zipfile.ZIP_DEFLATED
            file.create_system = 3  # Unix, wherever this runs
            file.external_attr = 0o644 << 16
            archive.writestr(file, "".join(track_lines(entry.tracks.frames, entry.tracks)))


def format_contents(entries: Iterable[Entry]) -> str:
    """Lay out what is in a submission as a table."""
    rows = [
        (
            entry.name,
            entry.source,
            entry.extent.length,
            len(entry.tracks),
            len(set(entry.tracks.ids.tolist())),
        )
        for entry in entries
    ]
    table: str = tabulate(rows, headers=("sequence", "made from", "frames", "boxes", "ids"))
    return table


def format_faults(faults: Mapping[str, list[str]]) -> str:
    """Lay out the first faults of each file, with counts."""
    lines = []
    for name, found in faults.items():
        lines.append(f"{name}: {len(found)} {'fault' if len(found) == 1 else 'faults'}")
        lines += [f"  {fault}" for fault in found[:_FAULTS_SHOWN]]
        if len(found) > _FAULTS_SHOWN:
            lines.append(f"  and {len(found) - _FAULTS_SHOWN} more")
    return "\n".join(lines)


def _smallest_side(boxes: Array) -> Array:
    """Give the lesser of width and height of `(N, 4)` xyxy boxes."""
    lesser: Array = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)
    return lesser


def _into_image(boxes: Array, extent: Extent) -> Array:
    """Move the corners of `(N, 4)` xyxy boxes into the image."""
    return np.clip(boxes, 0, (extent.width, extent.height) * 2)


def _source(name: str, present: list[str]) -> str | None:
    """Choose the result that a file is made from: its own, the video's, or another detector's."""
    whole = name.rsplit("-", 1)[0] if name.startswith("MOT17-") else name
    candidates = dict.fromkeys((name, whole, *copies_of(whole)))
    return next((candidate for candidate in candidates if candidate in present), None)


def _misfits(
    results: Path, present: list[str], expected: Mapping[str, Extent], used: set[str]
) -> dict[str, list[str]]:
    """Name the sequences that are missing and those that nobody asked for."""
    faults = {}
    for whole in expected:
        if not used & {whole, *copies_of(whole)}:
            faults[whole] = [f"{results / whole}.txt: not found; track that sequence too"]
    for name in sorted(set(present) - used):
        cure = "not wanted; take it out, or give the split that has it (--split, --gt)"
        if name in expected:
            cure = "not needed beside those of the three detectors; take it out"
        faults[name] = [f"{results / name}.txt: {cure}"]
    return faults
