"""Network streams as footage."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from urllib.parse import urlsplit

from yolox.data.footage.decoding import Decoder, Picture
from yolox.data.footage.live import LiveFootage, Newest
from yolox.data.footage.video import VideoFootage
from yolox.structures import InputError, check_range
from yolox.structures.boxes import Array

SCHEMES = ("rtsp", "rtsps", "http", "https", "udp", "tcp")
TIMEOUT = 10.0
TRIES = 10
# Seconds before the first try to connect again, doubled before each further one.
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


class StreamFootage(LiveFootage):
    """A network stream, connected again if it breaks off.

    Args:
        url: The address.
        decoder: Of the connected stream; closed with the footage.
        frame_rate: Frames a second, instead of what the stream says.
        timeout: Seconds that the stream may keep silent.
        tries: To connect again, with growing waits; 0 for none.

    Raises:
        InputError: Not one frame comes.
    """

    def __init__(
        self,
        url: str,
        decoder: Decoder,
        *,
        frame_rate: float | None = None,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
    ) -> None:
        super().__init__()
        self.name = name_of(url)
        self.frame_rate = frame_rate or decoder.frame_rate
        self._url = url
        self._timeout = timeout
        self._tries = tries
        self._decoder = decoder
        self._pictures, self._first = _begin(decoder)
        self.size = self._first.shape[1], self._first.shape[0]

    def _watch(self, newest: Newest) -> None:
        connected = True
        while connected:
            newest.put(self._first)
            for picture in self._pictures:
                if newest.stopped:
                    return
                if picture.image is not None:
                    newest.put(picture.image)
            self._release()
            reason = self._decoder.broke_off or "the stream ended"
            newest.note(f"{self._decoder.title}: {reason}; connecting again", away=True)
            connected = self._connect_again(newest)

    def _connect_again(self, newest: Newest) -> bool:
        since, wait, title = time.monotonic(), _FIRST_WAIT, self._decoder.title
        for _ in range(self._tries):
            if newest.stopped_within(wait):
                return False
            wait = min(2 * wait, _LONGEST_WAIT)
            try:
                self._decoder = connect(self._url, timeout=self._timeout)
                self._pictures, self._first = _begin(self._decoder)
            except InputError:
                continue
            newest.note(f"{title}: is back after {time.monotonic() - since:.1f} s")
            return True
        newest.note(f"{title}: did not come back in {self._tries} tries; the footage ends here")
        return False

    def _release(self) -> None:
        self._pictures.close()
        self._decoder.close()


def url_footage(
    url: str, *, frame_rate: float | None = None, timeout: float = TIMEOUT, tries: int = TRIES
) -> VideoFootage | StreamFootage:
    """Open an address: a stream or, if it is of http and known to end, a video like a file.

    Args:
        url: `rtsp://`, `http://`, `https://`, `udp://` or `tcp://`.
        frame_rate: Frames a second, instead of what the source says.
        timeout: Seconds that it may keep silent.
        tries: To connect again if a stream breaks off, with growing waits.

    Raises:
        InputError: It cannot be opened, or not one frame comes.
    """
    check_range(0.1, 3600, timeout=timeout)
    check_range(0, 1_000_000, tries=tries)
    decoder = connect(url, timeout=timeout)
    if urlsplit(url).scheme.startswith("http") and decoder.ends():
        return VideoFootage(decoder, name=name_of(url), frame_rate=frame_rate)
    return StreamFootage(url, decoder, frame_rate=frame_rate, timeout=timeout, tries=tries)


def connect(url: str, *, timeout: float) -> Decoder:
    """Connect to a stream.

    Raises:
        InputError: It cannot be opened.
    """
    # Over TCP an RTSP camera loses no packets; one that has UDP only is asked for that.
    options = {"rtsp_flags": "prefer_tcp"} if url.startswith("rtsp") else {}
    return Decoder(
        url,
        title=title_of(url),
        live=True,
        options=options,
        timeout=timeout,
        cure="check the address, and that a player shows it",
    )


def title_of(url: str) -> str:
    """Give an address without its password and query, for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def name_of(url: str) -> str:
    """Give a name for files."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", title_of(url).partition("://")[2]).strip("_.")


def _begin(decoder: Decoder) -> tuple[Generator[Picture, None, None], Array]:
    pictures = decoder.pictures()
    first = next(pictures, None)
    if first is None or first.image is None:
        decoder.close()
        raise InputError(
            f"{decoder.title}: not one frame came: {decoder.broke_off or 'the stream ended'}; "
            "check that a player shows it"
        )
    return pictures, first.image
