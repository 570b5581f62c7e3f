"""A tracker with its parameters, as `tools/tune.py` writes them and `--params` takes them.

A JSON object: `tracker` is the name, `parameters` an object of numbers and switches by name. What
else is there, such as where they come from, is for people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from yolox.formats.text import read_text
from yolox.structures import InputError


class TrackerParameters(NamedTuple):
    """A tracker's name and its parameters."""

    tracker: str
    parameters: dict[str, Any]


def read_parameters(path: Path) -> TrackerParameters:
    """Read such a file; whether the tracker has the parameters is for the tracker to say.

    Raises:
        InputError: It is not there, or of another form.
    """
    form = 'write {"tracker": "byte", "parameters": {"track_thresh": 0.5}}'
    text = read_text(path)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: is no JSON ({error}); {form}") from None
    tracker = document.get("tracker") if isinstance(document, dict) else None
    parameters = document.get("parameters") if isinstance(document, dict) else None
    if not isinstance(tracker, str) or not isinstance(parameters, dict):
        raise InputError(f"{path}: names no tracker with its parameters; {form}")
    for name, value in parameters.items():
        if not isinstance(value, (bool, int, float)):
            raise InputError(f"{path}: {name} is {value!r}; give a number, true or false")
    return TrackerParameters(tracker, parameters)
