import threading
from contextlib import closing

import pytest
import torch
from engine.made_up import MadeUpDetector, MadeUpFootage, picture

from yolox.engine.inference import StageTimes, detect
from yolox.structures import InputError

LONG = 1000


def values_of(found, source=0):
    """What was found in the frames of one video; None where nothing was."""
    lefts = [one.detections.boxes[:, 0].tolist() for one in found if one.source == source]
    return [int(left[0]) if left else None for left in lefts]


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    torch_threads = torch.get_num_threads()
    yield
    assert set(threading.enumerate()) <= before
    assert torch.get_num_threads() == torch_threads


@pytest.mark.parametrize("streams", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_frames_come_in_order_whoever_is_done_first(batch_size, streams):
    detector = MadeUpDetector(streams=streams, seconds=0.01)
    footage = MadeUpFootage([picture(value) for value in range(11)])
    found = list(detect(detector, [footage], batch_size=batch_size))
    assert [one.frame.number for one in found] == list(range(1, 12))
    assert values_of(found) == list(range(11))
    assert all(len(batch) <= batch_size for batch in detector.batches)
    assert len(detector.batches) == -(-11 // batch_size)
    assert detector.most_at_once <= streams
    assert footage.freed >= 1


def test_streams_do_run_at_once():
    detector = MadeUpDetector(streams=3, seconds=0.05)
    list(detect(detector, [MadeUpFootage([picture(2)] * 9)]))
    assert detector.most_at_once == 3


@pytest.mark.parametrize("batch_size", [1, 2, 3, 8])
def test_several_videos_are_each_as_alone_and_take_turns(batch_size):
    lengths = (5, 2, 8)
    every = [[picture(50 * row + k) for k in range(n)] for row, n in enumerate(lengths)]
    found = list(
        detect(
            MadeUpDetector(streams=2, seconds=0.002),
            [MadeUpFootage(images) for images in every],
            batch_size=batch_size,
        )
    )
    assert [one.source for one in found] == [0, 1, 2, 0, 1, 2, 0, 2, 0, 2, 0, 2, 2, 2, 2]
    for source, images in enumerate(every):
        alone = list(detect(MadeUpDetector(), [MadeUpFootage(images)]))
        assert values_of(found, source) == values_of(alone)
        numbers = [one.frame.number for one in found if one.source == source]
        assert numbers == list(range(1, lengths[source] + 1))


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_frames_without_image_ride_along(batch_size):
    images = [picture(1), None, picture(3), None, None, None, picture(7)]
    found = list(detect(MadeUpDetector(), [MadeUpFootage(images)], batch_size=batch_size))
    assert values_of(found) == [1, None, 3, None, None, None, 7]
    assert [one.frame.number for one in found] == list(range(1, 8))
    assert [one.frame.image is None for one in found] == [image is None for image in images]


def test_frames_of_a_stream_that_is_away_do_not_wait_for_its_return():
    back = threading.Event()

    def stream():
        yield from [None] * 4
        back.wait(20)
        yield picture(5)

    with closing(detect(MadeUpDetector(), [MadeUpFootage(stream())], batch_size=2)) as found:
        first = [next(found) for _ in range(4)]
        assert not back.is_set()
        back.set()
        assert values_of([*first, *found]) == [None] * 4 + [5]


def test_a_silent_camera_holds_up_no_other():
    speaks = threading.Event()

    def silent():
        speaks.wait(20)
        yield picture(1)

    heard = 0
    footages = [
        MadeUpFootage(silent(), name="silent", live=True),
        MadeUpFootage([picture(2)] * 20, name="busy", live=True),
    ]
    for found in detect(MadeUpDetector(), footages):
        heard += found.source == 1
        if heard == 20:
            speaks.set()
    assert heard == 20
    assert speaks.is_set()


def test_no_video_and_one_without_frames():
    assert list(detect(MadeUpDetector(), [])) == []
    assert list(detect(MadeUpDetector(), [MadeUpFootage([])])) == []


@pytest.mark.parametrize("streams", [1, 3])
def test_an_error_of_a_video_comes_after_the_frames_before_it(streams):
    broken = MadeUpFootage([picture(1), picture(2), InputError("frame 3 is gone"), picture(4)])
    other = MadeUpFootage([picture(9)] * LONG)
    found = []
    with pytest.raises(InputError, match="frame 3 is gone"):
        found.extend(detect(MadeUpDetector(streams=streams), [broken, other]))
    assert broken.freed
    assert other.freed
    assert other.read <= 3


@pytest.mark.parametrize("streams", [1, 3])
def test_an_error_of_the_detector_reaches_whoever_asks(streams):
    footage = MadeUpFootage([picture(value % 200) for value in range(LONG)])
    taken = []
    with pytest.raises(RuntimeError, match="cannot bear 7"):
        taken.extend(detect(MadeUpDetector(streams=streams, failing=7), [footage]))
    assert values_of(taken) == list(range(7))
    assert footage.freed
    assert footage.read < 30


@pytest.mark.parametrize("taken", [1, 5])
def test_closing_early_ends_the_threads_and_closes_all_videos(taken):
    footages = [MadeUpFootage([picture(3)] * LONG) for _ in range(3)]
    before = threading.active_count()
    found = detect(MadeUpDetector(streams=2), footages, batch_size=2)
    for _ in range(taken):
        next(found)
    assert threading.active_count() > before
    found.close()
    assert threading.active_count() == before
    assert all(footage.freed for footage in footages)
    assert sum(footage.read for footage in footages) < 40


def test_an_error_of_the_one_who_asks_ends_the_threads_too():
    footage = MadeUpFootage([picture(3)] * LONG)
    found = detect(MadeUpDetector(streams=2), [footage])
    with pytest.raises(ZeroDivisionError), closing(found):
        next(found).frame.number / 0
    assert footage.freed


def test_little_of_a_camera_waits():
    ahead = {}
    for live in (False, True):
        footage = MadeUpFootage([picture(2)] * 60, live=live)
        detector = MadeUpDetector(streams=3, seconds=0.003)
        most = 0
        for one in detect(detector, [footage]):
            most = max(most, footage.read - one.frame.number)
        ahead[live] = most
        assert detector.most_at_once == (1 if live else 3)
    # Of frames and of what was found, one that waits and one that is about to.
    assert ahead[True] <= 5
    assert ahead[True] < ahead[False]


def test_times_of_the_stages():
    times = StageTimes()
    footage = MadeUpFootage([picture(2), None, picture(4)])
    list(detect(MadeUpDetector(seconds=0.02), [footage], times=times))
    assert times.frames == 3
    assert set(times.seconds) == {"read", "prepare", "network", "suppress"}
    assert times.seconds["network"] > 0.04
    assert times.seconds["read"] < 0.02  # what it waits for others is no work of its own
    assert times.milliseconds()["network"] == pytest.approx(1e3 * times.seconds["network"] / 3)


def test_times_are_added_and_laid_out():
    times, other = StageTimes(), StageTimes()
    other.frames, other.seconds["network"] = 4, 0.3
    times.add(other)
    times.seconds["read"] += 0.1
    rows = [line.split() for line in times.format().splitlines()]
    assert rows[2:] == [["network", "75.00", "75", "%"], ["read", "25.00", "25", "%"]]
    assert StageTimes().milliseconds() == {}
    assert StageTimes().format().splitlines()[0].split() == ["stage", "ms", "a", "frame", "share"]
