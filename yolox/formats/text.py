"""Text files as they come from anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolox.structures import InputError


def check_file(path: Path) -> None:
    """Check that a file is there.

    Raises:
        InputError: It is not, or it is a folder.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'is not a file' if path.exists() else 'no such file'}")


def read_text(path: Path) -> str:
    """Read a UTF-8 text, with or without a byte order mark.

    Raises:
        InputError: There is no such file, or it is not text.
    """
    check_file(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not text; save it as UTF-8") from None


def parse_json(text: str, where: str) -> Any:
    """Parse JSON.

    Raises:
        InputError: It is none; `where` says what.
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
