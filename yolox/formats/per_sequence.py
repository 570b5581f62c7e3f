"""The file that gives single sequences other tracker parameters."""

from __future__ import annotations

import configparser
from pathlib import Path

from yolox.structures import InputError


def read_per_sequence(path: Path) -> dict[str, dict[str, str]]:
    """Read an INI file with a section for each sequence and a tracker parameter on each line.

    ```ini
    [MOT17-05-FRCNN]
    track_buffer = 14
    ```

    Returns:
        Parameter texts by sequence and parameter; dashes in a name are read as underscores.

    Raises:
        InputError: The file is missing or not of that form.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise InputError(f"{path}: {reason}; write [sequence] and below it name = value") from None
    return {
        section: {name.replace("-", "_"): text for name, text in parser[section].items()}
        for section in parser.sections()
    }
