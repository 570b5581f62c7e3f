"""Cameras of this computer as footage."""

from __future__ import annotations

import cv2

from yolox.data.footage.live import LiveFootage, Newest
from yolox.structures import InputError, check_range

# Where the driver does not say.
FRAME_RATE = 30.0


class CameraFootage(LiveFootage):
    """A camera, by its number.

    Args:
        number: From 0, as the system counts them.
        frame_rate: Frames a second, instead of what the driver says.

    Raises:
        InputError: There is no such camera, or it gives no image.
    """

    def __init__(self, number: int, *, frame_rate: float | None = None) -> None:
        super().__init__()
        check_range(0, 9999, camera=number)
        self.name = f"camera-{number}"
        self._camera = _open_quietly(number)
        got, image = self._camera.read()
        if not got:
            self._camera.release()
            raise InputError(
                f"camera {number}: gives no image; plug it in, close what else uses it, or give "
                "another number (0 is the first), a video or a stream's address"
            )
        self.size = image.shape[1], image.shape[0]
        said = self._camera.get(cv2.CAP_PROP_FPS)
        self.frame_rate = frame_rate or (said if 0 < said <= 1000 else FRAME_RATE)

    def _watch(self, newest: Newest) -> None:
        while not newest.stopped:
            got, image = self._camera.read()
            if not got:
                newest.note(f"{self.name}: gives no more images; the footage ends here")
                return
            newest.put(image)

    def _release(self) -> None:
        self._camera.release()


def _open_quietly(number: int) -> cv2.VideoCapture:
    """Open without OpenCV's lines on stderr, as what fails is told in one of ours."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(number)
    finally:
        cv2.utils.logging.setLogLevel(level)
