"""An ONNX file of the YOLOX family as a detector; files of this project say what they are.

So is a TensorRT engine, which `tools/trt.py` builds of such a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from torch import Tensor
from torch.nn import functional

from yolox.data.loader import normalise
from yolox.data.preprocess import letterbox
from yolox.engine.detector import Prepared, cpu_streams
from yolox.engine.location_rows import count_classes, rows_to_detections
from yolox.engine.onnx_session import Runtime, Session, open_session
from yolox.export.engine_file import SUFFIX, read_texts
from yolox.formats.network_metadata import Boxes, NetworkMetadata, read_metadata
from yolox.formats.text import check_file
from yolox.models.info import check_input_size
from yolox.models.yolo_head import STRIDES, decode, make_locations
from yolox.postprocess import to_detections
from yolox.structures import Detections, InputError, check_range
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Preprocessing


class OnnxDetector:
    """`(B, 3, H, W)` to `(B, N, 5 + classes)`, as YOLOX's own export tool and ours write it.

    Of each location the boxes, raw or decoded, then objectness and classes as probabilities. Files
    of `yolox.export` may have unit-length embeddings `(B, N, D)` as a second output, or have
    suppressed boxes already, and say so.
    """

    def __init__(
        self,
        path: Path,
        preprocessing: Preprocessing | None = None,
        size: tuple[int, int] | None = None,
        *,
        runtime: Runtime = "onnxruntime",
        bf16: bool = False,
        device: torch.device | str = "cpu",
        score_thresh: float | None = None,
        nms_thresh: float | None = None,
        class_names: Sequence[str] = (),
    ) -> None:
        """Open a file.

        Args:
            path: The ONNX file or engine.
            preprocessing: What input it expects, for files that do not say.
            size: Height and width of its input, for files that leave them open; else, where the
                file says it, that of the export.
            runtime: What runs an ONNX file.
            bf16: Compute in bfloat16, which only OpenVINO can.
            device: Where to run; the CPU if this ONNX Runtime is one without CUDA.
            score_thresh: Least score of a detection; the file's own, or 0.1, if None.
            nms_thresh: Largest overlap of two detections that both stay; the file's own, or 0.7.
            class_names: By class id.

        Raises:
            InputError: The file is missing, damaged, of another network or of another size.
        """
        check_file(path)
        try:
            texts, is_decoded = _read_texts(path)
            self.session = open_session(path, runtime, torch.device(device), bf16=bf16)
        except (InputError, MemoryError, torch.OutOfMemoryError):
            raise
        except Exception as error:  # the libraries' errors have no common base
            raise InputError(
                f"{path}: is no ONNX file that can be run ({_first_line(error)}); export it anew"
            ) from None
        self.metadata = metadata = read_metadata(texts, str(path))
        self.preprocessing = _preprocessing(path, metadata, preprocessing)
        self.batch_size, self.size = _read_input(path, self.session, size, metadata)
        self.boxes: Boxes = metadata.boxes if metadata else "decoded" if is_decoded else "raw"
        outputs = _try(path, self.session, self.batch_size, self.size)
        self.score_thresh, self.nms_thresh = _thresholds(path, metadata, score_thresh, nms_thresh)
        if metadata is not None and self.boxes == "suppressed":
            self.classes = len(metadata.class_names)
        else:
            dim = metadata.embedding_dim if metadata else 0
            self.classes = count_classes(
                path, outputs, self.size, batch_size=self.batch_size or 1, embedding_dim=dim
            )
        self.locations = make_locations(
            [torch.Size((self.size[0] // s, self.size[1] // s)) for s in STRIDES],
            self.session.device,
        )
        self.class_names = class_names or (metadata.class_names if metadata else ())
        if self.class_names and len(self.class_names) != self.classes:
            raise InputError(
                f"{path}: has {self.classes} classes, {len(self.class_names)} names are given"
            )
        self.streams = cpu_streams() if self.session.on_cpu else 1

    def prepare(self, image: Array) -> Prepared:
        """See `Detector.prepare`."""
        return Prepared(*letterbox(image, self.size))

    def infer(self, images: Sequence[Prepared]) -> object:
        """See `Detector.infer`."""
        stacked = torch.from_numpy(np.stack([image.pixels for image in images]))
        batch = stacked.to(self.session.device).permute(0, 3, 1, 2)
        pixels = normalise(batch, self.preprocessing).contiguous()
        step = self.batch_size or len(pixels)
        found: list[_Rows] = []
        for start in range(0, len(pixels), step):
            some = pixels[start : start + step]
            missing = step - len(some)
            padded = functional.pad(some, (0, 0, 0, 0, 0, 0, 0, missing)) if missing else some
            outputs = self.session.run(padded)
            found += self._by_image(outputs, step)[: len(some)]
        return found

    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """See `Detector.finish`."""
        assert isinstance(output, list)
        return [self._detections(rows, image) for rows, image in zip(output, images, strict=True)]

    def _by_image(self, outputs: list[Tensor], batch_size: int) -> list[_Rows]:
        rows, vectors = outputs[0], outputs[1] if len(outputs) > 1 else None
        if self.boxes != "suppressed":
            every: list[Tensor] | list[None] = (
                [None] * batch_size if vectors is None else list(vectors)
            )
            return [_Rows(*both) for both in zip(rows, every, strict=True)]
        of_image = [rows[:, 0] == image for image in range(batch_size)]
        return [_Rows(rows[own, 1:], None if vectors is None else vectors[own]) for own in of_image]

    def _detections(self, rows: _Rows, image: Prepared) -> Detections:
        table, vectors = rows
        if self.boxes == "suppressed":
            kept = table[:, 4].argsort(descending=True, stable=True)
            kept = kept[table[kept, 4] >= self.score_thresh]
            return to_detections(
                table[kept, :4],
                table[kept, 4],
                table[kept, 5].long(),
                image.letterbox,
                None if vectors is None else vectors[kept],
            )
        if self.boxes == "raw":
            table = torch.cat([decode(table[:, :4], self.locations), table[:, 4:]], dim=1)
        return rows_to_detections(
            table,
            vectors,
            image.letterbox,
            score_thresh=self.score_thresh,
            nms_thresh=self.nms_thresh,
        )


class _Rows(NamedTuple):
    """Of one image: locations `(N, 5 + C)` or detections `(K, 6)`, and embeddings beside them."""

    table: Tensor
    vectors: Tensor | None


def _read_texts(path: Path) -> tuple[dict[str, str], bool]:
    """Read a file's metadata, and whether its network decodes boxes."""
    if path.suffix == SUFFIX:
        return read_texts(path), True
    content = onnx.load(str(path), load_external_data=False)
    # Raw boxes leave the exponential of their sizes to whoever decodes them.
    has_exponential = any(node.op_type == "Exp" for node in content.graph.node)
    return {prop.key: prop.value for prop in content.metadata_props}, has_exponential


def _preprocessing(
    path: Path, metadata: NetworkMetadata | None, given: Preprocessing | None
) -> Preprocessing:
    known = metadata.preprocessing if metadata else given
    if known is None:
        raise InputError(
            f"{path}: does not say what input it expects; give --preprocessing: legacy (exports of "
            "ByteTrack and YOLOX 0.1: RGB, mean and deviation) or current (YOLOX since 0.2)"
        )
    if given not in (None, known):
        raise InputError(
            f"{path}: expects {known.name} input, not {given.name}; leave --preprocessing out"
        )
    return known


def _thresholds(
    path: Path,
    metadata: NetworkMetadata | None,
    score_thresh: float | None,
    nms_thresh: float | None,
) -> tuple[float, float]:
    """Choose the thresholds; those by which a file has suppressed boxes already bind."""
    least, overlap = (metadata.score_thresh, metadata.nms_thresh) if metadata else (None, None)
    chosen = [
        next(one for one in (given, own, default) if one is not None)
        for given, own, default in ((score_thresh, least, 0.1), (nms_thresh, overlap, 0.7))
    ]
    check_range(0, 1, score_thresh=chosen[0], nms_thresh=chosen[1])
    if least is not None and chosen[0] < least:
        raise InputError(
            f"{path}: left out what scores below {least:g}, {chosen[0]:g} is wanted; "
            "raise --conf, or export it with a lower one"
        )
    if overlap is not None and chosen[1] != overlap:
        raise InputError(
            f"{path}: suppresses overlaps above {overlap:g}, not {chosen[1]:g}; "
            "leave --nms out, or export it with another one"
        )
    return chosen[0], chosen[1]


def _read_input(
    path: Path, session: Session, size: tuple[int, int] | None, metadata: NetworkMetadata | None
) -> tuple[int | None, tuple[int, int]]:
    """Give the input's batch size if that is fixed, and its height and width."""
    inputs = session.inputs
    if len(inputs) != 1 or len(inputs[0]) != 4 or inputs[0][1] != 3:
        shapes = ", ".join(str(one) for one in inputs)
        raise InputError(f"{path}: takes {shapes}; a YOLOX takes (B, 3, H, W)")
    batch, _, height, width = inputs[0]
    if isinstance(height, int) and isinstance(width, int):
        known = (height, width)
        if size not in (None, known):
            raise InputError(
                f"{path}: was exported for {known[0]} × {known[1]}, not {size[0]} × {size[1]}; "
                "leave the size out, export it anew, or load its weights with -f EXP -c FILE"
            )
        size = known
    if size is None and metadata is not None:
        size = metadata.input_size
    if size is None:
        raise InputError(f"{path}: leaves its size open; give it: --tsize H W")
    check_input_size(size)
    return batch if isinstance(batch, int) else None, size


def _try(
    path: Path, session: Session, batch_size: int | None, size: tuple[int, int]
) -> list[Tensor]:
    """Run the network once: files whose batch size is open do not say what they put out."""
    nothing = torch.zeros(batch_size or 1, 3, *size, device=session.device)
    try:
        return session.run(nothing)
    except (InputError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # see above
        raise InputError(
            f"{path}: cannot be run on {tuple(nothing.shape)} float32 ({_first_line(error)}); "
            "export it anew, or give another --tsize where it leaves its size open"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
