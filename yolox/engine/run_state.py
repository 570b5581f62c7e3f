"""All that a run is at one moment, in one file, so that it goes on as if it had never stopped."""

from __future__ import annotations

import platform
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

import yolox
from yolox.engine.plain_file import read_plain
from yolox.formats.atomic import write_whole
from yolox.structures import InputError

State = dict[str, Any]


def write_state(path: Path, state: State) -> None:
    """Write a state; a crash leaves the old file or the new one."""
    with write_whole(path, "wb") as file:
        torch.save(state, file)


def read_state(path: Path) -> State:
    """Read a state onto the CPU, without running anything in it.

    Raises:
        InputError: The file is missing or is none.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file, so there is nothing to resume")
    state = read_plain(path)
    if not isinstance(state, dict) or "batch" not in state:
        raise InputError(f"{path}: is no state of a run; give a folder that train.py wrote")
    return state


def describe_origin() -> dict[str, str]:
    """Say what made a checkpoint: versions, and the commit where there is one."""
    return {
        "yolox": yolox.__version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "git": _commit(),
    }


@lru_cache
def _commit() -> str:
    folder = Path(__file__).resolve().parent
    try:
        described = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return described.stdout.strip()
