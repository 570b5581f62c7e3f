"""A network as an ONNX file that says what it is, compared with torch before it is kept."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor
from torch.export import Dim

from yolox.export.drawn_inputs import draw_inputs, largest_difference
from yolox.export.network import ExportedNetwork
from yolox.export.suppression import append_suppression
from yolox.formats.atomic import put_whole
from yolox.formats.network_metadata import NetworkMetadata
from yolox.models.info import check_input_size
from yolox.models.yolox import YOLOX
from yolox.postprocess import suppress
from yolox.structures import InputError, check_range
from yolox.structures.boxes import Array

OPSETS = range(18, 24)


class OnnxOptions(NamedTuple):
    """What an ONNX file is to be.

    Attributes:
        batch: Images at once; None for any number.
        dynamic_size: Take any height and width that are multiples of 32.
        decoded: Put out boxes, not offsets.
        suppressed: Put out detections, not locations; see `append_suppression`.
        reid: Put out embeddings, if the model has them.
        opset: Version of ONNX's operators, one of `OPSETS`.
        score_thresh: As for `append_suppression`.
        nms_thresh: As for `append_suppression`.
    """

    batch: int | None = 1
    dynamic_size: bool = False
    decoded: bool = True
    suppressed: bool = False
    reid: bool = True
    opset: int = 18
    score_thresh: float = 0.1
    nms_thresh: float = 0.7

    def check(self) -> None:
        """Check the options against each other.

        Raises:
            InputError: One is out of range, or two exclude each other.
        """
        check_range(0, 1, score_thresh=self.score_thresh, nms_thresh=self.nms_thresh)
        if self.opset not in OPSETS:
            raise InputError(f"opset is {self.opset}; give {OPSETS[0]} to {OPSETS[-1]}")
        if self.batch is not None and self.batch < 1:
            raise InputError(f"batch is {self.batch}; give at least 1")
        if self.suppressed and not self.decoded:
            raise InputError("suppression needs boxes, not offsets; leave --no-decode or --nms out")


def export_onnx(
    path: Path,
    model: YOLOX,
    size: tuple[int, int],
    options: OnnxOptions | None = None,
    *,
    class_names: Sequence[str] = (),
    weights_sha256: str = "",
) -> float:
    """Write a network to an ONNX file, unless it does not say what the model says.

    Args:
        path: The file; a crash leaves the old one or the new one.
        model: With its preprocessing set; it stays as it is.
        size: Height and width of the network input.
        options: What the file is to be.
        class_names: By class id, for the metadata.
        weights_sha256: For the metadata.

    Returns:
        The largest difference to torch on a drawn scene.

    Raises:
        InputError: The model has no weights, an option is out of range, or the difference is too
            large.
    """
    options = OnnxOptions() if options is None else options
    options.check()
    check_input_size(size)
    if model.preprocessing is None:
        raise InputError("model.preprocessing is not set; load weights first")
    network = ExportedNetwork(model, decoded=options.decoded, reid=options.reid).eval()
    exported = _trace(network, size, options)
    metadata = NetworkMetadata(
        model.preprocessing,
        list(class_names),
        size,
        "suppressed" if options.suppressed else "decoded" if options.decoded else "raw",
        network.embedding_dim,
        weights_sha256,
        *((options.score_thresh, options.nms_thresh) if options.suppressed else ()),
    )
    sizes = [size, (size[0] + 32, size[1] + 64)] if options.dynamic_size else [size]
    counts = [options.batch] if options.batch else [1, 2]
    onnx.helper.set_model_props(exported, metadata.to_texts())
    with put_whole(path) as aside:
        onnx.save(exported, str(aside))
        onnx.checker.check_model(str(aside))
        return max(
            compare(aside, path.name, network, pixels, options)
            for pixels in draw_inputs(sizes, counts, model.preprocessing)
        )


def compare(
    path: Path, name: str, network: ExportedNetwork, pixels: Array, options: OnnxOptions
) -> float:
    """Run an ONNX file and its network on an input, and give the largest difference.

    Args:
        path: The file.
        name: What to call it.
        network: What was exported, before suppression.
        pixels: `(B, 3, H, W)` float32.
        options: How it was exported.

    Raises:
        InputError: The difference is larger than `TOLERANCE`.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    said = [np.asarray(output) for output in session.run(None, {"images": pixels})]
    with torch.no_grad():
        meant = list(network(torch.from_numpy(pixels)))
    if options.suppressed:
        meant = _suppress(meant, options)
        order = np.lexsort((-said[0][:, 5], said[0][:, 6], said[0][:, 0]))
        said = [output[order] for output in said]
    return largest_difference(said, [output.numpy() for output in meant], name)


def _trace(
    network: ExportedNetwork, size: tuple[int, int], options: OnnxOptions
) -> onnx.ModelProto:
    axes: dict[int, object] = {} if options.batch else {0: Dim("batch")}
    if options.dynamic_size:
        axes |= {2: 32 * Dim("rows"), 3: 32 * Dim("columns")}
    # One image would be taken for a constant.
    images = torch.zeros(options.batch or 2, 3, *size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about itself
        program = torch.onnx.export(
            network,
            (images,),
            dynamo=True,
            verbose=False,
            external_data=False,
            opset_version=options.opset,
            input_names=["images"],
            output_names=["output", "embeddings"][: 1 + bool(network.embedding_dim)],
            dynamic_shapes=(axes,) if axes else None,
        )
    assert program is not None
    exported: onnx.ModelProto = program.model_proto
    _name_axes(exported)
    if options.suppressed:
        exported = append_suppression(
            exported, score_thresh=options.score_thresh, nms_thresh=options.nms_thresh
        )
    return exported


def _name_axes(model: onnx.ModelProto) -> None:
    """Name open axes for people; the exporter's names are formulas."""
    for value, names in [
        (model.graph.input[0], ("batch", "", "height", "width")),
        *((output, ("batch", "locations", "")) for output in model.graph.output),
    ]:
        for axis, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
            if axis.dim_param and name:
                axis.dim_param = name


def _suppress(outputs: list[Tensor], options: OnnxOptions) -> list[Tensor]:
    """Say in torch what `append_suppression` says, ordered by image, class and falling score."""
    detections, embeddings = [], []
    for image, rows in enumerate(outputs[0]):
        corners = torch.cat([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], dim=1)
        classes, class_ids = rows[:, 5:].max(dim=1)
        scores = rows[:, 4] * classes
        kept = suppress(
            corners,
            scores,
            class_ids,
            score_thresh=options.score_thresh,
            nms_thresh=options.nms_thresh,
        )
        kept = kept[class_ids[kept].argsort(stable=True)]
        columns = [corners[kept], scores[kept, None], class_ids[kept, None]]
        detections.append(torch.cat([torch.full((len(kept), 1), float(image)), *columns], dim=1))
        embeddings += [vectors[image, kept] for vectors in outputs[1:]]
    return [torch.cat(detections), *([torch.cat(embeddings)] if embeddings else [])]
