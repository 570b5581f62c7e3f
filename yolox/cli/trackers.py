"""The options that choose a tracker and its parameters."""

from __future__ import annotations

import argparse
from typing import Any

from yolox.cli.command_line import warn
from yolox.tracker import Backend, available_trackers
from yolox.tracker.native import NativeByteTrack, is_built


def add_tracker_options(parser: argparse.ArgumentParser) -> None:
    """Add `--tracker` and an option for every parameter that some tracker declares.

    Only the options that are given reach the namespace; `tracker_parameters` collects them.
    """
    trackers = available_trackers()
    parser.add_argument(
        "--tracker", default="byte", choices=list(trackers), help="algorithm (default: byte)"
    )
    parser.add_argument(
        "--backend",
        choices=("native", "numpy"),
        help="native is byte in C++, numpy its definition; the result is the same "
        "(default: native where it was built)",
    )
    declared: dict[str, dict[str, Any]] = {}
    for name, tracker in trackers.items():
        for parameter, meaning in tracker.parameters().items():
            declared.setdefault(parameter, {})[name] = meaning
    group = parser.add_argument_group("tracker parameters, with each tracker's default")
    for parameter, owners in declared.items():
        first = next(iter(owners.values()))
        meanings = "; ".join(dict.fromkeys(owner.help for owner in owners.values()))
        defaults = ", ".join(f"{name} {_shown(owner.default)}" for name, owner in owners.items())
        group.add_argument(
            f"--{parameter.replace('_', '-')}",
            dest=f"tracker.{parameter}",
            default=argparse.SUPPRESS,
            help=f"{meanings} ({defaults})",
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


def tracker_parameters(args: argparse.Namespace) -> dict[str, Any]:
    """Collect the tracker parameters that were given on the command line."""
    prefix = "tracker."
    return {
        name.removeprefix(prefix): value
        for name, value in vars(args).items()
        if name.startswith(prefix)
    }


def tracker_backend(args: argparse.Namespace) -> Backend:
    """Choose the backend: what was asked for, else C++ for byte, and a note where there is none."""
    if args.backend:
        chosen: Backend = args.backend
        return chosen
    if args.tracker != NativeByteTrack.name:
        return "numpy"
    if not is_built():
        warn("note: the C++ tracker is not built here; byte runs on NumPy, with the same result")
        return "numpy"
    return "native"


def _converter(kind: type) -> dict[str, Any]:
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    return {"type": kind, "metavar": {int: "N", float: "X"}[kind]}


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return "unset" if default is None else str(default)
