"""The exception for input that is wrong and can be mended, and a check that raises it."""

from numbers import Real
from typing import Any


class InputError(ValueError):
    """Bad input from outside: a file, an array or an option.

    The message names the place (file and line, row or argument), the value and the cure. Command
    lines print it as one line and exit with 2.
    """


def check_range(low: float, high: float, **values: Any) -> None:
    """Check that every named parameter lies in `[low, high]`.

    Raises:
        InputError: One does not; it is named with its value.
    """
    for name, value in values.items():
        is_number = isinstance(value, Real)
        if not is_number or not low <= value <= high:
            raise InputError(f"{name} is {value!r}; give a number from {low:g} to {high:g}")
