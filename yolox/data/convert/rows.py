"""Rows of text files whose columns have names and kinds, read line by line.

MOTChallenge's own files are for `yolox.formats.mot`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from yolox.data.convert.conversion import Conversion
from yolox.formats.text import read_text


def whole(cell: str) -> int:
    """Read a whole number, also as NumPy writes it, `1.000000e+00`."""
    value = float(cell)
    if not value.is_integer():
        raise ValueError(cell)
    return int(value)


def finite(cell: str) -> float:
    """Read a finite number."""
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(cell)
    return value


_CURES: dict[Callable[[str], Any], str] = {whole: "a whole number", finite: "a finite number"}


def read_rows(
    path: Path,
    columns: Mapping[str, Callable[[str], Any]],
    conversion: Conversion,
    *,
    separator: str | None = None,
) -> Iterator[tuple[str, list[Any]]]:
    """Read the rows of a file; a row that does not fit its columns is a fault.

    Args:
        path: The file.
        columns: What reads each column's cells, by the column's name.
        conversion: Told of the faults.
        separator: Of the columns; any white space if None.

    Yields:
        File and line, and the row's values.

    Raises:
        InputError: There is no such file, or it is not text.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        cells = line.strip().removesuffix(",").split(separator)
        if len(cells) != len(columns):
            conversion.fault(
                "wrong row", f"{where}: has {len(cells)} columns; give {', '.join(columns)}"
            )
            continue
        values = []
        for cell, (name, read) in zip(cells, columns.items(), strict=True):
            try:
                values.append(read(cell))
            except (ValueError, OverflowError):
                cure = _CURES.get(read, "another")
                conversion.fault("wrong row", f"{where}: {name} is {cell.strip()!r}; give {cure}")
                break
        else:
            yield where, values
