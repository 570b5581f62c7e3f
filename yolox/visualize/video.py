"""Images to an H.264 video that browsers play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from yolox.formats.atomic import put_whole
from yolox.structures import InputError, check_range
from yolox.structures.boxes import Array

# Beyond it many players and all graphics cards' decoders of H.264 give up.
LARGEST_SIDE = 4096
# A viewer jumps to whole images only; one every two seconds costs little.
_SECONDS_BETWEEN_WHOLE = 2
_BT709 = 1  # of ITU-T H.273: what players take for the colours of HD video


@contextmanager
def write_video(
    path: Path, width: int, height: int, frame_rate: float
) -> Iterator[Callable[[Array], None]]:
    """Give a function that adds an image `(height, width, 3)` uint8 BGR to a video.

    The file is there once the block ends well, whole, or else not at all. H.264 halves the colour
    channels and so takes even sizes only: an odd size gets one row or column more, like the last.

    Args:
        path: The `.mp4` file; missing folders are made.
        width: Of the images.
        height: Of the images.
        frame_rate: Images a second.

    Raises:
        InputError: The size or the frame rate is none that players take.
    """
    if max(width, height) > LARGEST_SIDE:
        raise InputError(
            f"{path}: the video would be {width} × {height} pixels, and players take up to "
            f"{LARGEST_SIDE} a side; make its pictures narrower (--video-width)"
        )
    check_range(0.1, 1000, frame_rate=frame_rate)
    pad = height % 2, width % 2
    # The index goes to the front, so that a browser starts before it has the whole file.
    options = {"movflags": "+faststart"}
    with (
        put_whole(path) as aside,
        av.open(str(aside), "w", format="mp4", container_options=options) as file,
    ):
        stream = file.add_stream("libx264", rate=Fraction(frame_rate).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width + pad[1], height + pad[0], "yuv420p"
        between = max(1, round(_SECONDS_BETWEEN_WHOLE * frame_rate))
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(between)}
        codec = stream.codec_context
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        codec.color_primaries = codec.color_trc = _BT709

        file.start_encoding()  # a video of no images is a file too
        # One for all frames: each frame's own would be set up anew.
        reformatter = VideoReformatter()

        def write(image: Array) -> None:
            if image.shape != (height, width, 3):
                raise ValueError(f"image is {image.shape}, not {(height, width, 3)}")
            if any(pad):
                image = cv2.copyMakeBorder(image, 0, pad[0], 0, pad[1], cv2.BORDER_REPLICATE)
            frame = reformatter.reformat(
                av.VideoFrame.from_ndarray(image, format="bgr24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            file.mux(stream.encode(frame))

        yield write
        file.mux(stream.encode())


def count_frames(path: Path) -> int:
    """Count the images of an MP4.

    Raises:
        InputError: It is none.
    """
    try:
        with av.open(str(path)) as file:
            return sum(stream.frames for stream in file.streams.video)
    except av.error.FFmpegError as error:
        raise InputError(f"{path}: {error.strerror}; give an MP4 that players take") from None
