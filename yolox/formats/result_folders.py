"""What the folders of several results are called where they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yolox.structures import InputError


def name_results(folders: Sequence[Path]) -> dict[str, Path]:
    """Give each folder as title the end of its path, as long as it takes to tell them apart.

    Raises:
        InputError: One folder is given twice.
    """
    whole = [folder.resolve() for folder in folders]
    for row, path in enumerate(whole):
        if path in whole[:row]:
            raise InputError(f"{folders[row]}: is given twice as results; give different folders")
    # Without the root a title is a path below any folder.
    parts = [path.parts[1:] for path in whole]
    count = 1
    while len({path[-count:] for path in parts}) < len(parts):
        count += 1
    return dict(zip(("/".join(path[-count:]) for path in parts), folders, strict=True))
