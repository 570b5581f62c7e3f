import os
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from data.footage.filmed import film, number_of, picture, read

from yolox.data.footage import open_footage
from yolox.data.footage.video import Clock
from yolox.structures import InputError


def numbers(frames):
    return [None if frame.image is None else number_of(frame.image) for frame in frames]


@pytest.mark.parametrize(
    ("name", "codec", "length"),
    [
        ("a.mp4", "libx264", 50),
        ("a.mkv", "libx264", None),
        ("a.ts", "libx264", None),
        ("a.avi", "mjpeg", 50),
        ("odd: name %03d?.mp4", "libx264", 50),
        ("no suffix.mp4", "mpeg4", 50),
    ],
)
def test_every_frame_in_order(tmp_path, name, codec, length):
    path = film(tmp_path / name, range(50), codec=codec)
    with open_footage(path) as footage:
        assert (footage.name, footage.size) == (name.rpartition(".")[0], (96, 64))
        assert (footage.frame_rate, footage.length, footage.live) == (25, length, False)
        frames, notes = read(footage)
    assert numbers(frames) == list(range(50))
    assert [frame.number for frame in frames] == list(range(1, 51))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(50)])
    assert all(frame.image.flags.c_contiguous for frame in frames)
    assert not notes


def test_colours_are_right(tmp_path):
    path = tmp_path / "red.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        image = np.full((64, 64, 3), (20, 40, 220), np.uint8)
        file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        file.mux(stream.encode())
    (frame,) = open_footage(path)
    assert np.abs(frame.image.astype(int) - image).max() < 8


def test_times_follow_the_timestamps(tmp_path):
    times = [0, 4, 8, 108, 109, 200, 500]
    for name in ("a.mp4", "a.mkv"):
        frames, notes = read(open_footage(film(tmp_path / name, range(7), rate=100, times=times)))
        assert numbers(frames) == list(range(7))
        assert [frame.time for frame in frames] == pytest.approx([t / 100 for t in times], abs=1e-3)
        assert not notes


def test_a_frame_rate_that_is_given_counts(tmp_path):
    with open_footage(film(tmp_path / "a.mp4", range(5)), frame_rate=10) as footage:
        assert footage.frame_rate == 10
        assert [frame.time for frame in footage] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_timestamps_that_are_missing_or_begin_anew():
    clock = Clock(0.5)
    stamps = [7.0, 7.5, None, 8.4, 1.0, 1.6, 1.6, 2.0]
    expected = [0, 0.5, 1.0, 1.4, 1.9, 2.5, 3.0, 3.4]
    assert [clock.tell(stamp) for stamp in stamps] == pytest.approx(expected)
    late = Clock(0.5)
    assert [late.tell(stamp) for stamp in (None, None, 9.0, 9.1)] == pytest.approx([0, 0.5, 1, 1.1])


def shown(path, a, b, c, d):
    """Note in an .mp4 that what is stored at (x, y) is shown at (a x + c y, b x + d y)."""
    one, far = 1 << 16, 1 << 30
    plain = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, far)
    noted = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, far)
    data = path.read_bytes()
    begin = data.index(plain, data.index(b"tkhd"))
    path.write_bytes(data[:begin] + noted + data[begin + len(plain) :])
    return path


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((0, -1, 1, 0), np.rot90),
        ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
        ((0, 1, -1, 0), lambda image: np.rot90(image, 3)),
        ((-1, 0, 0, 1), lambda image: image[:, ::-1]),  # the mirror of a selfie camera
        ((1, 0, 0, -1), lambda image: image[::-1]),
        ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
    ],
)
def test_phones_that_are_turned_or_mirrored(tmp_path, matrix, expected):
    stored = picture(0b10110001)
    stored[:20, :30] = 0, 0, 0
    path = film(tmp_path / "a.mp4", [0b10110001] * 3, drawn=lambda number, size: stored)
    footage = open_footage(shown(path, *matrix))
    upright = expected(stored)
    assert footage.size == upright.shape[1::-1]
    for frame in footage:
        assert np.abs(frame.image.astype(int) - upright).mean() < 8
        assert frame.image.flags.c_contiguous


def overwrite(path, share, count=1500):
    data = bytearray(path.read_bytes())
    begin = int(len(data) * share)
    data[begin : begin + count] = (bytes(range(250)) * 40)[:count]
    path.write_bytes(data)
    return path


def test_damage_in_the_middle_leaves_frames_without_image(tmp_path):
    path = overwrite(film(tmp_path / "a.mp4", range(50)), 0.5)
    frames, notes = read(open_footage(path))
    found = numbers(frames)
    lost = [frame.number for frame in frames if frame.image is None]
    assert 0 < len(lost) < 15
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert (found[:20], found[-10:]) == (list(range(20)), list(range(40, 50)))
    assert [frame.number for frame in frames] == list(range(1, 51))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(50)])
    (note,) = notes
    assert note == (f"{path}: frames {lost[0]} to {lost[-1]} are damaged and left without image")


def test_one_damaged_frame(tmp_path):
    path = film(tmp_path / "a.mkv", range(20), codec="mjpeg")
    data = path.read_bytes()
    starts = [index for index in range(len(data)) if data.startswith(b"\xff\xd8\xff", index)]
    begin, end = starts[7], starts[8] - 40
    path.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    frames, notes = read(open_footage(path))
    assert numbers(frames) == [*range(7), None, *range(8, 20)]
    assert frames[8].time == pytest.approx(8 / 25)
    assert notes == [f"{path}: frame 8 is damaged and left without image"]


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi"])
@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.8])
def test_damage_anywhere_ends_nothing(tmp_path, name, share):
    codec = "mjpeg" if name == "a.avi" else "libx264"
    path = overwrite(film(tmp_path / name, range(50), codec=codec), share, 3000)
    frames, _ = read(open_footage(path))
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    times = [frame.time for frame in frames]
    assert sorted(times) == times
    assert times[-1] <= 1.97
    seen = [(frame.time, number_of(frame.image)) for frame in frames if frame.image is not None]
    assert len(seen) > 20
    # An .avi has no timestamps; in the others what is shown after the damage is in time.
    if name != "a.avi" and share < 0.7:
        assert all(abs(time * 25 - number) < 0.1 for time, number in seen[-5:])


def cut(path, share=0.6):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.mp4", {"movflags": "+faststart"}), ("a.avi", {"codec": "mjpeg"}), ("a.mkv", {})],
)
def test_a_video_that_was_cut_short_says_so(tmp_path, name, options):
    path = cut(film(tmp_path / name, range(50), **options))
    frames, notes = read(open_footage(path))
    assert 20 < len(frames) < 35
    assert numbers(frames)[:20] == list(range(20))
    assert f"{path}: ends with frame {len(frames)} of 50 that its header tells of" in notes[-1]


def test_a_transport_stream_may_end_anywhere(tmp_path):
    frames, notes = read(open_footage(cut(film(tmp_path / "a.ts", range(50)))))
    assert numbers(frames) == list(range(len(frames)))
    assert 20 < len(frames) < 35
    assert not notes


def test_a_stream_that_was_joined_late_begins_with_a_whole_picture(tmp_path):
    path = film(tmp_path / "a.ts", range(50))
    data = path.read_bytes()
    path.write_bytes(data[188 * (len(data) // 188 // 2) :])
    frames, notes = read(open_footage(path))
    found = numbers(frames)
    assert found == list(range(found[0], 50))
    assert frames[0].time == 0
    assert all("cannot be decoded; frame 1 is the first that can" in note for note in notes)


def test_a_change_of_size_is_scaled_with_one_note(tmp_path):
    small = film(tmp_path / "small.ts", range(10)).read_bytes()
    large = film(tmp_path / "large.ts", range(10, 30), size=(192, 144)).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(small + large)
    frames, notes = read(open_footage(path))
    assert numbers(frames) == list(range(30))
    assert {frame.image.shape for frame in frames} == {(64, 96, 3)}
    times = [frame.time for frame in frames]
    assert times == pytest.approx([n / 25 for n in range(30)])
    (note,) = notes
    assert "frame 11 is 192 × 144 pixels, not 96 × 64 as the first" in note


def sound(path):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), "fltp", "mono")
        frame.sample_rate = 16000
        file.mux(stream.encode(frame))
        file.mux(stream.encode())


def test_what_is_no_video(tmp_path):
    sound(tmp_path / "voice.m4a")
    (tmp_path / "list.txt").write_text("one\ntwo\n" * 400)
    (tmp_path / "list.csv").write_text("1,2\n" * 40)
    (tmp_path / "empty.mp4").write_bytes(b"")
    cut(film(tmp_path / "no index.mp4", range(9)))
    for name, message in {
        "voice.m4a": "holds sound only, no video; give a video",
        "list.txt": "holds text, no video; give a video",
        "list.csv": "cannot be opened as a video: Invalid data .*; give a video that",
        "empty.mp4": "is empty; fetch the video anew",
        "no index.mp4": "cannot be opened as a video: Invalid data",
        "nowhere.mp4": "no such file or folder; give a video, a folder of images, a stream's",
    }.items():
        with pytest.raises(InputError, match=f"{name}: {message}"):
            open_footage(tmp_path / name)


def test_not_one_frame(tmp_path):
    path = film(tmp_path / "a.mp4", range(10), movflags="+faststart")
    data = path.read_bytes()
    begin = data.index(b"mdat") + 4
    path.write_bytes(data[:begin] + bytes(len(data) - begin))
    with pytest.raises(InputError, match="not one frame can be decoded; fetch the video anew"):
        open_footage(path)


def test_whoever_stops_early_closes_the_file(tmp_path):
    path = film(tmp_path / "a.mp4", range(50))
    footage = open_footage(path)
    for frame in footage:
        if frame.number == 3:
            break
    footage.close()
    with pytest.raises(InputError, match="open it anew"):
        list(footage)


def resident():
    """Give the memory that this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_memory_does_not_grow_with_the_length(tmp_path):
    path = tmp_path / "long.ts"
    part = film(tmp_path / "part.ts", [n % 256 for n in range(1000)], size=(32, 32)).read_bytes()
    with path.open("wb") as file:
        for _ in range(100):
            file.write(part)
    held = []
    count = 0
    with open_footage(path) as footage:
        for frame in footage:
            count += 1
            if frame.number % 10_000 == 0:
                held.append(resident())
    assert count == 100_000
    assert held[-1] - held[1] < 4_000_000


def trimmed(path, begin, size):
    """Write in an .mp4's edit list that it is shown from and for so many of its time units."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 12
    data[at : at + 8] = struct.pack(">Ii", size, begin)
    header = data.index(b"mvhd") + 20
    data[header : header + 4] = struct.pack(">I", size)
    path.write_bytes(data)
    return path


def test_a_video_that_was_trimmed_is_not_called_cut_short(tmp_path):
    # Half a second in, for one second: frames 13 to 37 of 50.
    path = trimmed(film(tmp_path / "a.mp4", range(50), b_frames=False), 12800 // 2, 1000)
    frames, notes = read(open_footage(path))
    found = numbers(frames)
    assert found == list(range(found[0], found[-1] + 1))
    assert found[0] in (12, 13)
    assert found[-1] in range(36, 41)
    assert not notes


def test_an_avi_with_frames_of_two_directions_loses_none(tmp_path):
    path = film(tmp_path / "b.avi", range(40))
    with open_footage(path) as footage:
        frames, notes = read(footage)
    assert numbers(frames) == list(range(40))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(40)])
    assert not notes


# FFmpeg's guess of when Xvid's packed frames are shown is wrong; Debian's opencv-doc has a video.
PACKED = Path("/usr/share/doc/opencv-doc/examples/data/Megamind.avi")


@pytest.mark.skipif(not PACKED.exists(), reason=f"no {PACKED}; install Debian's opencv-doc")
def test_packed_frames_are_all_there():
    with open_footage(PACKED) as footage:
        frames, notes = read(footage)
    assert [frame.image is not None for frame in frames] == [True] * 270
    assert not notes
