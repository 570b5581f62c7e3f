"""A folder that `tools/export_ncnn.py` wrote as a detector, by ncnn on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from yolox.data.loader import normalise
from yolox.data.preprocess import letterbox
from yolox.engine.detector import Prepared, cpu_streams
from yolox.engine.location_rows import count_classes, rows_to_detections
from yolox.export.ncnn_network import NcnnNetwork
from yolox.structures import Detections, InputError, check_range
from yolox.structures.boxes import Array


class NcnnDetector:
    """Images to detections, with embeddings where the network has them."""

    def __init__(
        self,
        folder: Path,
        *,
        size: tuple[int, int] | None = None,
        bf16: bool = False,
        score_thresh: float = 0.1,
        nms_thresh: float = 0.7,
    ) -> None:
        """Open a folder.

        Args:
            folder: From `export_ncnn`.
            size: Height and width of the input, which can only be those of the export.
            bf16: Keep weights and activations in bfloat16.
            score_thresh: Least score of a detection.
            nms_thresh: Largest overlap of two detections of a class that both stay.

        Raises:
            InputError: The folder holds something else, or takes another size.
        """
        check_range(0, 1, score_thresh=score_thresh, nms_thresh=nms_thresh)
        # Cores are kept busy by several images at once.
        threads = max(torch.get_num_threads() // cpu_streams(), 1)
        self.network = NcnnNetwork(folder, threads=threads, bf16=bf16)
        metadata = self.network.metadata
        self.preprocessing, self.size = metadata.preprocessing, metadata.input_size
        if size not in (None, self.size):
            raise InputError(
                f"{folder}: was exported for {self.size[0]} × {self.size[1]}, not {size[0]} × "
                f"{size[1]}; leave the size out, or export it anew"
            )
        outputs = [output[None] for output in self._run(np.zeros((3, *self.size), np.float32))]
        self.classes = count_classes(
            folder, outputs, self.size, embedding_dim=metadata.embedding_dim
        )
        self.class_names: Sequence[str] = metadata.class_names
        self.score_thresh, self.nms_thresh = score_thresh, nms_thresh
        self.streams = cpu_streams()

    def prepare(self, image: Array) -> Prepared:
        """See `Detector.prepare`."""
        return Prepared(*letterbox(image, self.size))

    def infer(self, images: Sequence[Prepared]) -> object:
        """See `Detector.infer`."""
        batch = torch.from_numpy(np.stack([image.pixels for image in images])).permute(0, 3, 1, 2)
        pixels = normalise(batch, self.preprocessing).contiguous().numpy()
        return [self._run(one) for one in pixels]

    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """See `Detector.finish`."""
        assert isinstance(output, list)
        return [self._detections(image, *one) for one, image in zip(output, images, strict=True)]

    def _run(self, pixels: Array) -> list[Tensor]:
        return [torch.from_numpy(output) for output in self.network.run(pixels)]

    def _detections(
        self, image: Prepared, rows: Tensor, embeddings: Tensor | None = None
    ) -> Detections:
        return rows_to_detections(
            rows,
            embeddings,
            image.letterbox,
            score_thresh=self.score_thresh,
            nms_thresh=self.nms_thresh,
        )
