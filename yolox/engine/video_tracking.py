"""Videos tracked as they come: result files, annotated videos, a window, all whole at any end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

from yolox.data.footage import Footage, Frame
from yolox.engine.detector import Detector
from yolox.engine.inference import StageTimes, detect
from yolox.formats.atomic import fill_whole
from yolox.formats.json_lines import open_json_lines
from yolox.formats.mot import open_tracks
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import InputError, Tracks
from yolox.structures.boxes import Array
from yolox.tracker import Backend, Tracker, find_tracker
from yolox.visualize.frames import TRAIL, draw_frame
from yolox.visualize.trails import RecentTracks
from yolox.visualize.video import write_video

Pictures = Literal["none", "video", "frames"]

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_GREY = 114
# Signals that only ask for an end; one more breaks the run off.
_PATIENCE = 2


class Outputs(NamedTuple):
    """What is made of each video.

    Attributes:
        folder: Gets `<name>.txt` and `<name>.jsonl`.
        pictures: `video` adds `<name>.mp4`, `frames` a folder `<name>` of JPEGs.
        show: Also show the pictures in a window, until `q` is typed there.
        trail: Frames that trails reach back.
        name_classes: Write the class beside the id.
        min_box_area: As for `drop_odd_boxes`.
        max_aspect_ratio: As for `drop_odd_boxes`.
    """

    folder: Path
    pictures: Pictures = "none"
    show: bool = False
    trail: int = TRAIL
    name_classes: bool = False
    min_box_area: float = 10.0
    max_aspect_ratio: float = 1.6


class Summary:
    """What tracking a video came to.

    Attributes:
        name: Of the video.
        frames: Seen.
        boxes: Put out.
        left_out: Boxes that were too small or too wide.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.frames = self.boxes = self.left_out = 0
        self._seen = np.zeros(1024, dtype=np.bool_)  # a byte an id: a stream may have no end

    @property
    def ids(self) -> int:
        """How many ids were put out."""
        return int(self._seen.sum())

    def format(self) -> str:
        """Say it in a line."""
        return f"{self.name}: {self.frames} frames, {self.boxes} boxes, {self.ids} ids"

    def add(self, everyone: Tracks, put_out: Tracks) -> None:
        """Count a frame, by its tracks before and after the filter."""
        self.frames += 1
        self.boxes += len(put_out)
        self.left_out += len(everyone) - len(put_out)
        while len(put_out) and put_out.ids.max() >= len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros_like(self._seen)])
        self._seen[put_out.ids] = True


def track_footages(
    detector: Detector,
    footages: Sequence[Footage],
    make_tracker: Callable[[Footage], Tracker],
    outputs: Outputs,
    *,
    batch_size: int = 1,
    times: StageTimes | None = None,
    on_frame: Callable[[], object] = lambda: None,
) -> tuple[list[Summary], bool]:
    """Track one video, or several at once, each by a tracker of its own.

    Ctrl-C and SIGTERM end it after the frame at hand, with everything so far in the files.

    Args:
        detector: The network.
        footages: The videos, not yet read, of different names.
        make_tracker: Gives a fresh tracker for a video.
        outputs: What to make.
        batch_size: Frames that go through the network together.
        times: Gets what the stages took.
        on_frame: Called after each frame.

    Returns:
        A summary a video, and whether it was stopped.

    Raises:
        InputError: A video cannot be read, its folder of frames is there already, or there is no
            screen for a window.
        OSError: A file cannot be written; what is left is whole.
    """
    times = StageTimes() if times is None else times
    if outputs.show:
        _check_screen()
    names = [footage.name for footage in footages]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two videos are called {name}; track them one after the other")
    trackers = [make_tracker(footage) for footage in footages]
    summaries = [Summary(footage.name) for footage in footages]
    with ExitStack() as stack:
        stop = stack.enter_context(stoppable())
        for footage in footages:
            stack.callback(footage.close)  # also if it ends before the first frame is asked for
        sinks = [
            stack.enter_context(_open_sink(footage, outputs, detector.class_names, times))
            for footage in footages
        ]
        frames = detect(detector, footages, batch_size=batch_size, times=times)
        stack.callback(frames.close)
        while (found := stop.next_of(frames)) is not None:
            with times.of("track"):
                everyone = trackers[found.source].update(found.detections)
                tracks = drop_odd_boxes(
                    everyone,
                    min_box_area=outputs.min_box_area,
                    max_aspect_ratio=outputs.max_aspect_ratio,
                )
            if not sinks[found.source](found.frame, tracks):
                stop.wanted = True
            summaries[found.source].add(everyone, tracks)
            on_frame()
    return summaries, stop.wanted


def make_tracker(
    name: str, parameters: Mapping[str, Any], footage: Footage, backend: Backend = "numpy"
) -> Tracker:
    """Make a tracker that knows the video's frame rate and width, if it takes them.

    Raises:
        InputError: There is no such tracker, or a parameter is unknown or out of range.
    """
    algorithm = find_tracker(name, backend)
    width, _ = footage.size
    return algorithm.create(
        algorithm.informed(parameters, frame_rate=footage.frame_rate, image_width=float(width))
    )


class Stop:
    """Whether the user wants to stop; a signal interrupts waiting for a frame, and nothing else.

    The third breaks off whatever is being done, and no file is left.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._waiting = False
        self._signals = 0

    def on_signal(self, *_: object) -> None:
        """Take note of a signal."""
        first, self.wanted = not self.wanted, True
        self._signals += 1
        if self._signals > _PATIENCE:  # something hangs that cannot be asked to end
            raise KeyboardInterrupt
        if first and self._waiting:
            raise KeyboardInterrupt

    def next_of(self, items: Iterator[Any]) -> Any:
        """Give the next item, None if there is none or the user wants to stop."""
        if self.wanted:
            return None
        with suppress(KeyboardInterrupt):
            self._waiting = True
            try:
                return next(items, None)
            finally:
                self._waiting = False
        return None


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Let Ctrl-C and SIGTERM end a loop between two of its turns, in the main thread."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # which no signal reaches
        return
    before = {number: signal.signal(number, stop.on_signal) for number in _STOPPING}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _open_sink(
    footage: Footage, outputs: Outputs, class_names: Sequence[str], times: StageTimes
) -> Iterator[Callable[[Frame, Tracks], bool]]:
    """Open a video's files, and give what adds a frame and tells whether to go on."""
    text = outputs.folder / f"{footage.name}.txt"
    with (
        open_tracks(text) as add_rows,
        open_json_lines(text.with_suffix(".jsonl"), class_names) as add_line,
        _open_pictures(footage, outputs) as add_picture,
    ):
        recent = RecentTracks(outputs.trail)
        names = class_names if outputs.name_classes else ()
        image = np.full((*footage.size[::-1], 3), _GREY, dtype=np.uint8)

        def add(frame: Frame, tracks: Tracks) -> bool:
            nonlocal image
            with times.of("write"):
                add_rows(frame.number, tracks)
                add_line(frame.number, frame.time, tracks)
            if outputs.pictures == "none" and not outputs.show:
                return True
            with times.of("draw"):
                # Where a frame has no image the last one stays.
                image = image if frame.image is None else frame.image
                table = recent.add(frame.number, tracks)
                drawn = draw_frame(
                    image, table, frame.number, trail=outputs.trail, class_names=names
                )
            with times.of("encode"):
                add_picture(frame.number, drawn)
            return not outputs.show or _show(footage.name, drawn)

        yield add


@contextmanager
def _open_pictures(footage: Footage, outputs: Outputs) -> Iterator[Callable[[int, Array], object]]:
    """Open a video file or a folder of images, and give what adds a numbered picture."""
    path = outputs.folder / footage.name
    if outputs.pictures == "video":
        width, height = footage.size
        with write_video(Path(f"{path}.mp4"), width, height, footage.frame_rate) as write:
            yield lambda _, picture: write(picture)
    elif outputs.pictures == "frames":
        with fill_whole(path) as aside:
            yield lambda number, picture: _write_jpeg(aside / f"{number:06d}.jpg", picture)
    else:
        yield lambda *_: None


def _write_jpeg(path: Path, picture: Array) -> None:
    path.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def _check_screen() -> None:
    """Check that a window can be opened; without a screen OpenCV would end the process.

    Raises:
        InputError: There is none.
    """
    on_linux = sys.platform == "linux"
    if on_linux and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError("there is no screen to show the video on; leave --show out")


def _show(title: str, picture: Array) -> bool:
    """Show a picture, and tell whether to go on."""
    cv2.imshow(title, picture)
    return cv2.waitKey(1) != ord("q")
