"""An ONNX file of the YOLOX family as a detector, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torchvision.ops import box_convert

from yolox.data.loader import normalise
from yolox.data.preprocess import letterbox
from yolox.engine.detector import Prepared, cpu_streams
from yolox.formats.text import check_file
from yolox.models.info import check_input_size
from yolox.models.yolo_head import STRIDES, decode, make_locations
from yolox.postprocess import suppress, to_detections
from yolox.structures import Detections, InputError, check_range
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Preprocessing

_ON_CPU = "CPUExecutionProvider"
_ON_GPU = "CUDAExecutionProvider"


class OnnxDetector:
    """What YOLOX's own export tool writes: `(B, 3, H, W)` to `(B, N, 5 + classes)`.

    Of each location the boxes, raw or decoded, then objectness and classes as probabilities.
    """

    def __init__(
        self,
        path: Path,
        preprocessing: Preprocessing,
        size: tuple[int, int] | None = None,
        *,
        device: torch.device | str = "cpu",
        score_thresh: float = 0.1,
        nms_thresh: float = 0.7,
        class_names: Sequence[str] = (),
    ) -> None:
        """Open a file.

        Args:
            path: The ONNX file.
            preprocessing: What input it expects, which such files do not say.
            size: Height and width of its input, for files that leave them open.
            device: Where to run; the CPU if this ONNX Runtime is one without CUDA.
            score_thresh: Least score of a detection.
            nms_thresh: Largest overlap of two detections that both stay.
            class_names: By class id.

        Raises:
            InputError: The file is missing, damaged, of another network or of another size.
        """
        check_range(0, 1, score_thresh=score_thresh, nms_thresh=nms_thresh)
        check_file(path)
        try:
            graph = onnx.load(str(path), load_external_data=False).graph
            self.session = _open(path, torch.device(device))
        except Exception as error:  # neither library's errors have a common base
            reason = str(error).splitlines()[0]
            raise InputError(f"{path}: is no ONNX file that can be run ({reason})") from None
        self.input, self.batch_size, self.size = _read_input(path, self.session, size)
        self.classes = _count_classes(path, self.session, self.input, self.batch_size, self.size)
        # Raw boxes leave the exponential of their sizes to whoever decodes them.
        self.decoded = any(node.op_type == "Exp" for node in graph.node)
        self.locations = make_locations(
            [torch.Size((self.size[0] // s, self.size[1] // s)) for s in STRIDES],
            torch.device("cpu"),
        )
        if class_names and len(class_names) != self.classes:
            raise InputError(
                f"{path}: has {self.classes} classes, {len(class_names)} names are given"
            )
        self.class_names = class_names
        on_cpu = self.session.get_providers()[0] == _ON_CPU
        self.streams = cpu_streams() if on_cpu else 1
        self.preprocessing = preprocessing
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh

    def prepare(self, image: Array) -> Prepared:
        """See `Detector.prepare`."""
        return Prepared(*letterbox(image, self.size))

    def infer(self, images: Sequence[Prepared]) -> object:
        """See `Detector.infer`."""
        batch = torch.from_numpy(np.stack([image.pixels for image in images])).permute(0, 3, 1, 2)
        pixels = normalise(batch, self.preprocessing).contiguous().numpy()
        step = self.batch_size or len(pixels)
        outputs = []
        for start in range(0, len(pixels), step):
            some = pixels[start : start + step]
            missing = step - len(some)
            padded = np.pad(some, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else some
            outputs.append(self.session.run(None, {self.input: padded})[0][: len(some)])
        return torch.from_numpy(np.concatenate(outputs))

    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """See `Detector.finish`."""
        assert isinstance(output, torch.Tensor)
        found = []
        for rows, image in zip(output, images, strict=True):
            likely = rows[:, 4] >= self.score_thresh
            rows, locations = rows[likely], self.locations[likely]
            boxes = rows[:, :4] if self.decoded else decode(rows[:, :4], locations)
            corners = box_convert(boxes, "cxcywh", "xyxy")
            classes, class_ids = rows[:, 5:].max(dim=1)
            scores = rows[:, 4] * classes
            kept = suppress(
                corners,
                scores,
                class_ids,
                score_thresh=self.score_thresh,
                nms_thresh=self.nms_thresh,
            )
            found.append(
                to_detections(corners[kept], scores[kept], class_ids[kept], image.letterbox)
            )
        return found


def _open(path: Path, device: torch.device) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Cores are kept busy by several images at once.
    options.intra_op_num_threads = max(torch.get_num_threads() // cpu_streams(), 1)
    providers: list[object] = [_ON_CPU]
    if device.type == "cuda" and _ON_GPU in onnxruntime.get_available_providers():
        providers.insert(0, (_ON_GPU, {"device_id": device.index or 0}))
    return onnxruntime.InferenceSession(str(path), options, providers=providers)


def _read_input(
    path: Path, session: onnxruntime.InferenceSession, size: tuple[int, int] | None
) -> tuple[str, int | None, tuple[int, int]]:
    """Give the input's name, its batch size if that is fixed, and its height and width."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] != 3:
        shapes = ", ".join(str(one.shape) for one in inputs)
        raise InputError(f"{path}: takes {shapes}; a YOLOX takes (B, 3, H, W)")
    batch, _, *fixed = inputs[0].shape
    if all(isinstance(side, int) for side in fixed):
        known = (fixed[0], fixed[1])
        if size not in (None, known):
            raise InputError(
                f"{path}: was exported for {known[0]} × {known[1]}, not {size[0]} × {size[1]}; "
                "leave the size out, export it anew, or load its weights with -f EXP -c FILE"
            )
        size = known
    if size is None:
        raise InputError(f"{path}: leaves its size open; give it: --tsize H W")
    check_input_size(size)
    return inputs[0].name, batch if isinstance(batch, int) else None, size


def _count_classes(
    path: Path,
    session: onnxruntime.InferenceSession,
    name: str,
    batch_size: int | None,
    size: tuple[int, int],
) -> int:
    """Run the network once: files whose batch size is open do not say what they put out."""
    nothing = np.zeros((batch_size or 1, 3, *size), dtype=np.float32)
    try:
        outputs = session.run(None, {name: nothing})
    except Exception as error:  # see above
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be run on {nothing.shape} float32 ({reason})") from None
    count = sum((size[0] // stride) * (size[1] // stride) for stride in STRIDES)
    shapes = [output.shape for output in outputs]
    if len(shapes) != 1 or shapes[0][:-1] != (len(nothing), count) or shapes[0][2] < 6:
        raise InputError(
            f"{path}: puts out {', '.join(map(str, shapes))}; a YOLOX puts out "
            f"({len(nothing)}, {count}, 5 + classes) for {size[0]} × {size[1]}"
        )
    return int(shapes[0][2]) - 5
