"""Files, and folders of them, that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

from yolox.structures import InputError


@contextmanager
def put_whole(path: Path) -> Iterator[Path]:
    """Give a name aside to write to, which becomes `path` only once the block ends well.

    A crash, of the machine too, leaves what was there before. Missing folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield aside
        _reach_disk(aside)
        os.replace(aside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            aside.unlink()
        raise


@contextmanager
def fill_whole(path: Path) -> Iterator[Path]:
    """Give an empty folder aside, which becomes `path` only once the block ends well.

    Raises:
        InputError: There is such a folder already, with something in it, or such a file.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path}: is there already; remove it, or give another --output")
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    # Left by a process of the same number that was killed: in containers they all begin at 1.
    rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        os.replace(aside, path)
    except BaseException:
        rmtree(aside)
        raise


@contextmanager
def write_whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a file that takes its name only once it is written to the end (see `put_whole`).

    Args:
        path: The file to write.
        mode: `"w"` for text (UTF-8, Unix line ends) or `"wb"`.
    """
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    with put_whole(path) as aside, open(aside, mode, encoding=encoding, newline=newline) as file:
        yield file


def _reach_disk(path: Path) -> None:
    """Wait until a file's bytes are on disk: else a power cut may leave a new name without them."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
