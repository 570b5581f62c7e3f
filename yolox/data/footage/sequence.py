"""The images of a MOTChallenge sequence, for measurements: whatever is wrong ends the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yolox.data.footage.frame import Frame
from yolox.data.footage.images import ImageFootage
from yolox.formats.mot import read_sequence_info
from yolox.formats.sequence_images import check_size, find_images
from yolox.structures import InputError


class SequenceFootage(ImageFootage):
    """Frames `first` to `last` of a sequence, numbered from 1.

    Raises:
        InputError: An image is missing or, when it is its turn, damaged or of another size than
            `seqinfo.ini` says.
    """

    def __init__(self, sequence: Path, first: int, last: int) -> None:
        self._info = read_sequence_info(sequence / "seqinfo.ini")
        super().__init__(
            find_images(sequence, self._info, first, last),
            name=sequence.name,
            frame_rate=self._info.frame_rate,
        )

    def _frames(self) -> Iterator[Frame]:
        for row, image in enumerate(self._read_ahead()):
            if isinstance(image, InputError):
                raise image
            check_size(self._paths[row], (image.shape[1], image.shape[0]), self._info)
            yield Frame(row + 1, image, row / self.frame_rate)
