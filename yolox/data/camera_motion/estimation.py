"""The camera's motion from images, by any of the methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from yolox.data.camera_motion import ecc, orb, sparse_flow
from yolox.data.camera_motion.view import View, make_view, unshrink
from yolox.structures import InputError
from yolox.structures.boxes import Array

Method = Literal["sparse_flow", "ecc", "orb"]
METHODS: tuple[Method, ...] = get_args(Method)
_ESTIMATE: dict[Method, Callable[[View, View], Array | None]] = {
    "sparse_flow": sparse_flow.estimate,
    "ecc": ecc.estimate,
    "orb": orb.estimate,
}
# Lines that images are shrunk to; see docs/trackers/camera_motion.md for what others cost and give.
HEIGHT = 540


class CameraWatch:
    """Watches the images of a video, one after another.

    Args:
        method: What compares two of them.
        height: Lines that larger images are shrunk to first.

    Attributes:
        blind: Images so far whose motion could not be told from the one before.
    """

    def __init__(self, *, method: Method = "sparse_flow", height: int = HEIGHT) -> None:
        if method not in METHODS:
            raise InputError(f"method is {method!r}; give one of {', '.join(METHODS)}")
        self._estimate = _ESTIMATE[method]
        self._height = height
        self._last: View | None = None
        self.blind = 0

    def update(self, image: Array, boxes: Array | None = None) -> Array:
        """Take in the next image.

        Args:
            image: `(H, W, 3)` uint8 BGR, of the size of the first one.
            boxes: `(N, 4)` xyxy in image pixels, of people, whose own motion is to be overlooked.

        Returns:
            `(2, 3)` map from the last image's pixels to this one's, as `Tracker.update` takes it:
            the identity for the first image and where too little is seen.

        Raises:
            InputError: The image is of another size than the last one.
        """
        view = make_view(image, boxes, height=self._height)
        last, self._last = self._last, view
        if last is None:
            return np.eye(2, 3)
        if last.pixels.shape != view.pixels.shape or not np.array_equal(last.scale, view.scale):
            raise InputError(
                f"the image is {image.shape[1]} × {image.shape[0]} pixels, not of the size of the "
                "one before; scale it, or watch it with another CameraWatch"
            )
        warp = self._estimate(last, view)
        if warp is None:
            self.blind += 1
            return np.eye(2, 3)
        return unshrink(warp, view.scale)


def estimate(
    previous: Array,
    image: Array,
    boxes: Array | None = None,
    *,
    method: Method = "sparse_flow",
    height: int = HEIGHT,
) -> Array:
    """Estimate the camera's motion between two images; see `CameraWatch`.

    Args:
        previous: `(H, W, 3)` uint8 BGR.
        image: The same, of the same size.
        boxes: `(N, 4)` xyxy, people in either image.
        method: What compares the two.
        height: Lines that larger images are shrunk to first.
    """
    watch = CameraWatch(method=method, height=height)
    watch.update(previous, boxes)
    return watch.update(image, boxes)
