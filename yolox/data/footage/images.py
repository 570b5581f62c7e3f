"""Image files as footage: a folder, a MOTChallenge sequence or a list of paths."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from yolox.data.footage.frame import Footage, Frame
from yolox.formats.images import read_image
from yolox.formats.mot import read_sequence_info
from yolox.formats.sequence_images import find_images
from yolox.structures import InputError
from yolox.structures.boxes import Array

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
# Of images that say nothing of time, as of most of MOTChallenge's sequences.
FRAME_RATE = 30.0
_THREADS = min(4, os.cpu_count() or 1)
_AHEAD = _THREADS + 2


class ImageFootage(Footage):
    """Image files, decoded by a few threads ahead of whoever reads.

    Args:
        paths: The files, in order.
        name: For output files.
        frame_rate: Images a second.

    Raises:
        InputError: There are none, one is missing, or none can be read.
    """

    def __init__(self, paths: Sequence[Path], *, name: str, frame_rate: float = FRAME_RATE) -> None:
        super().__init__()
        self.name = name
        self.frame_rate = frame_rate
        self.length = len(paths)
        self.size = _size_of_first(paths, name)
        self._paths = paths
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="images")

    def _frames(self) -> Iterator[Frame]:
        for number, found in enumerate(self._read_ahead(), start=1):
            time = (number - 1) / self.frame_rate
            if isinstance(found, InputError):
                self.on_note(f"frame {number}: {found}")
                yield Frame(number, None, time)
            else:
                yield Frame(number, self._fit(found, number), time)

    def _read_ahead(self) -> Iterator[Array | InputError]:
        coming = deque(self._pool.submit(_attempt, path) for path in self._paths[:_AHEAD])
        for path in self._paths[_AHEAD:]:
            yield coming.popleft().result()
            coming.append(self._pool.submit(_attempt, path))
        while coming:
            yield coming.popleft().result()

    def _free(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def folder_footage(folder: Path, *, frame_rate: float | None = None) -> ImageFootage:
    """Open a folder of images or, if it has a `seqinfo.ini`, a MOTChallenge sequence.

    Images that are not a sequence's are sorted by name, numbers by value: `2.jpg` before `10.jpg`.

    Args:
        folder: The folder.
        frame_rate: Images a second, instead of what `seqinfo.ini` says or of `FRAME_RATE`.

    Raises:
        InputError: It holds no image, or the sequence is not whole.
    """
    listed = folder / "seqinfo.ini"
    if listed.is_file():
        info = read_sequence_info(listed)
        if info.name in ("", "..") or Path(info.name).name != info.name:
            # Results would leave the folder that was asked for.
            raise InputError(f"{listed}: name is {info.name!r}; give one that files can have")
        paths = find_images(folder, info, 1, info.length)
        return ImageFootage(paths, name=info.name, frame_rate=frame_rate or info.frame_rate)
    paths = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]
    if not paths:
        raise InputError(
            f"{folder}: holds no image ({', '.join(SUFFIXES)}) and no seqinfo.ini; give the folder "
            "that holds the images"
        )
    name = folder.resolve().name or "images"
    return ImageFootage(
        sorted(paths, key=natural_order), name=name, frame_rate=frame_rate or FRAME_RATE
    )


def listed_footage(lines: Iterable[str], *, frame_rate: float | None = None) -> ImageFootage:
    """Open the images whose paths stand in a text, a line each; blank lines count for nothing.

    Raises:
        InputError: There are none, one is missing, or none can be read.
    """
    paths = [Path(line.strip()) for line in lines if line.strip()]
    return ImageFootage(paths, name="images", frame_rate=frame_rate or FRAME_RATE)


def natural_order(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    """Give a key by which names sort as people count: digits by their value."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.stem.lower())
    key = [(False, int(part), "") if part[0] in "0123456789" else (True, 0, part) for part in parts]
    return key, path.name


def _size_of_first(paths: Sequence[Path], name: str) -> tuple[int, int]:
    if not paths:
        raise InputError(f"{name}: no image is listed; give their paths, a line each")
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: no such image; mend the list, or fetch the image")
    faults = []
    for path in paths:
        found = _attempt(path)
        if not isinstance(found, InputError):
            return found.shape[1], found.shape[0]
        faults.append(found)
    raise InputError(f"{faults[0]} (none of {len(paths)} images in {name} can be read)")


def _attempt(path: Path) -> Array | InputError:
    try:
        return read_image(path)
    except InputError as error:
        return error
