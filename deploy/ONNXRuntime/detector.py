"""A network that `tools/export_onnx.py` wrote, by ONNX Runtime, NumPy and OpenCV alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from yolox.data.preprocess import preprocess
from yolox.formats.network_metadata import NetworkMetadata, read_metadata
from yolox.formats.text import check_file
from yolox.structures import Detections, InputError, check_range
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Letterbox


class Detector:
    """Images to detections, with embeddings where the file has them."""

    def __init__(
        self,
        path: Path,
        size: tuple[int, int] | None = None,
        *,
        score_thresh: float = 0.1,
        nms_thresh: float = 0.7,
    ) -> None:
        """Open a file.

        Args:
            path: Of `tools/export_onnx.py`, with decoded boxes, for one image at once or any.
            size: Height and width of the input, for files that take any; else that of the export.
            score_thresh: Least score of a detection.
            nms_thresh: Largest overlap of two detections of a class that both stay.

        Raises:
            InputError: It is another file, or takes another size.
        """
        check_range(0, 1, score_thresh=score_thresh, nms_thresh=nms_thresh)
        check_file(path)
        try:
            self.session = onnxruntime.InferenceSession(
                str(path), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors have no common base
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"{path}: is no ONNX file that can be run ({reason})") from None
        texts = self.session.get_modelmeta().custom_metadata_map
        self.metadata = _check_metadata(path, read_metadata(texts, str(path)))
        batch, _, height, width = self.session.get_inputs()[0].shape
        if isinstance(batch, int) and batch != 1:
            raise InputError(f"{path}: takes {batch} images at once; export it with --batch 1")
        self.size = size or self.metadata.input_size
        if isinstance(height, int) and self.size != (height, width):
            raise InputError(f"{path}: takes {height} {width}, not {self.size}; leave --tsize out")
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh

    def find(self, image: Array) -> Detections:
        """Find objects in an image `(H, W, 3)` uint8 BGR; boxes are in its own pixels."""
        pixels, fitted = preprocess(image, self.size, self.metadata.preprocessing)
        outputs = self.session.run(None, {"images": pixels[None]})
        return self._detections(fitted, *(output[0] for output in outputs))

    def _detections(
        self, fitted: Letterbox, rows: Array, embeddings: Array | None = None
    ) -> Detections:
        class_ids = rows[:, 5:].argmax(axis=1)
        scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + class_ids]
        likely = np.flatnonzero(scores >= self.score_thresh)
        sizes = rows[likely, 2:4]
        corners = rows[likely, :2] - sizes / 2
        kept = cv2.dnn.NMSBoxesBatched(
            np.concatenate([corners, sizes], axis=1).tolist(),
            scores[likely].tolist(),
            class_ids[likely].tolist(),
            0.0,
            self.nms_thresh,
        )
        best = np.asarray(kept, dtype=np.int64).reshape(-1)
        boxes = np.concatenate([corners, corners + sizes], axis=1)[best].astype(np.float64)
        chosen = likely[best]
        return Detections(
            fitted.to_image(boxes),
            scores[chosen].astype(np.float64),
            class_ids[chosen],
            None if embeddings is None else embeddings[chosen],
        )


def _check_metadata(path: Path, metadata: NetworkMetadata | None) -> NetworkMetadata:
    if metadata is None:
        raise InputError(f"{path}: does not say what it is; write it with tools/export_onnx.py")
    if metadata.boxes != "decoded":
        raise InputError(
            f"{path}: has {metadata.boxes} boxes; export it without --no-decode, --nms"
        )
    return metadata
