"""Forgiving option names, and errors in one line."""

from __future__ import annotations

import argparse
import difflib
import io
import os
import select
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from yolox.structures import InputError

# What shells give for a program that SIGPIPE ended.
_UNREAD = 128 + 13

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
        # Words without an option may stand before, between and after options.
        known, unknown = self.parse_known_intermixed_args(args, namespace)
        if unknown:
            near = difflib.get_close_matches(unknown[0], self._option_string_actions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized argument: {unknown[0]}{hint}")
        return known

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with 2."""
        self.exit(2, f"error: {message}; see {self.prog} --help\n")


def run(main: Callable[[], None]) -> None:
    """Run a command line: bad input ends in one line on stderr and exit code 2, no traceback.

    It ends without a word where nobody reads on, as under `| head`.
    """
    try:
        main()
    except (InputError, OSError) as error:
        if isinstance(error, BrokenPipeError) and _is_unread():
            sys.exit(_UNREAD)
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except (MemoryError, RuntimeError) as error:
        # A GPU's is known by its words: many tools never load PyTorch.
        if isinstance(error, RuntimeError) and "out of memory" not in str(error):
            raise
        print("error: out of memory; ask for less at once", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; results already written are whole", file=sys.stderr)
        sys.exit(130)
    finally:
        _write_out()


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


def _is_unread() -> bool:
    """Tell whether stdout is a pipe that nobody reads any more."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, io.UnsupportedOperation):  # there is none, or it is a text in memory
        return False
    poll = select.poll()
    poll.register(number, 0)  # for errors alone
    return bool(poll.poll(0))


def _write_out() -> None:
    """Write out what was printed, if somebody reads it; a full disk ends in one line."""
    if sys.stdout is None:  # the shell closed it: `>&-`
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        # Python tries once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print(f"error: {error}", file=sys.stderr)
            sys.exit(2)


def _dashed(word: str) -> str:
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value
