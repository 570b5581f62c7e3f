"""Detections to tracks, one file an algorithm; importing it needs NumPy and no torch."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from abc import ABCMeta
from inspect import isabstract

from yolox.structures import InputError
from yolox.tracker.base import Backend, Parameter, Tracker

__all__ = [
    "Backend",
    "Parameter",
    "Tracker",
    "available_trackers",
    "find_tracker",
    "native_trackers",
]


def available_trackers() -> dict[str, type[Tracker]]:
    """Find every algorithm by its name: the `Tracker` subclasses of the modules beside this one."""
    found: dict[str, type[Tracker]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        if module_info.ispkg:
            continue
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for item in vars(module).values():
            # Python 3.10 takes an alias such as `NDArray[Any]` for a type; of ABCMeta it is not.
            if not isinstance(item, ABCMeta) or not issubclass(item, Tracker) or isabstract(item):
                continue
            if item.__module__ != module.__name__ or item.backend == "native":
                continue
            if item.name in found:
                raise TypeError(f"two trackers are called {item.name!r}; rename {item.__name__}")
            found[item.name] = item
    return dict(sorted(found.items()))


def find_tracker(name: str, backend: Backend = "numpy") -> type[Tracker]:
    """Find one algorithm.

    Args:
        name: Of the algorithm.
        backend: `numpy` is the definition; `native` does the same in C++.

    Raises:
        InputError: There is none of that name, and the nearest names are given; or none in C++.
    """
    trackers = available_trackers()
    if name not in trackers:
        near = difflib.get_close_matches(name, trackers, n=3, cutoff=0) or trackers
        raise InputError(f"no tracker is called {name!r}; there are {', '.join(near)}")
    if backend == "numpy":
        return trackers[name]
    native = native_trackers()
    if name not in native:
        raise InputError(
            f"tracker {name} is not there in C++; take the backend numpy, or tracker "
            f"{' or '.join(native)}"
        )
    return native[name]


def native_trackers() -> dict[str, type[Tracker]]:
    """Give the algorithms that are there in C++ too, by name, whether they were built or not."""
    from yolox.tracker import native

    return {
        item.name: item
        for item in vars(native).values()
        if isinstance(item, ABCMeta)
        and issubclass(item, Tracker)
        and item.backend == "native"
        and not isabstract(item)
    }
