"""The file that gives single sequences other tracker parameters."""

from __future__ import annotations

import configparser
from pathlib import Path

from yolox.formats.text import read_text
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
    # No section is special: in `configparser`'s own way [DEFAULT] would reach into all others.
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(read_text(path))
    except configparser.Error as error:
        reason = str(error).replace("\n", " ")
        raise InputError(f"{path}: {reason}; write [sequence] and below it name = value") from None
    return {section: _read_section(path, parser[section]) for section in parser.sections()}


def _read_section(path: Path, section: configparser.SectionProxy) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, text in section.items():
        parameter = name.replace("-", "_")
        if parameter in texts:
            raise InputError(f"{path}: [{section.name}] has {parameter} twice; keep one")
        texts[parameter] = text
    return texts
