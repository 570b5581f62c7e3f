"""The one exception that means: the input is wrong, and the caller can mend it."""


class InputError(ValueError):
    """Bad input from outside: a file, an array or an option.

    The message names the place (file and line, row or argument), the value and the cure. Command
    lines print it as one line and exit with 2.
    """
