"""A conversion under way: what is wrong, what becomes of that, and how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from yolox.structures import InputError

OnError = Literal["raise", "skip"]
Result = TypeVar("Result")
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def show_nothing(items: Iterable[Any], description: str) -> Iterable[Any]:
    """Pass items on without showing how far they are."""
    return items


class SkippableError(InputError):
    """Something wrong in the input that a conversion can leave out."""


class Conversion:
    """A conversion under way: what it leaves out and why, and how far it is.

    Attributes:
        by_rule: What is left out, as the data set's own evaluation does, by reason.
        faults: How much was wrong, by kind.
        examples: The first message of each kind.
        mended: The kinds that were put right; what is of another kind is left out.
        notes: What is worth knowing though nothing is wrong, and how often.
        progress: Passes items on as they are worked on, and shows that under a description.
    """

    def __init__(self, on_error: OnError = "raise", progress: Progress = show_nothing):
        self._on_error = on_error
        self.by_rule: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.mended: set[str] = set()
        self.notes: Counter[str] = Counter()
        self.progress = progress

    def fault(self, kind: str, message: str) -> None:
        """Report wrong input, which is then left out.

        Raises:
            SkippableError: Unless faults are to be skipped.
        """
        if self._on_error == "raise":
            raise SkippableError(f"{message}; or leave out what is wrong: --on-error skip")
        self._count(kind, message)

    def mend(self, kind: str, message: str) -> None:
        """Report wrong input, in the place of which the caller knows what is right.

        Raises:
            SkippableError: Unless faults are to be skipped.
        """
        if self._on_error == "raise":
            raise SkippableError(f"{message}; or have it mended: --on-error skip")
        self._count(kind, message)
        self.mended.add(kind)

    def attempt(self, read: Callable[[], Result]) -> Result | None:
        """Give what `read` gives, or None, a fault, if its input is wrong as a whole."""
        try:
            return read()
        except SkippableError:
            raise
        except InputError as error:
            self.fault("file or sequence as a whole", str(error))
            return None

    def _count(self, kind: str, message: str) -> None:
        self.faults[kind] += 1
        self.examples.setdefault(kind, message)
