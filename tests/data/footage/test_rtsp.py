import threading
import time

import pytest
from data.footage.filmed import film, number_of
from data.footage.rtsp import RtspServer, units_of

from yolox.data.footage import open_footage, stream


@pytest.fixture
def pictures(tmp_path):
    return list(units_of(film(tmp_path / "a.ts", range(100), b_frames=False)))


def test_a_camera_that_is_switched_off_and_on(pictures, monkeypatch):
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.1)
    server = RtspServer(pictures)
    back, left, frames, notes = None, 0.0, [], []
    with open_footage(server.url, timeout=5, tries=20) as footage:
        assert (footage.name, footage.size) == (f"127.0.0.1_{server.port}_gate", (96, 64))
        assert footage.frame_rate == 25
        assert footage.live
        footage.on_note = notes.append
        for frame in footage:
            frames.append(frame)
            if len(frames) == 10:
                threading.Thread(target=server.stop).start()
                left = time.monotonic()
            if frame.image is None and back is None and time.monotonic() > left + 1:
                back = RtspServer(pictures, port=server.port)
            if back is not None and frame.image is not None:
                break
    back.stop()
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    seen = [number_of(frame.image) for frame in frames[:10]]
    assert seen == sorted(seen)
    assert sum(frame.image is None for frame in frames) >= 20
    assert notes[0].endswith("connecting again")
    assert "is back after" in notes[1]
