"""What the command lines in `tools/` share: forgiving option names and one-line errors."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from tqdm import tqdm

from yolox.metrics.scores import Scores, doubts, format_scores
from yolox.metrics.tracking import Benchmark, Protocol, ScoredSequence, evaluate
from yolox.structures import InputError
from yolox.tracker import available_trackers

Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """An argument parser that takes `--track_thresh` for `--track-thresh` and errs in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
        )

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse with underscores in option names read as dashes."""
        given = sys.argv[1:] if args is None else args
        return super().parse_known_args([_dashed(word) for word in given], namespace)

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse everything; an unknown option is named with the nearest known one."""
        known, unknown = self.parse_known_args(args, namespace)
        if unknown:
            near = difflib.get_close_matches(unknown[0], self._option_string_actions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized argument: {unknown[0]}{hint}")
        return known

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with 2."""
        self.exit(2, f"error: {message}; see {self.prog} --help\n")


def run(main: Callable[[], None]) -> None:
    """Run a command line: bad input ends in one line on stderr and exit code 2, no traceback."""
    try:
        main()
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("error: out of memory; ask for less at once", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; results already written are whole", file=sys.stderr)
        sys.exit(130)


def show_scores(
    sequences: dict[str, ScoredSequence],
    protocols: Iterable[Protocol],
    benchmark: Benchmark | None,
) -> dict[Protocol, Scores]:
    """Score by each protocol, print the tables, and give the scores by protocol."""
    report: dict[Protocol, Scores] = {}
    for protocol in protocols:
        with tqdm(total=len(sequences), desc=protocol, leave=False, disable=None) as bar:
            report[protocol] = evaluate(sequences, protocol, benchmark, on_done=bar.update)
        print(f"\nprotocol {protocol}\n{format_scores(report[protocol])}")
        warn(doubts(report[protocol]))
    return report


def warn(message: str | None) -> None:
    """Print a note on stderr, if there is one."""
    if message:
        print(message, file=sys.stderr)


def at_least(least: int, kind: type[Number]) -> Callable[[str], Number]:
    """Make an argument type: a number that is not below `least`."""

    def parse(text: str) -> Number:
        value = kind(text)
        if not value >= least:  # also NaN
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {text}")
        return value

    parse.__name__ = kind.__name__  # argparse names it where the text is no number
    return parse


def add_tracker_options(parser: argparse.ArgumentParser) -> None:
    """Add `--tracker` and an option for every parameter that some tracker declares.

    Only the options that are given reach the namespace; `tracker_parameters` collects them.
    """
    trackers = available_trackers()
    parser.add_argument(
        "--tracker", default="byte", choices=list(trackers), help="algorithm (default: byte)"
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


def _converter(kind: type) -> dict[str, Any]:
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    return {"type": kind, "metavar": {int: "N", float: "X"}[kind]}


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return "unset" if default is None else str(default)


def _dashed(word: str) -> str:
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value
