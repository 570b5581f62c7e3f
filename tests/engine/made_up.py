"""Footage and a detector without files and networks: what is found is read off the first pixel."""

import threading
import time

import numpy as np

from yolox.data.footage import Footage, Frame
from yolox.engine.detector import Prepared
from yolox.structures import Detections
from yolox.structures.preprocessing import Letterbox

WIDTH, HEIGHT = 64, 48


def picture(value):
    """An image of which `MadeUpDetector` says that `value` is in it."""
    return np.full((HEIGHT, WIDTH, 3), value, np.uint8)


class MadeUpFootage(Footage):
    """Images as footage; None is a frame without image, an exception one that is raised.

    `read` counts the frames given, `freed` how often the footage was closed.
    """

    size = (WIDTH, HEIGHT)
    frame_rate = 10.0
    length = None

    def __init__(self, images, *, name="made-up", live=False):
        super().__init__()
        self.images, self.name, self.live = images, name, live
        self.read = self.freed = 0

    def _frames(self):
        for number, image in enumerate(self.images, start=1):
            if isinstance(image, Exception):
                raise image
            self.read = number
            yield Frame(number, image, (number - 1) / self.frame_rate)

    def _free(self):
        self.freed += 1


class MadeUpDetector:
    """Finds in each image one box whose left side is the value of its first pixel.

    Args:
        streams: As of a `Detector`.
        seconds: That `infer` takes for even values; odd ones are done at once.
        failing: The value at which `infer` raises.
    """

    class_names = ("person",)

    def __init__(self, *, streams=1, seconds=0.0, failing=None):
        self.streams, self.seconds, self.failing = streams, seconds, failing
        self.batches = []  # values of each
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()

    def prepare(self, image):
        return Prepared(image, Letterbox(1.0))

    def infer(self, images):
        values = [int(image.pixels[0, 0, 0]) for image in images]
        with self._counting:
            self.batches.append(values)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.failing in values:
            raise RuntimeError(f"cannot bear {self.failing}")
        if values[0] % 2 == 0:
            time.sleep(self.seconds)
        with self._counting:
            self._at_once -= 1
        return values

    def finish(self, output, images):
        assert len(output) == len(images)
        return [Detections([[value, 0, value + 10, 20]], [0.9]) for value in output]
