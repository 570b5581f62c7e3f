"""What JSON files say, taken apart with checks."""

from __future__ import annotations

from typing import Any

from yolox.data.convert.video import Tlwh
from yolox.formats.coco import is_rectangle


def member(record: Any, name: str) -> Any:
    """Give a member of a JSON object, None if it is absent or the record is no object."""
    return record.get(name) if isinstance(record, dict) else None


def four_numbers(value: Any) -> Tlwh | None:
    """Give four coordinates, None if a JSON value is something else."""
    if not is_rectangle(value):
        return None
    first, second, third, fourth = value
    return first, second, third, fourth
