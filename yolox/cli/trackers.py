"""The options that choose a tracker and its parameters."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

from yolox.cli.command_line import warn
from yolox.formats.tracker_parameters import read_parameters
from yolox.structures import InputError
from yolox.tracker import Backend, Tracker, available_trackers, find_tracker, native_trackers
from yolox.tracker.native import is_built

DEFAULT = "byte"


def add_tracker_options(parser: argparse.ArgumentParser) -> None:
    """Add `--tracker` and an option for every parameter that some tracker declares.

    Only the options that are given reach the namespace; `tracker_choice` collects them.
    """
    trackers = available_trackers()
    parser.add_argument("--tracker", choices=list(trackers), help=f"algorithm (default: {DEFAULT})")
    parser.add_argument(
        "--params",
        type=Path,
        metavar="FILE.json",
        help="tracker and parameters, as tools/tune.py writes them",
    )
    parser.add_argument(
        "--backend",
        choices=("native", "numpy"),
        help=f"native is C++, for {' and '.join(native_trackers())}; numpy is the definition, with "
        "the same result (default: native where it was built)",
    )
    declared: dict[str, dict[str, Any]] = {}
    for name, tracker in trackers.items():
        for parameter, meaning in tracker.parameters().items():
            declared.setdefault(parameter, {})[name] = meaning
    group = parser.add_argument_group("tracker parameters, with each tracker's default")
    for parameter, owners in declared.items():
        first = next(iter(owners.values()))
        group.add_argument(
            f"--{parameter.replace('_', '-')}",
            dest=f"tracker.{parameter}",
            default=argparse.SUPPRESS,
            help=_help(owners),
            **_converter(first.kind),
        )
    group.add_argument(
        "--mot20",
        dest="tracker.fuse_score",
        action="store_const",
        const=False,
        default=argparse.SUPPRESS,
        help="ByteTrack's name for --no-fuse-score",
    )


class TrackerChoice(NamedTuple):
    """The tracker that a command line asks for."""

    name: str
    backend: Backend
    parameters: dict[str, Any]

    @property
    def algorithm(self) -> type[Tracker]:
        """Its class."""
        return find_tracker(self.name, self.backend)


def tracker_choice(args: argparse.Namespace) -> TrackerChoice:
    """Put together what the options say of the tracker; where they name none it is BYTE.

    Parameters of `--params` yield to those given one by one. Without `--backend` it is C++ where
    the tracker is there in C++, and where C++ was not built a note says so.

    Raises:
        InputError: The file of `--params` is malformed or of another tracker.
    """
    prefix = "tracker."
    given = {
        name.removeprefix(prefix): value
        for name, value in vars(args).items()
        if name.startswith(prefix)
    }
    name = args.tracker
    if args.params:
        stored = read_parameters(args.params)
        if name not in (None, stored.tracker):
            raise InputError(
                f"{args.params}: has parameters of tracker {stored.tracker}, not {name}; leave "
                "--tracker out"
            )
        name, given = stored.tracker, stored.parameters | given
    name = name or DEFAULT
    return TrackerChoice(name, args.backend or _default_backend(name), given)


def _default_backend(name: str) -> Backend:
    if name not in native_trackers():
        return "numpy"
    if not is_built():
        warn(
            f"note: the C++ trackers are not built here; {name} runs on NumPy, with the same result"
        )
        return "numpy"
    return "native"


def _help(owners: dict[str, Any]) -> str:
    """Say each meaning that a parameter has, with the trackers where it has it."""
    defaults: dict[str, list[str]] = {}
    for name, owner in owners.items():
        defaults.setdefault(owner.help, []).append(f"{name} {_shown(owner.default)}")
    return "; ".join(f"{meaning} ({', '.join(them)})" for meaning, them in defaults.items())


def _converter(kind: type) -> dict[str, Any]:
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    return {"type": kind, "metavar": {int: "N", float: "X"}[kind]}


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return "unset" if default is None else str(default)
