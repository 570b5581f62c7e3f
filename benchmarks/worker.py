"""A process that is asked and answers, a line of JSON each, and the side that answers.

Nothing of ours is imported here: a worker may be another package that is called `yolox` too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Worker:
    """A process that runs `serve`.

    Args:
        name: Of what it does, for errors.
        script: Beside this file.
        words: Its command line.
        environment: Variables to set besides those of this process.

    Attributes:
        about: What it said of itself when it was ready.

    Raises:
        ChildProcessError: It ended instead of answering, or could not import what it needs.
    """

    def __init__(
        self,
        name: str,
        script: str,
        words: Sequence[object],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), script)
        self._process = subprocess.Popen(
            [sys.executable, path, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.about = self._answer()

    def ask(self, question: object) -> dict[str, Any]:
        """Have something done, and give what came of it."""
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"{self.name} ended before it had answered; its error is above")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildProcessError(f"{self.name}: {answer['error']}")
        return answer


class Ready(NamedTuple):
    """A side that has loaded what it needs.

    Attributes:
        about: What it says of itself.
        answer: Does what it is asked.
    """

    about: dict[str, Any]
    answer: Callable[[Any], dict[str, Any]]


def serve(load: Callable[[], Ready]) -> None:
    """Load one side, then answer until nothing more is asked."""
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a package prints is no answer

    def say(what: dict[str, Any]) -> None:
        print(json.dumps(what), file=answers, flush=True)

    try:
        side = load()
    except ImportError as error:
        say({"error": str(error)})
        return
    say(side.about)
    for line in sys.stdin:
        say(side.answer(json.loads(line)))
