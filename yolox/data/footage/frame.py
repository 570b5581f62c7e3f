"""The nouns: a frame, and what gives frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import NamedTuple, TypeVar

import cv2

from yolox.structures import InputError
from yolox.structures.boxes import Array

Some = TypeVar("Some", bound="Footage")


class Frame(NamedTuple):
    """One frame.

    Attributes:
        number: From 1, without gaps.
        image: `(H, W, 3)` uint8 BGR; None where it could not be had: it is damaged, or the stream
            is away.
        time: Seconds since the first frame, by the file's timestamps, or by the clock if live.
    """

    number: int
    image: Array | None
    time: float


class Footage(ABC):
    """Frames in order, from a file, a folder, a stream or a camera; iterated once.

    Attributes:
        name: For the names of output files.
        size: Width and height of every image: those of the first.
        frame_rate: Frames a second, in the mean.
        length: Frames, as far as the source says; None if it does not.
        live: Whether whoever is slow misses frames instead of falling behind.
        on_note: Told, in one line each, what was coped with.
    """

    name: str
    size: tuple[int, int]
    frame_rate: float
    length: int | None
    live: bool = False

    def __init__(self) -> None:
        self.on_note: Callable[[str], object] = _keep_quiet
        self._iterated = False
        self._scaled = False

    def __enter__(self: Some) -> Some:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        """Give the frames; what is held is freed at the end, also at one before the last frame.

        Raises:
            InputError: It has been iterated or closed before.
        """
        if self._iterated:
            raise InputError(f"{self.name}: has been read or closed already; open it anew")
        self._iterated = True
        try:
            yield from self._frames()
        finally:
            self.close()

    def format(self) -> str:
        """Say in a line what it gives."""
        length = f"{self.length} frames" if self.length else "frames without a known end"
        width, height = self.size
        return f"{self.name}: {length}, {width} × {height}, {self.frame_rate:g} a second"

    def close(self) -> None:
        """Free what is held; may be called twice."""
        self._iterated = True
        self._free()

    def interrupt(self) -> None:
        """Let whoever waits for a live frame go, as none is wanted; called in any thread."""
        return

    @abstractmethod
    def _frames(self) -> Iterator[Frame]:
        """Give the frames."""

    @abstractmethod
    def _free(self) -> None:
        """Free files, threads and devices; may be called twice."""

    def _fit(self, image: Array, number: int) -> Array:
        """Scale an image to the size of the first one."""
        height, width = image.shape[:2]
        if (width, height) == self.size:
            return image
        if not self._scaled:
            self._scaled = True
            self.on_note(
                f"{self.name}: frame {number} is {width} × {height} pixels, not "
                f"{self.size[0]} × {self.size[1]} as the first; such frames are scaled to that"
            )
        fitted: Array = cv2.resize(image, self.size, interpolation=cv2.INTER_AREA)
        return fitted


def _keep_quiet(note: str) -> None:
    pass
