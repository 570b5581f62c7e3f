import json
import os
import signal
import threading
import time
import tracemalloc
from collections import deque
from contextlib import contextmanager
from functools import partial
from itertools import cycle

import av
import cv2
import numpy as np
import pytest
from engine.made_up import HEIGHT, WIDTH, MadeUpDetector, MadeUpFootage, picture

from yolox.data.footage.live import LiveFootage
from yolox.engine.inference import StageTimes
from yolox.engine.video_tracking import Outputs, Stop, Summary, make_tracker, track_footages
from yolox.formats.mot import open_tracks, read_tracks
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import Detections, InputError, Tracks, TrackTable
from yolox.tracker.byte_tracker import ByteTrack
from yolox.visualize.video import count_frames

byte = partial(make_tracker, "byte", {})
# The left side of somebody who walks to the right.
WALK = list(range(1, 20))


def walk(name="walk", *, frames=WALK, **options):
    return MadeUpFootage([None if v is None else picture(v) for v in frames], name=name, **options)


def frames_of(path):
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_rows_are_those_of_a_plain_loop(tmp_path):
    tracker = ByteTrack(frame_rate=10.0)
    expected = drop_odd_boxes(
        TrackTable.from_frames(
            tracker.update(Detections([[left, 0, left + 10, 20]], [0.9])) for left in WALK
        ),
        min_box_area=10,
    )
    times, seen = StageTimes(), []
    (summary,), stopped = track_footages(
        MadeUpDetector(streams=2),
        [walk()],
        byte,
        Outputs(tmp_path),
        times=times,
        on_frame=lambda: seen.append(1),
    )
    assert not stopped
    assert files_in(tmp_path) == ["walk.jsonl", "walk.txt"]
    table = read_tracks(tmp_path / "walk.txt")
    assert table.frames.tolist() == expected.frames.tolist()
    assert table.ids.tolist() == expected.ids.tolist()
    assert abs(table.boxes - expected.boxes).max() < 0.011
    assert (summary.name, summary.frames, summary.boxes) == ("walk", 19, len(expected))
    assert (summary.ids, summary.left_out) == (1, 0)
    assert len(seen) == times.frames == 19
    assert {"read", "network", "track", "write"} <= set(times.seconds)
    lines = [json.loads(line) for line in (tmp_path / "walk.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(1, 20))
    assert [line["time"] for line in lines] == [round(k / 10, 4) for k in range(19)]
    assert sum(len(line["tracks"]) for line in lines) == len(table)
    assert lines[3]["tracks"][0]["class"] == "person"


@pytest.mark.parametrize("pictures", ["none", "video", "frames"])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_two_videos_at_once_are_each_as_alone(tmp_path, pictures, batch_size):
    def run(folder, footages):
        outputs = Outputs(tmp_path / folder, pictures=pictures, trail=5, name_classes=True)
        track_footages(MadeUpDetector(), footages, byte, outputs, batch_size=batch_size)

    run("both", [walk("a"), walk("b", frames=WALK[::-1][:7])])
    run("alone", [walk("a")])
    run("alone", [walk("b", frames=WALK[::-1][:7])])
    names = files_in(tmp_path / "both")
    assert names == files_in(tmp_path / "alone")
    for path in (tmp_path / "both").rglob("*.*"):
        if path.is_file() and path.suffix != ".mp4":
            other = tmp_path / "alone" / path.relative_to(tmp_path / "both")
            assert path.read_bytes() == other.read_bytes()
    if pictures == "video":
        assert frames_of(tmp_path / "both/a.mp4") == 19
        assert frames_of(tmp_path / "both/b.mp4") == 7
    if pictures == "frames":
        assert [n for n in names if n.endswith(".jpg")].count("000007.jpg") == 2
        shown = cv2.imread(str(tmp_path / "both/a/000019.jpg"))
        assert shown.shape == (HEIGHT, WIDTH, 3)


def test_a_frame_without_image_is_a_frame(tmp_path):
    frames = [*WALK[:8], None, *WALK[9:]]
    outputs = Outputs(tmp_path, pictures="video")
    (summary,), _ = track_footages(MadeUpDetector(), [walk(frames=frames)], byte, outputs)
    assert summary.frames == 19
    assert frames_of(tmp_path / "walk.mp4") == 19
    lines = [json.loads(line) for line in (tmp_path / "walk.jsonl").read_text().splitlines()]
    assert [len(line["tracks"]) for line in lines[6:11]] == [1, 1, 0, 1, 1]
    assert summary.ids == 1


def test_boxes_that_are_left_out_are_counted(tmp_path):
    outputs = Outputs(tmp_path, min_box_area=300.0)
    (summary,), _ = track_footages(MadeUpDetector(), [walk()], byte, outputs)
    assert (summary.boxes, summary.left_out) == (0, 19)
    assert (tmp_path / "walk.txt").read_text() == ""
    outputs = Outputs(tmp_path, max_aspect_ratio=0.4)
    (summary,), _ = track_footages(MadeUpDetector(), [walk()], byte, outputs)
    assert (summary.boxes, summary.left_out) == (0, 19)


def test_the_tracker_knows_the_frame_rate_unless_told():
    # Of a second, 30 frames at 30 a second.
    assert byte(walk()).longest_loss == 10
    assert make_tracker("byte", {"frame_rate": 25.0}, walk()).longest_loss == 25
    assert make_tracker("sort", {}, walk())
    with pytest.raises(InputError, match="no tracker is called 'bite'"):
        make_tracker("bite", {}, walk())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("pictures", ["video", "frames"])
def test_a_signal_ends_it_with_whole_files(tmp_path, number, pictures):
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    before = threading.active_count()

    def stream():
        for value in cycle(WALK):
            yield picture(value)

    def on_frame():
        seen.append(1)
        if len(seen) == 20:
            os.kill(os.getpid(), number)

    seen = []
    footages = [MadeUpFootage(stream(), name=name) for name in "ab"]
    summaries, stopped = track_footages(
        MadeUpDetector(streams=2), footages, byte, Outputs(tmp_path, pictures), on_frame=on_frame
    )
    assert stopped
    assert sum(summary.frames for summary in summaries) == len(seen) == 20
    for name in "ab":
        lines = (tmp_path / f"{name}.jsonl").read_text().splitlines()
        assert len(lines) == 10
        assert read_tracks(tmp_path / f"{name}.txt").last_frame <= 10
        if pictures == "video":
            assert frames_of(tmp_path / f"{name}.mp4") == 10
        else:
            assert len(list((tmp_path / name).iterdir())) == 10
    assert not list(tmp_path.glob(".*"))
    assert threading.active_count() == before
    assert {n: signal.getsignal(n) for n in handlers} == handlers
    assert all(footage.freed for footage in footages)


def test_a_signal_ends_the_wait_for_a_frame(tmp_path):
    released = threading.Event()

    def stream():
        yield from [picture(1), picture(2)]
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        threading.Timer(1.0, released.set).start()
        released.wait(20)
        yield picture(3)

    footage = MadeUpFootage(stream(), name="slow", live=True)
    (summary,), stopped = track_footages(MadeUpDetector(), [footage], byte, Outputs(tmp_path))
    assert stopped
    assert summary.frames == 2
    assert len((tmp_path / "slow.jsonl").read_text().splitlines()) == 2


class FallsSilent(LiveFootage):
    """Gives one image, and then none for long unless it is closed."""

    name, size, frame_rate = "silent", (WIDTH, HEIGHT), 10.0

    def _watch(self, newest):
        newest.put(picture(1))
        newest.stopped_within(20)

    def _release(self):
        pass


def test_a_signal_ends_the_wait_for_a_stream_that_is_away(tmp_path):
    def on_frame():
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    begin = time.monotonic()
    (summary,), stopped = track_footages(
        MadeUpDetector(), [FallsSilent()], byte, Outputs(tmp_path), on_frame=on_frame
    )
    assert time.monotonic() - begin < 10
    assert stopped
    assert summary.frames == 1
    assert files_in(tmp_path) == ["silent.jsonl", "silent.txt"]
    assert not [one for one in threading.enumerate() if one.name.startswith("live")]


@pytest.mark.parametrize("pictures", ["none", "video", "frames"])
def test_a_signal_before_the_first_frame(tmp_path, monkeypatch, pictures):
    @contextmanager
    def open_tracks_late(path):
        with open_tracks(path) as add:
            os.kill(os.getpid(), signal.SIGINT)
            yield add

    monkeypatch.setattr("yolox.engine.video_tracking.open_tracks", open_tracks_late)
    footage = walk()
    (summary,), stopped = track_footages(
        MadeUpDetector(), [footage], byte, Outputs(tmp_path, pictures)
    )
    assert stopped
    assert summary.frames == 0
    assert footage.freed
    assert (tmp_path / "walk.txt").read_text() == ""
    if pictures == "video":
        assert count_frames(tmp_path / "walk.mp4") == 0


@pytest.mark.parametrize("pictures", ["none", "video", "frames"])
def test_an_error_leaves_nothing_half(tmp_path, pictures):
    (tmp_path / "walk.txt").write_text("of an earlier run")
    images = [*map(picture, WALK), InputError("frame 20 is gone")]
    footage = MadeUpFootage(images, name="walk")
    with pytest.raises(InputError, match="frame 20 is gone"):
        track_footages(MadeUpDetector(), [footage], byte, Outputs(tmp_path, pictures))
    assert files_in(tmp_path) == ["walk.txt"]
    assert (tmp_path / "walk.txt").read_text() == "of an earlier run"
    assert list(tmp_path.iterdir()) == [tmp_path / "walk.txt"]


def test_what_does_not_go(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="two videos are called walk; track them one after"):
        track_footages(MadeUpDetector(), [walk(), walk()], byte, Outputs(tmp_path))
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(InputError, match="there is no screen to show the video on; leave --show"):
        track_footages(MadeUpDetector(), [walk()], byte, Outputs(tmp_path, show=True))
    assert not list(tmp_path.iterdir())
    (tmp_path / "walk").mkdir()
    track_footages(MadeUpDetector(), [walk()], byte, Outputs(tmp_path, "frames"))
    with pytest.raises(InputError, match="walk: is there already; remove it, or give another --o"):
        track_footages(MadeUpDetector(), [walk()], byte, Outputs(tmp_path, "frames"))
    assert len(list((tmp_path / "walk").iterdir())) == 19


def test_the_window_shows_every_frame_and_q_ends_it(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("yolox.engine.video_tracking._check_screen", lambda: None)
    monkeypatch.setattr(cv2, "imshow", lambda title, image: shown.append((title, image.shape)))
    monkeypatch.setattr(cv2, "waitKey", lambda _: ord("q") if len(shown) == 5 else -1)
    (summary,), stopped = track_footages(
        MadeUpDetector(), [walk()], byte, Outputs(tmp_path, show=True)
    )
    assert stopped
    assert summary.frames == 5
    assert shown == [("walk", (HEIGHT, WIDTH, 3))] * 5


def test_the_third_signal_breaks_off_what_hangs():
    stop = Stop()
    stop.on_signal()
    stop.on_signal()
    assert stop.wanted
    with pytest.raises(KeyboardInterrupt):
        stop.on_signal()


def test_ids_are_counted_however_many_there_are():
    summary = Summary("crowd")
    for first in (1, 1500, 5, 1):
        ids = np.arange(first, first + 10)
        tracks = Tracks(ids, np.zeros((10, 4)), np.ones(10), ids, ids)
        summary.add(tracks, tracks.take(ids % 2 == 0))
    assert (summary.frames, summary.boxes, summary.left_out) == (4, 20, 20)
    assert summary.ids == 7 + 5  # 2, 4, ... 14 and 1500, 1502, ... 1508


def grown(frames, tmp_path):
    """Give how many bytes memory has grown from the middle to the end of a video."""

    def stream():
        for _, value in zip(range(frames), cycle(WALK), strict=False):
            yield picture(value)

    def on_frame():
        seen[0] += 1
        if seen[0] in (frames // 2, frames):
            sizes.append(tracemalloc.get_traced_memory()[0])

    seen, sizes = [0], []
    detector = MadeUpDetector()
    detector.batches = deque(maxlen=1)
    tracemalloc.start()
    try:
        footage = MadeUpFootage(stream(), name="endless")
        track_footages(detector, [footage], byte, Outputs(tmp_path), on_frame=on_frame)
    finally:
        tracemalloc.stop()
    return sizes[1] - sizes[0]


def test_memory_does_not_grow_with_the_video(tmp_path):
    assert grown(3000, tmp_path) < 100_000


@pytest.mark.slow
def test_memory_does_not_grow_with_a_very_long_video(tmp_path):
    assert grown(10_000, tmp_path) < 100_000
