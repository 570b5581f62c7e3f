"""Images to detections: what every detector promises, and a network of this project as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
import torch

from yolox.data.loader import normalise
from yolox.data.preprocess import letterbox
from yolox.models.blocks import fuse
from yolox.models.info import check_input_size
from yolox.models.yolox import YOLOX
from yolox.postprocess import postprocess
from yolox.structures import Detections, InputError, check_range
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Letterbox

Precision = Literal["fp32", "fp16", "bf16"]
_TYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
# Each needs memory of its own.
_MOST_STREAMS = 8


class Prepared(NamedTuple):
    """An image fitted into the network input: `(H, W, 3)` uint8 BGR, and how it was fitted."""

    pixels: Array
    letterbox: Letterbox


class Detector(Protocol):
    """Anything that finds objects in images; of several images as of each alone.

    Attributes:
        class_names: By class id; empty if unknown.
        streams: Calls of `infer` that are best run at once.
    """

    class_names: Sequence[str]
    streams: int

    def prepare(self, image: Array) -> Prepared:
        """Fit an image `(H, W, 3)` uint8 BGR into the input; runs beside `infer`."""

    def infer(self, images: Sequence[Prepared]) -> object:
        """Run the network over images, at least one."""

    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """Turn what `infer` gave into the detections of each image, in its own pixels."""


class NetworkDetector:
    """A `YOLOX` with everything that makes it fast and leaves what it says as it is."""

    def __init__(
        self,
        model: YOLOX,
        size: tuple[int, int],
        *,
        device: torch.device | str = "cpu",
        precision: Precision = "fp32",
        fused: bool = True,
        channels_last: bool = True,
        compiled: bool = False,
        score_thresh: float = 0.1,
        nms_thresh: float = 0.7,
        class_names: Sequence[str] = (),
    ) -> None:
        """Take a model over for inference.

        Args:
            model: With its preprocessing set; it can no longer be trained.
            size: Height and width of the network input, multiples of 32.
            device: Where to run.
            precision: Of weights and activations; boxes are decoded in single precision always.
            fused: Fold the norms into the convolutions.
            channels_last: Keep the channels of a pixel together in memory.
            compiled: Let `torch.compile` make a program of it, at the first images.
            score_thresh: Least score of a detection.
            nms_thresh: Largest overlap of two detections that both stay.
            class_names: By class id.

        Raises:
            InputError: The model has no weights, or an option does not go with the device.
        """
        preprocessing = model.preprocessing
        if preprocessing is None:
            raise InputError("model.preprocessing is not set; load weights, or say what they want")
        check_input_size(size)
        check_range(0, 1, score_thresh=score_thresh, nms_thresh=nms_thresh)
        classes = model.head.num_classes
        if class_names and len(class_names) != classes:
            raise InputError(f"the model has {classes} classes, {len(class_names)} names are given")
        self.device = torch.device(device)
        if precision == "fp16" and self.device.type == "cpu":
            raise InputError("fp16 is for a GPU; take bf16 on a CPU, or a GPU by --device")
        model = model.eval()
        if fused:
            fuse(model)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.model = model.to(self.device, _TYPES[precision], memory_format=layout)  # type: ignore[call-overload]
        self.run = torch.compile(self.model) if compiled else self.model
        self.preprocessing = preprocessing
        self.size = size
        self.layout = layout
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.class_names = class_names
        self.streams = cpu_streams() if self.device.type == "cpu" else 1

    def prepare(self, image: Array) -> Prepared:
        """See `Detector.prepare`."""
        return Prepared(*letterbox(image, self.size))

    @torch.inference_mode()
    def infer(self, images: Sequence[Prepared]) -> object:
        """See `Detector.infer`."""
        batch = torch.stack([torch.from_numpy(image.pixels) for image in images])
        pixels = normalise(batch.to(self.device).permute(0, 3, 1, 2), self.preprocessing)
        output = self.run(pixels.to(next(self.model.parameters()).dtype, memory_format=self.layout))
        _wait(self.device)
        return output

    @torch.inference_mode()
    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """See `Detector.finish`."""
        return postprocess(
            output,  # type: ignore[arg-type]
            [image.letterbox for image in images],
            score_thresh=self.score_thresh,
            nms_thresh=self.nms_thresh,
            reid_head=self.model.reid_head,
        )


class ClassFilter:
    """Another detector, of which only some classes are wanted."""

    def __init__(self, detector: Detector, class_ids: Sequence[int]) -> None:
        self.detector = detector
        self.class_ids = class_ids
        self.class_names = detector.class_names
        self.streams = detector.streams

    def prepare(self, image: Array) -> Prepared:
        """See `Detector.prepare`."""
        return self.detector.prepare(image)

    def infer(self, images: Sequence[Prepared]) -> object:
        """See `Detector.infer`."""
        return self.detector.infer(images)

    def finish(self, output: object, images: Sequence[Prepared]) -> list[Detections]:
        """See `Detector.finish`."""
        found = self.detector.finish(output, images)
        return [one.take(np.isin(one.class_ids, self.class_ids)) for one in found]


def cpu_streams() -> int:
    """Choose how many images a CPU's cores work on at once."""
    return min(torch.get_num_threads(), _MOST_STREAMS)


def _wait(device: torch.device) -> None:
    """Let the device finish, so that each stage's time is its own."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
