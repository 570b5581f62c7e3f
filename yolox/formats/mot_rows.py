"""The rows of one of MOTChallenge's text files: numbers that remember their lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from yolox.formats.text import read_text
from yolox.structures import InputError, xywh_to_xyxy
from yolox.structures.boxes import Array
from yolox.structures.detections import LARGEST_COORDINATE

# Told the kind of a fault and the message that names it; it raises, or the row is left out.
OnFault = Callable[[str, str], None]

# Four days at 30 frames a second: more is a mistake, and every frame of it would be walked through.
LARGEST_FRAME = 10_000_000
# Beyond it a float64, as which numbers are read, skips whole numbers.
LARGEST_WHOLE = 2**53 - 1

FRAME, ID, LEFT, TOP, WIDTH, HEIGHT, SCORE, CLASS, VISIBILITY = range(9)


def refuse(kind: str, message: str) -> None:
    """Raise an `InputError`: the first fault is the last."""
    raise InputError(message)


class Rows:
    """The numbers of one file ordered by frame, which remember their lines."""

    def __init__(self, path: Path, values: Array, lines: Array, on_fault: OnFault) -> None:
        self.path = path
        self.on_fault = on_fault
        # Stable, so that the rows of a frame stay in the order of the file.
        self.order = np.argsort(values[:, FRAME], kind="stable")
        self.values = values[self.order]
        self.lines = lines[self.order]
        self.width = values.shape[1]

    @classmethod
    def read(cls, path: Path, columns: tuple[int, ...], on_fault: OnFault = refuse) -> Rows:
        """Parse a file whose rows all have the same, allowed number of columns."""
        numbered = [
            (number, line.strip().removesuffix(","))
            for number, line in enumerate(read_text(path).split("\n"), start=1)
            if line.strip()
        ]
        if not numbered:
            none = np.empty(0, dtype=np.int64)
            return cls(path, np.empty((0, max(columns))), none, on_fault)
        width = numbered[0][1].count(",") + 1
        if width not in columns:
            raise InputError(
                f"{path}:{numbered[0][0]}: has {width} columns, comma-separated; "
                f"give {_either(columns)}"
            )
        try:
            values = np.loadtxt(
                (line for _, line in numbered), delimiter=",", ndmin=2, comments=None
            )
        except ValueError:
            numbered = [row for row in numbered if _is_row(path, row, width, on_fault)]
            values = np.array(
                [[float(cell) for cell in line.split(",")] for _, line in numbered]
            ).reshape(-1, width)
        rows = cls(path, values, np.array([number for number, _ in numbered]), on_fault)
        for column in range(width):
            rows.check(np.isfinite(rows[column]), column, "give a finite number")
        rows.check_whole(FRAME)
        rows.check(rows[FRAME] >= 1, FRAME, "frames count from 1")
        rows.check(rows[FRAME] <= LARGEST_FRAME, FRAME, f"frames go up to {LARGEST_FRAME}")
        return rows

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, column: int) -> Array:
        values: Array = self.values[:, column]
        return values

    def boxes(self) -> Array:
        """Give the boxes, `(N, 4)` xyxy."""
        return xywh_to_xyxy(self.values[:, LEFT : HEIGHT + 1])

    def class_ids(self) -> Array:
        """Give the classes, 0 where the file has no such column or names none."""
        if self.width <= CLASS:
            return np.zeros(len(self), dtype=np.int64)
        self.check_whole(CLASS)
        return np.maximum(self[CLASS], 0).astype(np.int64)

    def check(self, right: Array, column: int, cure: str) -> None:
        """Report the lines that are not right, with the value in `column`, and leave them out."""
        if right.all():
            return
        wrong = np.flatnonzero(~right)
        for row in wrong[np.argsort(self.lines[wrong])]:
            value = self.values[row, column]
            self.on_fault(
                "wrong row",
                f"{self.path}:{self.lines[row]}: column {column + 1} is {value:g}; {cure}",
            )
        self.order, self.values, self.lines = (
            kept[right] for kept in (self.order, self.values, self.lines)
        )

    def check_whole(self, column: int) -> None:
        """Report numbers that are not whole, or are too large to be."""
        self.check(self[column] % 1 == 0, column, "give a whole number")
        self.check(np.abs(self[column]) <= LARGEST_WHOLE, column, "give a smaller number")

    def check_boxes(self) -> None:
        """Report boxes that are turned inside out or lie far from any image."""
        for column in (WIDTH, HEIGHT):
            self.check(self[column] >= 0, column, "width and height may not be negative")
        for column in (LEFT, TOP, WIDTH, HEIGHT):
            self.check(
                np.abs(self[column]) <= LARGEST_COORDINATE / 2,
                column,
                f"boxes are pixels within ±{LARGEST_COORDINATE / 2:g}",
            )

    def check_ids(self) -> None:
        """Report ids below 0, and those that stand twice in a frame."""
        self.check_whole(ID)
        self.check(self[ID] >= 0, ID, "ids may not be negative")
        order = np.lexsort((self.lines, self[ID], self[FRAME]))
        key = self.values[order][:, [FRAME, ID]]
        first = np.ones(len(self), dtype=bool)
        first[order[1:]] = (key[1:] != key[:-1]).any(axis=1)
        self.check(first, ID, "the id stands twice in this frame; keep one row")


def _is_row(path: Path, row: tuple[int, str], width: int, on_fault: OnFault) -> bool:
    """Tell whether a line holds `width` numbers, and report it if not."""
    number, line = row
    cells = line.split(",")
    fault = None
    if len(cells) != width:
        fault = (
            f"has {len(cells)} columns, the first row has {width}; give every row the same columns"
        )
    else:
        for column, cell in enumerate(cells, start=1):
            if not _is_number(cell):
                fault = f"column {column} is {cell.strip()!r}; give a number"
                break
    if fault:
        on_fault("wrong row", f"{path}:{number}: {fault}")
    return not fault


def _is_number(cell: str) -> bool:
    """Tell whether NumPy's parser takes a cell: unlike `float` it refuses `1_0` and `１`."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell


def _either(numbers: tuple[int, ...]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}"
