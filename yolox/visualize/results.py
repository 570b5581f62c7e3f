"""Result folders, one or several to compare, read sequence by sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from yolox.formats.mot import (
    Half,
    SequenceInfo,
    half_frames,
    list_sequences,
    read_sequence_info,
    read_tracks,
)
from yolox.structures import InputError, TrackTable


class SequenceResults(NamedTuple):
    """What several trackers made of one sequence.

    Attributes:
        name: Of the sequence's folder and result files.
        info: What `seqinfo.ini` says of all of it.
        first: Frame of the sequence that is frame 1 of the tables.
        last: Frame of the sequence, included, that the results may reach.
        tables: Tracks by title.
    """

    name: str
    info: SequenceInfo
    first: int
    last: int
    tables: dict[str, TrackTable]

    @property
    def length(self) -> int:
        """Frames that the results are of."""
        return self.last - self.first + 1


def read_results(
    folders: Mapping[str, Path], truth: Path, half: Half, patterns: Iterable[str] = ("*",)
) -> list[SequenceResults]:
    """Read the sequences that fit a pattern from all folders.

    Args:
        folders: Of `<sequence>.txt`, by title.
        truth: Tree of `<sequence>/seqinfo.ini`.
        half: Part of each sequence that the results are of.
        patterns: As for `list_sequences`.

    Raises:
        InputError: The folders differ in their sequences, or results go beyond their sequence.
    """
    patterns = list(patterns)
    listed = {folder: list_sequences(folder, patterns) for folder in folders.values()}
    first_folder, names = next(iter(listed.items()))
    for folder, others in listed.items():
        for name in sorted({*names} ^ {*others}):
            has, lacks = (folder, first_folder) if name in others else (first_folder, folder)
            raise InputError(
                f"{lacks / name}.txt: not found, but {has} has it; track it there too, or leave "
                "it out (--sequences)"
            )
    read = []
    for name in names:
        info = read_sequence_info(truth / name / "seqinfo.ini")
        first, last = half_frames(info.length, half)
        tables = {title: read_tracks(folder / f"{name}.txt") for title, folder in folders.items()}
        one = SequenceResults(name, info, first, last, tables)
        for title, table in tables.items():
            if table.last_frame > one.length:
                raise InputError(
                    f"{folders[title] / name}.txt: reaches frame {table.last_frame} of "
                    f"{one.length}; give the half that the results are of"
                )
        read.append(one)
    return read
