"""A ReID network of somebody else's, that embeds crops of people: an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from yolox.data.crops import cut_crops, to_network_input
from yolox.formats.text import check_file
from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import LEGACY, Preprocessing

# Where it runs: on a GPU, if this ONNX Runtime is a build for one.
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


class CropEmbedder:
    """Runs the network.

    Attributes:
        size: Height and width of its input.
    """

    def __init__(
        self,
        path: Path,
        *,
        preprocessing: Preprocessing = LEGACY,
        size: tuple[int, int] | None = None,
        batch_size: int = 32,
    ) -> None:
        """Open the file.

        Args:
            path: The ONNX file: `(B, 3, H, W)` in, `(B, D)` out.
            preprocessing: What its weights expect; by default RGB with ImageNet's mean and
                deviation.
            size: Height and width of its input, for files that leave them open.
            batch_size: Crops that go through it together, for files that leave it open.

        Raises:
            InputError: The file is missing, damaged, of another kind or of another size.
        """
        check_file(path)
        there = onnxruntime.get_available_providers()
        providers = [name for name in _PROVIDERS if name in there]
        try:
            self._session = onnxruntime.InferenceSession(str(path), providers=providers)
        except Exception as error:  # the library's errors have no common base
            raise InputError(f"{path}: is no ONNX file that can be run ({_first(error)})") from None
        self._path = path
        self._preprocessing = preprocessing
        shapes = [one.shape for one in self._session.get_inputs()]
        if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] not in (3, "3"):
            takes = ", ".join(map(str, shapes))
            raise InputError(f"{path}: takes {takes}; a ReID network takes (B, 3, H, W)")
        batch, _, height, width = shapes[0]
        self.size = _choose_size(path, (height, width), size)
        self._fixed_batch = batch if isinstance(batch, int) else None
        self._batch_size = self._fixed_batch or batch_size

    def embed(self, image: Array, boxes: Array) -> Array:
        """Embed people in an image.

        Args:
            image: `(H, W, 3)` uint8 BGR.
            boxes: `(N, 4)` xyxy in image pixels; see `cut_crops` for those that leave the image.

        Returns:
            `(N, D)` float32 of unit length; `(0, 0)` without boxes.

        Raises:
            InputError: The network puts out something else than a vector a crop.
        """
        if not len(boxes):
            return np.empty((0, 0), dtype=np.float32)
        pixels = to_network_input(cut_crops(image, boxes, self.size), self._preprocessing)
        step = self._batch_size
        parts = [self._run(pixels[start : start + step]) for start in range(0, len(boxes), step)]
        vectors = np.concatenate(parts).astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > 0)).all():
            raise InputError(
                f"{self._path}: puts out a vector that is zero or not finite; check that it is a "
                "ReID network and what input it expects"
            )
        unit: Array = (vectors / lengths).astype(np.float32)
        return unit

    def _run(self, pixels: Array) -> Array:
        count = len(pixels)
        if self._fixed_batch is not None and count < self._fixed_batch:
            missing = self._fixed_batch - count
            pixels = np.concatenate([pixels, np.zeros((missing, *pixels.shape[1:]), np.float32)])
        name = self._session.get_inputs()[0].name
        try:
            output: Array = self._session.run(None, {name: pixels})[0]
        except Exception as error:  # see above
            raise InputError(
                f"{self._path}: cannot be run on {pixels.shape} float32 ({_first(error)})"
            ) from None
        # Some leave their last pooling's two axes of length 1 in place.
        if output.ndim < 2 or len(output) != len(pixels) or output[0].size != output.shape[1]:
            raise InputError(
                f"{self._path}: puts out {output.shape} for {len(pixels)} crops; a ReID network "
                "puts out (B, D)"
            )
        return output.reshape(len(pixels), -1)[:count]


def _choose_size(
    path: Path, known: tuple[object, object], given: tuple[int, int] | None
) -> tuple[int, int]:
    height, width = known
    if not isinstance(height, int) or not isinstance(width, int):
        if given is None:
            raise InputError(f"{path}: leaves its size open; give it: --size H W")
        return given
    if given not in (None, (height, width)):
        raise InputError(
            f"{path}: takes {height} × {width}, not {given[0]} × {given[1]}; leave --size out"
        )
    return height, width


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
