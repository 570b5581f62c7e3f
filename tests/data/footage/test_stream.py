import itertools
import threading
import time

import pytest
from data.footage.filmed import film, number_of, read
from data.footage.serving import StreamServer

from yolox.data.footage import open_footage, stream
from yolox.data.footage.stream import name_of, title_of
from yolox.structures import InputError


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return film(tmp_path_factory.mktemp("film") / "a.ts", range(100)).read_bytes()


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.1)
    monkeypatch.setattr(stream, "_LONGEST_WAIT", 0.4)


def still_running():
    return [one for one in threading.enumerate() if one.name.startswith("live")]


def check_order(frames):
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert times[0] == 0


def test_a_stream_ends_when_it_does_not_come_back(recording):
    with StreamServer(recording) as server:
        footage = open_footage(server.url, tries=0)
        assert (footage.name, footage.size) == (f"127.0.0.1_{server.port}_gate.ts", (96, 64))
        assert (footage.frame_rate, footage.length, footage.live) == (25, None, True)
        frames, notes = read(footage)
    assert len(frames) > 20
    check_order(frames)
    assert number_of(frames[-1].image) == 99
    assert notes[0].startswith(f"{server.url}: ")
    assert notes[0].endswith("; connecting again")
    assert notes[1] == f"{server.url}: did not come back in 0 tries; the footage ends here"
    assert not still_running()


def test_a_stream_that_goes_away_and_comes_back(recording):
    server = StreamServer(recording, seconds=2.0)
    footage = open_footage(server.url, timeout=5, tries=20)
    notes, frames = [], []
    footage.on_note = notes.append
    for frame in footage:
        frames.append(frame)
        if len(frames) == 10:
            threading.Thread(target=server.stop).start()
            left = time.monotonic()
        if frame.image is None and server is not None and time.monotonic() > left + 1.2:
            back = StreamServer(recording, seconds=2.0, port=server.port)
            server = None
        if server is None and frame.image is not None:
            break
    footage.close()
    back.stop()
    check_order(frames)
    away = [frame.number for frame in frames if frame.image is None]
    assert away == list(range(away[0], away[-1] + 1))
    assert away[-1] == len(frames) - 1
    # The time away was 1.2 s and what connecting took, at 25 frames a second.
    gap = frames[-1].time - frames[away[0] - 2].time
    assert 1.2 < gap < 6
    assert abs(len(away) - gap * 25) <= 2
    assert notes[0].endswith("connecting again")
    assert "is back after" in notes[1]
    assert not still_running()


def test_at_most_so_many_frames_are_filled_in(recording, monkeypatch):
    monkeypatch.setattr("yolox.data.footage.live.MOST_FILLED", 7)
    with StreamServer(recording, seconds=0.3) as server:
        footage = open_footage(server.url, tries=4)
        server.stop()
        frames, notes = read(footage)
    assert [frame.image is None for frame in frames[-8:]] == [False] + [True] * 7
    # A busy machine may miss a frame as well, and says so.
    assert any("did not come back in 4 tries" in note for note in notes)


def test_a_stream_that_falls_silent_is_connected_again(recording):
    with StreamServer(recording, seconds=1.0) as server:
        footage = open_footage(server.url, timeout=1, tries=5)
        notes = []
        footage.on_note = notes.append
        for frame in footage:
            if frame.number == 5:
                server.silent.set()
            if frame.image is None:
                server.silent.clear()
            elif server.connections == 2:
                break
        footage.close()
    assert notes[0] == f"{server.url}: no answer in time; connecting again"
    assert "is back after" in notes[1]


def test_whoever_is_slow_gets_fresh_frames_and_hears_what_was_missed(recording):
    with StreamServer(recording, seconds=2.0) as server:
        footage = open_footage(server.url, tries=0)
        notes, shown = [], []
        footage.on_note = notes.append
        begin = time.monotonic()
        for frame in footage:
            if frame.image is not None:
                shown.append((time.monotonic() - begin, number_of(frame.image)))
            time.sleep(0.25)
    assert len(shown) < 14
    # A hundred frames in two seconds: what is shown in the middle is what was just sent.
    numbers = [number for _, number in shown]
    assert numbers == sorted(numbers)
    steps = [after - before for before, after in itertools.pairwise(numbers[1:-1])]
    assert all(4 <= step <= 30 for step in steps)
    missed = [note for note in notes if "were missed" in note]
    assert missed == notes[-1:]
    assert "of 100 frames were missed, as they came faster" in missed[0]


def test_whoever_stops_early_leaves_no_thread_and_no_connection(recording):
    with StreamServer(recording, seconds=3) as server:

        def fail():
            with open_footage(server.url) as footage:
                for frame in footage:
                    if frame.number == 3:
                        raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert not still_running()
        open_footage(server.url).close()  # was never read


def test_a_video_on_a_server_is_read_as_a_file_is(recording):
    with StreamServer(
        recording, seconds=0, header=f"Content-Length: {len(recording)}\r\n"
    ) as server:
        footage = open_footage(server.url)
        assert not footage.live
        time.sleep(0.1)
        frames, notes = read(footage)
    assert [number_of(frame.image) for frame in frames] == list(range(100))
    assert not notes


def test_passwords_stay_out_of_messages_and_names(recording):
    url = "rtsp://admin:secret@10.0.0.5:554/live/main?token=abc"
    assert title_of(url) == "rtsp://10.0.0.5:554/live/main"
    assert name_of(url) == "10.0.0.5_554_live_main"
    with StreamServer(recording, seconds=0.2) as server:
        address = server.url.replace("//", "//admin:secret@")
        _, notes = read(open_footage(address, tries=0))
    with pytest.raises(InputError, match="Connection refused; check the address") as caught:
        open_footage(address)
    assert "secret" not in str(caught.value) + "".join(notes)


def test_streams_that_are_none(tmp_path):
    for scheme in ("http", "tcp", "rtsp"):
        with pytest.raises(InputError, match=rf"{scheme}://127\.0\.0\.1:1/a: cannot be opened"):
            open_footage(f"{scheme}://127.0.0.1:1/a", timeout=5)
    with pytest.raises(InputError, match="no answer in time; check the address"):
        open_footage("udp://127.0.0.1:9", timeout=0.3)
    with (
        StreamServer(b"<html>no camera</html>" * 50, seconds=0) as server,
        pytest.raises(InputError, match=r"gate\.ts: cannot be opened as a video"),
    ):
        open_footage(server.url)
    for name, value in {"timeout": 0, "tries": -1}.items():
        with pytest.raises(InputError, match=f"{name} is {value}; give a number from"):
            open_footage("udp://127.0.0.1:9", **{name: value})
    with pytest.raises(InputError, match=r"gopher://a: no such file or folder; give .*\(rtsp, "):
        open_footage("gopher://a")
