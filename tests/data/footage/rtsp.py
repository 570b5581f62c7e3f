"""A small RTSP server (RFC 2326) that sends a recording as RTP over the same connection."""

import contextlib
import struct
import time

import av
from data.footage.serving import Server

_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=gate\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\na=framerate:25\r\n"
)
_MOST = 1200


def units_of(path):
    """Give each picture of an H.264 transport stream as its NAL units, start codes left out."""
    with av.open(str(path)) as file:
        for packet in file.demux(video=0):
            data = bytes(packet).replace(b"\0\0\0\1", b"\0\0\1")
            if data:
                yield [unit for unit in data.split(b"\0\0\1") if unit]


def payloads(unit):
    """Cut a NAL unit into payloads of RTP (RFC 6184: whole, or fragments of type 28)."""
    if len(unit) <= _MOST:
        return [unit]
    parts = [unit[at : at + _MOST] for at in range(1, len(unit), _MOST)]
    head = unit[0]
    marks = [0x80 * (not at) | 0x40 * (at == len(parts) - 1) for at in range(len(parts))]
    return [
        bytes([head & 0xE0 | 28, mark | head & 0x1F]) + part
        for mark, part in zip(marks, parts, strict=True)
    ]


class RtspServer(Server):
    """Sends pictures, lists of NAL units, at a rate, again and again."""

    def __init__(self, pictures, *, rate=50.0, port=0):
        self.pictures, self.rate = pictures, rate
        super().__init__(port)
        self.url = f"rtsp://127.0.0.1:{self.port}/gate"

    def _serve(self, peer):
        with peer, contextlib.suppress(OSError):
            peer.settimeout(5)
            asked = b""
            while not asked.startswith(b"PLAY"):
                asked = peer.recv(4096)
                if not asked:
                    return
                self._answer(peer, asked.decode())
            self._play(peer)

    def _answer(self, peer, asked):
        method = asked.partition(" ")[0]
        sequence = asked.partition("CSeq: ")[2].partition("\r\n")[0]
        entries, body = "Session: 1\r\n", ""
        if method == "OPTIONS":
            entries = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            entries, body = "Content-Type: application/sdp\r\n", _SDP
        elif method == "SETUP":
            entries += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        size = f"Content-Length: {len(body)}\r\n" if body else ""
        peer.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{entries}{size}\r\n{body}".encode())

    def _play(self, peer):
        sequence, begin, count = 0, time.monotonic(), 0
        while True:
            for units in self.pictures:
                count += 1
                cut = [part for unit in units for part in payloads(unit)]
                for index, payload in enumerate(cut):
                    mark = 0x80 * (index == len(cut) - 1) | 96
                    head = struct.pack(
                        ">BBHII", 0x80, mark, sequence & 0xFFFF, count * 3600 & 0xFFFFFFFF, 7
                    )
                    sequence += 1
                    packet = head + payload
                    peer.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                if self._gone.wait(max(0.0, begin + count / self.rate - time.monotonic())):
                    return
