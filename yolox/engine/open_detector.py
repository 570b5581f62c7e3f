"""From what a user names - an exp with weights, or an ONNX file - to a detector that runs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch

from yolox.engine.checkpoint import Checkpoint, load_model, read_checkpoint
from yolox.engine.detector import ClassFilter, Detector, NetworkDetector, Precision
from yolox.engine.onnx_weights import read_onnx
from yolox.exp import load_exp
from yolox.exp.base import Exp
from yolox.formats.coco import COCO_CLASSES
from yolox.models.yolox import YOLOX
from yolox.structures import InputError
from yolox.structures.preprocessing import PREPROCESSINGS


class DetectorChoice(NamedTuple):
    """What a user says of the detector; another process can open it too.

    Attributes:
        exp_file: The Exp file, with `weights`.
        weights: Of the exp's network: a checkpoint, or an ONNX file of the same network.
        settings: `KEY VALUE` pairs that override the exp's.
        onnx: A whole detector as an ONNX file, in place of `exp_file` and `weights`.
        runtime: What runs `onnx`.
        preprocessing: What `onnx` expects, if it does not say.
        size: Height and width of the input; the exp's or the file's own if None.
        device: Where to run.
        precision: See `NetworkDetector`, as of the next three.
        fused: See there.
        channels_last: See there.
        compiled: See there.
        score_thresh: Least score; the exp's, or the ONNX file's or 0.1, if None.
        nms_thresh: Largest overlap; the exp's, or the file's or 0.7, if None.
        classes: Names or numbers of the classes to find; all if empty.
    """

    exp_file: Path | None = None
    weights: Path | None = None
    settings: tuple[str, ...] = ()
    onnx: Path | None = None
    runtime: Literal["onnxruntime", "openvino"] = "onnxruntime"
    preprocessing: str | None = None
    size: tuple[int, int] | None = None
    device: str = "cpu"
    precision: Precision = "fp32"
    fused: bool = True
    channels_last: bool = True
    compiled: bool = False
    score_thresh: float | None = None
    nms_thresh: float | None = None
    classes: tuple[str, ...] = ()

    def read_exp(self) -> Exp:
        """Run the Exp file and override its settings.

        Raises:
            InputError: There is none, or it or a setting is wrong.
        """
        if self.exp_file is None or self.weights is None:
            raise InputError(
                "no detector is named; give an exp and its weights (-f and -c), or, where there is "
                "--detector, an ONNX file"
            )
        exp = load_exp(self.exp_file)
        exp.merge(list(self.settings))
        if self.size is not None:
            exp.test_size = self.size
        if self.score_thresh is not None:
            exp.test_conf = self.score_thresh
        if self.nms_thresh is not None:
            exp.nmsthre = self.nms_thresh
        return exp


def open_detector(choice: DetectorChoice) -> Detector:
    """Open a detector.

    Raises:
        InputError: A file is missing or does not fit, or the choice contradicts itself.
    """
    _check_device(choice.device)
    detector = _open_network(choice) if choice.onnx is None else _open_onnx(choice.onnx, choice)
    if not choice.classes:
        return detector
    return ClassFilter(detector, _class_ids(choice.classes, detector.class_names))


class OpenedModel(NamedTuple):
    """A network with its weights.

    Attributes:
        model: In training mode, as it was built.
        class_names: By class id; empty if unknown.
        exp: What built it.
    """

    model: YOLOX
    class_names: Sequence[str]
    exp: Exp


def open_model(choice: DetectorChoice) -> OpenedModel:
    """Build an exp's network and load its weights.

    Raises:
        InputError: A file is missing or does not fit.
    """
    exp = choice.read_exp()
    assert choice.weights is not None
    model = exp.get_model()
    checkpoint = read_weights(choice.weights, model)
    load_model(model, checkpoint, preprocessing=PREPROCESSINGS[exp.preprocessing])
    return OpenedModel(model, checkpoint.class_names or _names_of(exp.num_classes), exp)


def _open_network(choice: DetectorChoice) -> Detector:
    model, class_names, exp = open_model(choice)
    return NetworkDetector(
        model,
        exp.test_size,
        device=choice.device,
        precision=choice.precision,
        fused=choice.fused,
        channels_last=choice.channels_last,
        compiled=choice.compiled,
        score_thresh=exp.test_conf,
        nms_thresh=exp.nmsthre,
        class_names=class_names,
    )


def _open_onnx(path: Path, choice: DetectorChoice) -> Detector:
    if choice.exp_file or choice.weights or choice.settings:
        raise InputError(f"{path} is a whole detector; leave -f, -c and KEY VALUE out")
    if choice.precision == "fp16" or choice.compiled:
        raise InputError(f"{path}: runs as it was exported; leave --fp16 and --compile out")
    try:
        from yolox.engine.onnx_detector import OnnxDetector
    except ImportError as error:  # networks run without it
        raise InputError(
            f"{path}: {error}; install ONNX Runtime: pip install onnxruntime"
        ) from None
    detector = OnnxDetector(
        path,
        PREPROCESSINGS[choice.preprocessing] if choice.preprocessing else None,
        choice.size,
        runtime=choice.runtime,
        bf16=choice.precision == "bf16",
        device=choice.device,
        score_thresh=choice.score_thresh,
        nms_thresh=choice.nms_thresh,
    )
    detector.class_names = detector.class_names or _names_of(detector.classes)
    return detector


def read_weights(path: Path, model: YOLOX) -> Checkpoint:
    """Read a checkpoint, or an ONNX file of the model's network."""
    return read_onnx(path, model) if path.suffix == ".onnx" else read_checkpoint(path)


def _check_device(name: str) -> None:
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"there is no device {name!r}; give cpu, cuda, cuda:1 or mps") from None
    there = {
        "cuda": (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, True):
        raise InputError(f"device {name} is not there; take --device cpu")


def _names_of(classes: int) -> Sequence[str]:
    """Name the classes of weights that do not: 80 are COCO's."""
    return COCO_CLASSES if classes == len(COCO_CLASSES) else ()


def _class_ids(wanted: Sequence[str], names: Sequence[str]) -> list[int]:
    """Turn names or numbers into class ids."""
    ids = []
    for word in wanted:
        if word in names:
            ids.append(list(names).index(word))
        elif word.isdecimal() and (not names or int(word) < len(names)):
            ids.append(int(word))
        else:
            near = difflib.get_close_matches(word, names, n=3)
            some = ", ".join(names[:3])
            known = f"names ({some}, ...), or numbers below {len(names)}" if names else "numbers"
            hint = f"did you mean {', '.join(near)}?" if near else f"give {known}"
            raise InputError(f"the detector knows no class {word!r}; {hint}")
    return ids
