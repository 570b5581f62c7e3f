"""What cannot wait: a thread keeps the newest image, and whoever asks late misses the others."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

from yolox.data.footage.frame import Footage, Frame
from yolox.structures.boxes import Array

# Without an image, while the source is away; trackers have let go of all tracks long before.
MOST_FILLED = 300
# A thread that hangs in a connection is left behind; it ends by itself when the time is out.
_SECONDS_TO_END = 2.0


class Seen(NamedTuple):
    """What there is to tell.

    Attributes:
        image: The newest, None if there is none since the last time.
        time: When it came, by `time.monotonic`.
        notes: What was coped with.
        away: No image is to be expected now.
        ended: Nor ever, or none is wanted.
    """

    image: Array | None
    time: float
    notes: list[str]
    away: bool
    ended: bool


class Newest:
    """The newest image, handed from the thread that gets it to the one that wants it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._image: Array | None = None
        self._time = 0.0
        self._notes: list[str] = []
        self._away = self._ended = self._stopped = False
        self._error: Exception | None = None
        self.came = 0
        self.missed = 0

    @property
    def stopped(self) -> bool:
        """Whether nobody wants images any more."""
        return self._stopped

    def put(self, image: Array) -> None:
        """Hand over an image in place of one that nobody took."""
        with self._changed:
            self.came += 1
            self.missed += self._image is not None
            self._image, self._time, self._away = image, time.monotonic(), False
            self._changed.notify_all()

    def note(self, text: str, *, away: bool = False) -> None:
        """Tell of something, maybe that the source has gone away; `put` says that it is back."""
        with self._changed:
            self._notes.append(text)
            self._away = self._away or away
            self._changed.notify_all()

    def end(self, error: Exception | None = None) -> None:
        """Say that nothing more will come."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def stop(self) -> None:
        """Say that nothing more is wanted."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def stopped_within(self, seconds: float) -> bool:
        """Wait, but not if nothing more is wanted."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopped, seconds)

    def take(self, until: float | None) -> Seen:
        """Wait for something new, at most to a time by `time.monotonic`.

        Raises:
            Exception: What the other thread failed with, once all images are taken.
        """
        with self._changed:
            seconds = None if until is None else max(0.0, until - time.monotonic())
            self._changed.wait_for(
                lambda: self._image is not None or self._notes or self._ended or self._stopped,
                seconds,
            )
            seen = Seen(
                self._image,
                self._time,
                self._notes,
                self._away,
                self._stopped or (self._ended and self._image is None),
            )
            self._image, self._notes = None, []
            if seen.ended and self._error is not None and not self._stopped:
                raise self._error
            return seen


class LiveFootage(Footage):
    """A source that goes on whether somebody looks or not."""

    length = None
    live = True

    def __init__(self) -> None:
        super().__init__()
        self._newest = Newest()
        self._thread: threading.Thread | None = None

    def _frames(self) -> Iterator[Frame]:
        self._thread = threading.Thread(target=self._run, name=f"live {self.name}", daemon=True)
        self._thread.start()
        number = filled = 0
        begin = last = time.monotonic()
        away = False
        try:
            while True:
                fill = away and filled < MOST_FILLED
                due = last + (filled + 1) / self.frame_rate
                seen = self._newest.take(due if fill else None)
                away = seen.away
                for note in seen.notes:
                    self.on_note(note)
                if seen.image is not None:
                    if not number:
                        begin = seen.time
                    number, filled, last = number + 1, 0, seen.time
                    yield Frame(number, self._fit(seen.image, number), last - begin)
                elif seen.ended:
                    return
                elif fill and time.monotonic() >= due:
                    number, filled = number + 1, filled + 1
                    yield Frame(number, None, due - begin)
        finally:
            if self._newest.missed:
                self.on_note(
                    f"{self.name}: {self._newest.missed} of {self._newest.came} frames were "
                    "missed, as they came faster than they were taken"
                )

    def interrupt(self) -> None:
        """See `Footage.interrupt`."""
        self._newest.stop()

    def _run(self) -> None:
        try:
            self._watch(self._newest)
        except Exception as error:  # raised anew where the frames are taken
            self._newest.end(error)
        else:
            self._newest.end()
        finally:
            self._release()

    def _free(self) -> None:
        self._newest.stop()
        if self._thread is None:
            self._release()
        else:
            self._thread.join(_SECONDS_TO_END)

    @abstractmethod
    def _watch(self, newest: Newest) -> None:
        """Hand over images until no more come or are wanted; runs in a thread."""

    @abstractmethod
    def _release(self) -> None:
        """Close the source; called in the thread that watches it; may be called twice."""
