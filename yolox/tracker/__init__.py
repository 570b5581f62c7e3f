"""Detections to tracks, one file an algorithm; importing it needs NumPy and no torch."""

from __future__ import annotations

import difflib
import importlib
import pkgutil

from yolox.structures import InputError
from yolox.tracker.base import Parameter, Tracker

__all__ = ["Parameter", "Tracker", "available_trackers", "find_tracker"]


def available_trackers() -> dict[str, type[Tracker]]:
    """Find every algorithm by its name: the `Tracker` subclasses of the modules beside this one."""
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
    return {tracker.name: tracker for tracker in sorted(Tracker.__subclasses__(), key=_name)}


def find_tracker(name: str) -> type[Tracker]:
    """Find one algorithm.

    Raises:
        InputError: There is none of that name; the nearest names are given.
    """
    trackers = available_trackers()
    if name not in trackers:
        near = difflib.get_close_matches(name, trackers, n=3, cutoff=0) or trackers
        raise InputError(f"no tracker is called {name!r}; there are {', '.join(near)}")
    return trackers[name]


def _name(tracker: type[Tracker]) -> str:
    return tracker.name
