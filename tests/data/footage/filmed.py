"""Small videos whose frames say their number."""

from fractions import Fraction

import av
import numpy as np

SIZE = (96, 64)


def picture(number, size=SIZE):
    """Show a number from 0 to 255 as eight columns, dark or bright, and noise that H.264 keeps."""
    width, height = size
    bits = (number >> np.arange(8)) & 1
    row = np.repeat(40 + 160 * bits, -(-width // 8))[:width]
    noise = np.random.default_rng(number).integers(0, 30, (height, width))
    return np.repeat((row + noise)[..., None], 3, axis=2).astype(np.uint8)


def number_of(image):
    """Read the number."""
    columns = np.array_split(image.mean(axis=(0, 2)), 8)
    return sum((np.median(part) > 130) << bit for bit, part in enumerate(columns))


def film(
    path,
    numbers,
    *,
    size=SIZE,
    codec="libx264",
    rate=25,
    times=None,
    drawn=picture,
    b_frames=True,
    **options,
):
    """Write a video of `picture`s; `times` are of the frames, in hundredths of a second."""
    with av.open(str(path), "w", options=options) as file:
        stream = file.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "libx264":
            stream.options = {"g": "10", "threads": "1"} | ({} if b_frames else {"bf": "0"})
        for index, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(drawn(number, size), format="bgr24")
            frame = frame.reformat(format=stream.pix_fmt)
            if times:
                frame.pts, frame.time_base = times[index], Fraction(1, 100)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def read(footage):
    """Give all frames and all notes."""
    notes = []
    footage.on_note = notes.append
    return list(footage), notes
