"""The note in a result folder that its tracks were changed after tracking.

Such tracks know the future: they are never to be compared with online ones unsaid. `offline.json`
holds a list of steps, each with its `method` and parameters, in the order in which they were done.
A folder without it holds online tracks, as far as anybody knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolox.formats.atomic import write_whole
from yolox.formats.text import read_json
from yolox.structures import InputError

NOTE = "offline.json"
Step = dict[str, Any]


def read_steps(folder: Path) -> list[Step]:
    """Read what was done to the tracks of a result folder; nothing if they are online.

    Raises:
        InputError: The note is no list of steps.
    """
    path = folder / NOTE
    if not path.exists():
        return []
    steps = read_json(path)
    if not isinstance(steps, list) or not all(
        isinstance(step, dict) and isinstance(step.get("method"), str) for step in steps
    ):
        raise InputError(f'{path}: is no list of steps with a "method"; make the results anew')
    return steps


def write_steps(folder: Path, steps: list[Step]) -> None:
    """Note in a result folder what was done to its tracks."""
    with write_whole(folder / NOTE) as file:
        json.dump(steps, file, indent=2)
        file.write("\n")


def describe(steps: list[Step]) -> str:
    """Say in words whether tracks are online, and if not, what was done to them."""
    if not steps:
        return "online"
    done = [
        ", ".join([step["method"], *(f"{k} {v}" for k, v in step.items() if k != "method")])
        for step in steps
    ]
    return f"offline ({'; then '.join(done)})"


def check_output(output: Path, results: Path, truth: Path | None = None) -> None:
    """Refuse a folder for offline results in which others would be replaced or mixed with them.

    Raises:
        InputError: It is a file or the input, lies in the truth, or holds results without note.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file; give a folder for the results")
    if output.resolve() == results.resolve():
        raise InputError(
            f"{output}: holds the results, which would be replaced; give another folder"
        )
    if truth and truth.resolve() in (output.resolve(), *output.resolve().parents):
        raise InputError(f"{output}: lies in the ground truth folder; give another folder")
    if not (output / NOTE).exists() and any(output.glob("*.txt")):
        raise InputError(f"{output}: holds results without {NOTE}; give another folder")
    made = {path.name for path in results.glob("*.txt")}
    others = sorted(path for path in output.glob("*.txt") if path.name not in made)
    if others:
        raise InputError(
            f"{others[0]}: is of another run, and {NOTE} tells of one; give another folder"
        )
