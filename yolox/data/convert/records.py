"""What JSON files say, taken apart with checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolox.data.convert.video import Tlwh
from yolox.formats.coco import is_rectangle
from yolox.formats.text import read_text
from yolox.structures import InputError


def parse_json(text: str, where: str) -> Any:
    """Parse JSON.

    Raises:
        InputError: It is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: is not JSON: {error}; fetch it anew") from None


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        InputError: There is no such file, or it holds something else.
    """
    return parse_json(read_text(path), str(path))


def member(record: Any, name: str) -> Any:
    """Give a member of a JSON object, None if it is absent or the record is no object."""
    return record.get(name) if isinstance(record, dict) else None


def four_numbers(value: Any) -> Tlwh | None:
    """Give four coordinates, None if a JSON value is something else."""
    if not is_rectangle(value):
        return None
    first, second, third, fourth = value
    return first, second, third, fourth
