"""Folders of a file a sequence, filled bit by bit, whose note says what made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from yolox.formats.atomic import write_whole
from yolox.formats.text import read_json
from yolox.structures import InputError


def begin_folder(
    folder: Path,
    note: str,
    made_by: Mapping[str, object],
    *,
    suffix: str,
    inputs: Iterable[Path] = (),
) -> None:
    """Note what makes the files of a folder, so that no others are taken for them.

    Args:
        folder: The folder.
        note: Name of its note.
        made_by: What JSON can hold; the same again where a run goes on.
        suffix: Of the files.
        inputs: Folders whose files would be replaced.

    Raises:
        InputError: There are such files, made by something else, or it is one of the inputs.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give a folder as --output")
    if folder.resolve() in [path.resolve() for path in inputs]:
        raise InputError(f"{folder}: holds the input; give another folder as --output")
    path = folder / note
    there = sorted(folder.glob(f"*{suffix}"))
    if there and not (path.exists() and read_json(path) == made_by):
        raise InputError(
            f"{there[0]}: was not made from these files with these settings; give another folder "
            "as --output, or remove it"
        )
    with write_whole(path) as file:
        json.dump(made_by, file)
