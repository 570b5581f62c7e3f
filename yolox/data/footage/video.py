"""Videos as footage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yolox.data.footage.decoding import Decoder
from yolox.data.footage.frame import Footage, Frame
from yolox.structures import InputError


class VideoFootage(Footage):
    """A video's frames in the order they are shown, none dropped.

    Args:
        decoder: Of the video; closed with the footage.
        name: For output files.
        frame_rate: Frames a second, instead of what the file says; the times follow it.

    Raises:
        InputError: Not one frame can be decoded.
    """

    def __init__(self, decoder: Decoder, *, name: str, frame_rate: float | None = None) -> None:
        super().__init__()
        self.name = name
        self.frame_rate = frame_rate or decoder.frame_rate
        self.length = decoder.length
        self._decoder = decoder
        self._by_rate = frame_rate is not None
        self._pictures = decoder.pictures()
        self._first = next(self._pictures, None)
        if self._first is None or self._first.image is None:
            self._free()
            raise InputError(
                f"{decoder.title}: not one frame can be decoded; fetch the video anew, or convert "
                "it with ffmpeg"
            )
        self.size = self._first.image.shape[1], self._first.image.shape[0]

    def _frames(self) -> Iterator[Frame]:
        clock = Clock(1 / self.frame_rate)
        number, picture = 0, self._first
        lost: list[int] = []  # the first and last of the run that is under way
        while picture is not None:
            number += 1
            time = clock.tell(None if self._by_rate else picture.time)
            if picture.image is None:
                lost = [*lost[:1], number]
                yield Frame(number, None, time)
            else:
                lost = self._note_lost(lost)
                yield Frame(number, self._fit(picture.image, number), time)
            picture = next(self._pictures, None)
        self._note_lost(lost)
        self._note_end(number)

    def _note_lost(self, lost: list[int]) -> list[int]:
        """Name a run of frames that have no image, and begin the next."""
        if lost:
            named = (
                f"frame {lost[0]} is" if len(lost) == 1 else f"frames {lost[0]} to {lost[1]} are"
            )
            self.on_note(f"{self._decoder.title}: {named} damaged and left without image")
        return []

    def _note_end(self, number: int) -> None:
        decoder = self._decoder
        if decoder.skipped:
            self.on_note(
                f"{decoder.title}: begins with {decoder.skipped} frames that cannot be decoded; "
                "frame 1 is the first that can"
            )
        if decoder.broke_off:
            self.on_note(f"{decoder.title}: breaks off after frame {number}: {decoder.broke_off}")
        stated = decoder.stated_length()
        if stated:
            self.on_note(
                f"{decoder.title}: ends with frame {number} of {stated} that its header tells of; "
                "was it cut short?"
            )

    def _free(self) -> None:
        self._pictures.close()
        self._decoder.close()


def video_footage(path: Path, *, frame_rate: float | None = None) -> VideoFootage:
    """Open a video file.

    Args:
        path: The file, or a pipe.
        frame_rate: Frames a second, instead of what the file says; the times follow it.

    Raises:
        InputError: It is no video, or not one frame of it can be decoded.
    """
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{path}: is empty; fetch the video anew")
    # Without the prefix a colon in a name would make it an address.
    decoder = Decoder(f"file:{path}", title=str(path))
    return VideoFootage(decoder, name=path.stem, frame_rate=frame_rate)


class Clock:
    """Timestamps as they come to seconds since the first frame, which never go back.

    Where there is no timestamp, or they begin anew as where two recordings were joined, a frame
    lasts as long as frames do in the mean.

    Args:
        step: That, in seconds.
    """

    def __init__(self, step: float) -> None:
        self._step = step
        self._now = -step
        self._begin: float | None = None

    def tell(self, stamp: float | None) -> float:
        """Give the time of the next frame, whose timestamp is `stamp` seconds."""
        expected = self._now + self._step
        if stamp is None:
            self._now = expected
            return expected
        if self._begin is None or stamp - self._begin <= self._now:
            self._begin = stamp - expected
        self._now = stamp - self._begin
        return self._now
