"""A video's packets to images, with every packet accounted for."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from yolox.structures import InputError
from yolox.structures.boxes import Array

# What FFmpeg takes for video though it is text, painted letter by letter.
_NO_VIDEO = ("tty",)
# Beyond these a header is not to be believed.
_FRAME_RATES = (0.1, 1000.0)
FRAME_RATE = 30.0
# A video is cut short if it ends this many seconds before its header says; headers round.
_EARLY = 0.25
# Packets that wait for their frame: more than any decoder holds back.
_MOST_PENDING = 256
# Of the container, one after the other: then nothing more is to be had.
_MOST_FAULTS = 100
_ONE_EACH = "avi"
# Neighbours nearer than this many frames are not two frames: a hidden one, or a second field.
_ROOM = 0.6


class Picture(NamedTuple):
    """One decoded picture.

    Attributes:
        image: `(H, W, 3)` uint8 BGR, upright; None where it could not be decoded.
        time: Seconds, by the file's timestamps; None where it has none.
    """

    image: Array | None
    time: float | None


class Decoder:
    """The first video of a file or stream, decoded.

    Args:
        source: What PyAV opens: `file:` and a path, or an address.
        title: What messages call it.
        live: Decode without delay rather than with many threads.
        options: For FFmpeg.
        timeout: Seconds that opening and each reading may take, None without end.
        cure: What messages advise if it cannot be opened.

    Attributes:
        container: What PyAV opened.
        frame_rate: Frames a second, by the header.
        length: Frames by the header, None if it does not say.
        skipped: Frames before the first that can be decoded, once that has come.
        broke_off: Why reading stopped before the end; None if it did not.

    Raises:
        InputError: It cannot be opened or holds no video.
    """

    def __init__(
        self,
        source: str,
        *,
        title: str,
        live: bool = False,
        options: dict[str, str] | None = None,
        timeout: float | None = None,
        cure: str = "give a video that ffmpeg or a player opens",
    ) -> None:
        try:
            container = av.open(source, options=options or {}, timeout=timeout)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise InputError(
                f"{title}: cannot be opened as a video: {reason_of(error)}; {cure}"
            ) from None
        self.container: InputContainer = container
        # One for all frames: each frame's own would be set up anew.
        self._converter = VideoReformatter()
        self.stream = _video_of(container, title)
        self.stream.thread_type = "SLICE" if live else "AUTO"
        self.title = title
        self.skipped = 0
        self.broke_off: str | None = None
        self._packets_read = 0
        self._reached = 0.0  # seconds from the begin
        self.frame_rate = _frame_rate(self.stream)
        self.length = self.stream.frames or None

    def pictures(self) -> Generator[Picture, None, None]:
        """Decode to the end.

        Packets that bring no frame, although later ones do, give a picture without image.
        """
        if self.container.format.name == _ONE_EACH:
            yield from self._one_each()
            return
        pending: deque[int] = deque(maxlen=_MOST_PENDING)
        lost: deque[int] = deque(maxlen=_MOST_PENDING)
        last: int | None = None
        for packet in self._packets():
            if packet is not None:
                self._count(packet, pending)
            for frame in self._decode(packet):
                now = frame.pts
                if now is not None:
                    if now in lost:  # after damage some come late, when their turn is over
                        continue
                    if last is None:
                        self.skipped = sum(one < now for one in pending)
                    elif now < last:  # the timestamps begin anew
                        lost.clear()
                    else:
                        gone = self._between(pending, last, now)
                        lost.extend(gone)
                        yield from (Picture(None, self._seconds(one)) for one in gone)
                    if now in pending:
                        pending.remove(now)
                    last = now
                yield Picture(_upright(frame, self._converter), self._seconds(now))
        if last is not None:
            for one in self._between(pending, last, None):
                yield Picture(None, self._seconds(one))

    def _one_each(self) -> Generator[Picture, None, None]:
        """Decode a container that keeps a frame a packet, and no display times (AVI).

        FFmpeg guesses those, wrongly where frames are packed as Xvid does; when packets were to be
        decoded is told, and frames come in the order in which they are shown.
        """
        for packet in self._packets():
            if packet is not None:  # those left out, as nothing had changed, are counted by time
                self._packets_read = max(self._packets_read + 1, (packet.dts or 0) + 1)
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.FFmpegError:
                yield Picture(None, None)
                continue
            for frame in frames:
                yield Picture(_upright(frame, self._converter), self._seconds(frame.dts))

    def close(self) -> None:
        """Close the file or connection."""
        self.container.close()

    def ends(self) -> bool:
        """Whether it is known to end, as a file on a server does and a live stream does not."""
        return self.container.duration is not None or self.container.size > 0

    def stated_length(self) -> int | None:
        """Give the frames that the header tells of, if the file has ended before; else None."""
        if self.length:
            duration = self.container.duration
            # A trimmed video has fewer than were recorded, but lasts as long as it says.
            trimmed = (
                "mov" in self.container.format.name
                and duration is not None
                and self._reached > duration / av.time_base - _EARLY
            )
            return self.length if self._packets_read < self.length and not trimmed else None
        tag = self.stream.metadata.get("DURATION")  # of Matroska, which counts no frames
        if not tag:
            return None
        hours, minutes, seconds = map(float, tag.split(":"))
        end = 3600 * hours + 60 * minutes + seconds
        return round(end * self.frame_rate) if self._reached < end - _EARLY else None

    def _packets(self) -> Iterator[av.Packet[Any] | None]:
        """Read the packets, then None; go on where the container is damaged."""
        faults = 0
        while faults < _MOST_FAULTS:
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        faults = 0
                        yield packet
                break
            except av.InvalidDataError:
                faults += 1
            except av.FFmpegError as error:
                self.broke_off = reason_of(error)
                break
        yield None

    def _decode(self, packet: av.Packet[Any] | None) -> list[av.VideoFrame]:
        # The last packet of a file that was cut: its fault would take along what other threads
        # still hold. Without an index `is_corrupt` may mean no more than that packets were lost.
        if packet is not None and packet.is_corrupt and self.length:
            return []
        try:
            return self.stream.codec_context.decode(packet)
        except av.FFmpegError:  # `_between` will miss its frame
            return []

    def _between(self, pending: deque[int], last: int, now: int | None) -> list[int]:
        """Take the packets between two frames, or after the last, that brought none."""
        room = _ROOM / self.frame_rate / float(self.stream.time_base or 1)
        gone = []
        for pts in sorted(pending):
            if pts - last > room and (now is None or now - pts > room):
                pending.remove(pts)
                gone.append(pts)
                last = pts
        return gone

    def _count(self, packet: av.Packet[Any], pending: deque[int]) -> None:
        self._packets_read += 1
        if packet.pts is not None and not packet.is_discard:
            pending.append(packet.pts)
            self._reached = max(self._reached, self._from_start(packet.pts))

    def _from_start(self, pts: int) -> float:
        return float((pts - (self.stream.start_time or 0)) * (self.stream.time_base or 0))

    def _seconds(self, pts: int | None) -> float | None:
        base = self.stream.time_base
        return None if pts is None or base is None else float(pts * base)


def reason_of(error: Exception) -> str:
    """Say what FFmpeg complains of, without the address, which may hold a password."""
    if isinstance(error, av.ExitError):
        return "no answer in time"
    return getattr(error, "strerror", None) or type(error).__name__


def _video_of(container: InputContainer, title: str) -> VideoStream:
    videos = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic
    ]
    if not videos or container.format.name in _NO_VIDEO:
        held = "text" if container.format.name in _NO_VIDEO else "sound only"
        container.close()
        raise InputError(f"{title}: holds {held}, no video; give a video")
    return videos[0]


def _frame_rate(stream: VideoStream) -> float:
    low, high = _FRAME_RATES
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate is not None and low <= rate <= high:
            return float(rate)
    return FRAME_RATE


def _upright(frame: av.VideoFrame, converter: VideoReformatter) -> Array:
    """Give the pixels as `(H, W, 3)` uint8 BGR, turned as the camera noted (display matrix)."""
    image: Array = converter.reformat(frame, format="bgr24").to_ndarray()
    side_data: Any = frame.side_data  # PyAV's types name one key only
    if "DISPLAYMATRIX" not in side_data:
        return image
    # (x, y) of the stored image is shown at (a x + c y, b x + d y).
    (a, b, _), (c, d, _), _ = (
        np.frombuffer(side_data["DISPLAYMATRIX"], np.int32).reshape(3, 3).tolist()
    )
    if abs(b) > abs(a):
        image, (a, d) = image.transpose(1, 0, 2), (c, b)
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
