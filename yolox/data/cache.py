"""Decoded images in one file that all workers share, in memory or on disk.

Each image is decoded once, by whichever worker needs it first. The file's name tells what it holds,
so that a later run finds it, and a changed data set makes a new one.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yolox.data.annotations import Annotations
from yolox.data.images import read_annotated
from yolox.data.placement import Size
from yolox.structures import InputError
from yolox.structures.boxes import Array

MEMORY = Path("/dev/shm")


class ImageCache:
    """Keeps the images of a data set as pixels.

    Args:
        annotations: Of the data set.
        folder: Where the file goes; `MEMORY` keeps it in memory and removes it at the end.
        within: Height and width that images are shrunk to fit into before they are kept; by default
            they stay as they are.

    Raises:
        InputError: The folder is missing, or has not enough room for all images.
    """

    def __init__(self, annotations: Annotations, folder: Path, within: Size | None = None) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; make it, or cache elsewhere")
        self._annotations = annotations
        self._sizes = _kept_sizes(annotations.sizes, within)  # (M, 2) width, height
        self._ends = np.cumsum(self._sizes.prod(axis=1) * 3)
        self._path = folder / f"images-{_fingerprint(annotations, self._sizes)}.cache"
        self._open: tuple[Array, Array] | None = None
        self._check_room(folder)
        if folder == MEMORY:
            atexit.register(self._path.unlink, missing_ok=True)

    def __getstate__(self) -> dict[str, Any]:
        # A worker opens the file anew: its bytes must not travel.
        return {**self.__dict__, "_open": None}

    @property
    def nbytes(self) -> int:
        """Bytes that all images take."""
        return int(self._ends[-1])

    def read(self, index: int, reduction: int = 1) -> Array:
        """Give an image, decoding it the first time.

        Returns:
            `(H, W, 3)` uint8 BGR, maybe read-only: the image as it is kept, both sides divided by
            what `reduction` asks for beyond that.
        """
        pixels, ready = self._file()
        width, height = self._sizes[index].tolist()
        end = int(self._ends[index])
        kept = pixels[end - 3 * width * height : end].reshape(height, width, 3)
        if not ready[index]:
            image = read_annotated(self._annotations, index)
            # Two workers may do this at once; they write the same.
            kept[:] = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            ready[index] = 1
        # All workers see them, and a later run does.
        kept.flags.writeable = False
        shrunk = self._annotations.sizes[index, 0] / width
        factor = int(reduction / shrunk)
        if factor <= 1:
            return kept
        size = -(-width // factor), -(-height // factor)
        reduced: Array = cv2.resize(kept, size, interpolation=cv2.INTER_AREA)
        return reduced

    def _file(self) -> tuple[Array, Array]:
        """Open the file: all pixels, then a byte an image that tells whether it is there."""
        if self._open is None:
            with open(self._path, "ab") as file:
                file.truncate(self.nbytes + len(self._sizes))
            whole = np.memmap(self._path, dtype=np.uint8, mode="r+")
            self._open = whole[: self.nbytes], whole[self.nbytes :]
        return self._open

    def _check_room(self, folder: Path) -> None:
        there = self._path.stat().st_blocks * 512 if self._path.exists() else 0
        free = shutil.disk_usage(folder).free
        if folder == MEMORY:
            free = min(free, _available_memory())
        if self.nbytes - there > free:
            raise InputError(
                f"{folder}: {len(self._sizes)} images take {self.nbytes / 1e9:.1f} GB, "
                f"{free / 1e9:.1f} GB are free; keep them smaller, elsewhere or not at all"
            )


def _available_memory() -> int:
    """Bytes that can be had without swapping, the page cache given back included."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return 1024 * int(amount.split()[0])
    raise InputError("/proc/meminfo has no MemAvailable; cache on disk instead")


def _kept_sizes(sizes: Array, within: Size | None) -> Array:
    if within is None:
        return sizes
    scale = np.minimum(1, np.array(within[::-1]) / sizes).min(axis=1, keepdims=True)
    kept: Array = np.maximum((sizes * scale).astype(np.int64), 1)
    return kept


def _fingerprint(annotations: Annotations, sizes: Array) -> str:
    """Identify files, their times of change, and the sizes that are kept."""
    digest = hashlib.sha256(sizes.tobytes())
    for name in annotations.files:
        path = annotations.root / name
        changed = path.stat().st_mtime_ns if path.exists() else 0
        digest.update(f"{path.resolve()}\n{changed}\n".encode())
    return digest.hexdigest()[:16]
