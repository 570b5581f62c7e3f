"""Images to calibrate on, from folders and videos, as network input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from yolox.data.footage import open_footage
from yolox.data.preprocess import preprocess
from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Preprocessing


def read_batches(
    sources: Sequence[Path],
    count: int,
    shape: tuple[int, int, int],
    preprocessing: Preprocessing,
) -> Iterator[Array]:
    """Read images spread evenly over sources.

    Args:
        sources: Folders of images and video files.
        count: Images, the same number of each source; fewer if there are fewer.
        shape: Batch, height and width of the network input.
        preprocessing: What the network expects.

    Yields:
        `(B, 3, H, W)` float32; the last batch begins anew where images run out.

    Raises:
        InputError: A source cannot be read.
    """
    batch, height, width = shape
    images: list[Array] = []
    for place, source in enumerate(sources):
        wanted = (place + 1) * count // len(sources) - place * count // len(sources)
        for image in _spread(source, wanted):
            images.append(preprocess(image, (height, width), preprocessing)[0])
            if len(images) == batch:
                yield np.stack(images)
                images = []
    if images:
        yield np.stack([images[k % len(images)] for k in range(batch)])


def _spread(source: Path, count: int) -> Iterator[Array]:
    """Give so many images of a source, from its beginning to its end."""
    with open_footage(source) as footage:
        if footage.length is None:
            raise InputError(f"{source}: has no known end; give folders of images or video files")
        step = max(footage.length / max(count, 1), 1)
        given = 0
        for frame in footage:
            if given < count and frame.image is not None and frame.number > given * step:
                given += 1
                yield frame.image
