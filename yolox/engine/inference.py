"""Frames to detections as a pipeline: reading, network and what follows overlap.

Every stage is a generator that runs ahead of the next in a thread of its own; NumPy, OpenCV, PyAV
and torch let the other threads run while they compute. On a CPU the network runs several batches at
once, a thread each: the threads of one batch would mostly wait for one another.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from queue import Full, Queue
from typing import NamedTuple, TypeVar

import torch
from tabulate import tabulate

from yolox.data.footage import Footage, Frame
from yolox.engine.detector import Detector, Prepared
from yolox.structures import Detections

Item = TypeVar("Item")

# Seconds after which a stage looks whether it is still wanted.
_PATIENCE = 0.1
# Of times, by several threads.
_ADDING = threading.Lock()


class Found(NamedTuple):
    """What a detector found in a frame; nothing in one without an image.

    `source` is the row of its footage.
    """

    source: int
    frame: Frame
    detections: Detections


class StageTimes:
    """How long each stage has worked, its waits left out; stages overlap, so the sum is no time.

    Attributes:
        seconds: By stage.
        frames: That have gone through all stages.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.frames = 0

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with _ADDING:
                self.seconds[stage] += time.perf_counter() - start

    def add(self, other: StageTimes) -> None:
        """Add what another process or sequence took."""
        for stage, seconds in other.seconds.items():
            self.seconds[stage] += seconds
        self.frames += other.frames

    def milliseconds(self) -> dict[str, float]:
        """Give the mean for a frame by stage."""
        return {name: 1e3 * s / max(self.frames, 1) for name, s in self.seconds.items()}

    def format(self) -> str:
        """Lay out milliseconds a frame and shares."""
        total = sum(self.seconds.values()) or 1.0
        rows = [
            (stage, ms, f"{100 * self.seconds[stage] / total:.0f} %")
            for stage, ms in self.milliseconds().items()
        ]
        headers = ["stage", "ms a frame", "share"]
        table: str = tabulate(rows, headers=headers, tablefmt="simple", floatfmt=".2f")
        return table


def detect(
    detector: Detector,
    footages: Sequence[Footage],
    *,
    batch_size: int = 1,
    times: StageTimes | None = None,
) -> Generator[Found, None, None]:
    """Find objects in one video, or in several at once.

    Of several videos the frames take turns, so that a batch holds one of each as far as it goes;
    those of cameras and streams come as they come, and one that is silent holds up no other. The
    frames of each stay in order, and what is found does not depend on the company.

    Args:
        detector: The network.
        footages: The videos, not yet read.
        batch_size: Frames that go through the network together.
        times: Gets what the stages took: read, prepare, network, suppress.

    Yields:
        Every frame of every video, in order within its video.

    Raises:
        InputError: A video cannot be read.
    """
    times = StageTimes() if times is None else times
    live = any(footage.live for footage in footages)
    # What waits of a camera is old by the time that it is looked at.
    numbered = list(enumerate(footages))
    groups = [[one] for one in numbered] if live else [numbered]
    readers = [_prepared(detector, group, times) for group in groups]
    frames = _ahead(readers, len(footages) if live else 2 * batch_size)
    batches = _batches(frames, batch_size)

    def interrupt() -> None:
        for footage in footages:
            footage.interrupt()

    streams = 1 if live else detector.streams
    found = _ahead([_found(detector, batches, streams, times)], 1, interrupt)
    with closing(found):
        for batch in found:
            for one in batch:
                times.frames += 1
                yield one


class _Read(NamedTuple):
    source: int
    frame: Frame
    prepared: Prepared | None


def _prepared(
    detector: Detector, footages: Sequence[tuple[int, Footage]], times: StageTimes
) -> Generator[_Read, None, None]:
    with ExitStack() as opened:
        for _, footage in footages:
            opened.enter_context(footage)
        running = [(source, iter(footage)) for source, footage in footages]
        while running:
            for turn in list(running):
                source, frames = turn
                with times.of("read"):
                    frame = next(frames, None)
                if frame is None:
                    running.remove(turn)
                    continue
                prepared = None
                if frame.image is not None:
                    with times.of("prepare"):
                        prepared = detector.prepare(frame.image)
                yield _Read(source, frame, prepared)


def _batches(
    frames: Generator[_Read, None, None], batch_size: int
) -> Generator[list[_Read], None, None]:
    """Group frames; those without an image count too, as a stream may be away for long."""
    with closing(frames):
        batch: list[_Read] = []
        for read in frames:
            batch.append(read)
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch


def _found(
    detector: Detector, batches: Generator[list[_Read], None, None], streams: int, times: StageTimes
) -> Generator[list[Found], None, None]:
    """Run several batches at once, and give what was found in their order."""

    def find(batch: list[_Read]) -> list[Found]:
        images = [read.prepared for read in batch if read.prepared is not None]
        found: Iterator[Detections] = iter(())
        if images:
            with times.of("network"):
                output = detector.infer(images)
            with times.of("suppress"):
                found = iter(detector.finish(output, images))
        return [
            Found(source, frame, Detections.empty() if prepared is None else next(found))
            for source, frame, prepared in batch
        ]

    with closing(batches), _threads(streams) as pool:
        running: deque[Future[list[Found]]] = deque()
        for batch in batches:
            running.append(pool.submit(find, batch))
            if len(running) == streams:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def _threads(streams: int) -> Iterator[ThreadPoolExecutor]:
    """Make a pool whose threads share torch's own threads among them."""
    before = torch.get_num_threads()
    share = max(before // streams, 1)
    with ThreadPoolExecutor(streams, initializer=partial(torch.set_num_threads, share)) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(before)


class _End(NamedTuple):
    error: BaseException | None


def _ahead(
    generators: Sequence[Generator[Item, None, None]],
    depth: int,
    interrupt: Callable[[], object] = lambda: None,
) -> Generator[Item, None, None]:
    """Run generators, each in a thread, at most `depth` items ahead of whoever takes them.

    An error is raised where the next item would have come. Generators are closed in their threads,
    also when nobody wants more; `interrupt` is then to end what may keep them waiting for ever.
    """
    queue: Queue[Item | _End] = Queue(depth)
    unwanted = threading.Event()

    def put(item: Item | _End) -> None:
        while not unwanted.is_set():
            try:
                return queue.put(item, timeout=_PATIENCE)
            except Full:
                continue

    def work(items: Generator[Item, None, None]) -> None:
        error: BaseException | None = None
        try:
            with closing(items):
                for item in items:
                    put(item)
                    if unwanted.is_set():
                        break
        except BaseException as raised:
            error = raised
        put(_End(error))

    threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in generators]
    for thread in threads:
        thread.start()
    try:
        for _ in generators:
            while not isinstance(item := queue.get(), _End):
                yield item
            if item.error is not None:
                raise item.error
    finally:
        unwanted.set()
        interrupt()
        for thread in threads:
            thread.join()
