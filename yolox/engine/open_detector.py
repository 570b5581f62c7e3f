"""From what a user names - an exp with weights, or an exported network - to a running detector."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from yolox.engine.checkpoint import Checkpoint, load_model, read_checkpoint
from yolox.engine.detector import ClassFilter, Detector, NetworkDetector, Precision
from yolox.engine.ncnn_detector import NcnnDetector
from yolox.engine.onnx_detector import OnnxDetector
from yolox.engine.onnx_session import Runtime
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
        exported: In place of an exp: an ONNX file, a TensorRT engine, or a folder for ncnn.
        runtime: What runs an ONNX file; ONNX Runtime if None.
        preprocessing: What an ONNX file expects, if it does not say.
        size: Height and width of the input; the exp's or the file's own if None.
        device: Where to run.
        precision: See `NetworkDetector`, as of the next three.
        fused: See there.
        channels_last: See there.
        compiled: See there.
        score_thresh: Least score; the exp's, or the exported file's or 0.1, if None.
        nms_thresh: Largest overlap; the exp's, or that file's or 0.7, if None.
        classes: Names or numbers of the classes to find; all if empty.
    """

    exp_file: Path | None = None
    weights: Path | None = None
    settings: tuple[str, ...] = ()
    exported: Path | None = None
    runtime: Runtime | None = None
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
        if self.exported is not None:
            raise InputError(
                f"{self.exported}: is a whole detector, without an exp to say what to run on; give "
                "a tree (--gt), or -f and -c"
            )
        if self.exp_file is None or self.weights is None:
            raise InputError(
                "no detector is named; give an exp and its weights (-f and -c), or an exported "
                "network (--detector)"
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
    detector = _open_network(choice) if choice.exported is None else _open_exported(choice)
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
    if choice.runtime or choice.preprocessing:
        raise InputError("--runtime and --preprocessing belong to --detector; leave them out")
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


def _open_exported(choice: DetectorChoice) -> Detector:
    path = choice.exported
    assert path is not None
    if choice.exp_file or choice.weights or choice.settings:
        raise InputError(f"{path} is a whole detector; leave -f, -c and KEY VALUE out")
    if choice.precision == "fp16" or choice.compiled or not (choice.fused and choice.channels_last):
        raise InputError(
            f"{path}: runs as it was exported; leave --fp16, --compile, --no-fuse and "
            "--no-channels-last out"
        )
    detector = _open_ncnn(path, choice) if path.is_dir() else _open_onnx(path, choice)
    detector.class_names = detector.class_names or _names_of(detector.classes)
    return detector


def _open_onnx(path: Path, choice: DetectorChoice) -> OnnxDetector:
    return OnnxDetector(
        path,
        PREPROCESSINGS[choice.preprocessing] if choice.preprocessing else None,
        choice.size,
        runtime=choice.runtime or "onnxruntime",
        bf16=choice.precision == "bf16",
        device=choice.device,
        score_thresh=choice.score_thresh,
        nms_thresh=choice.nms_thresh,
    )


def _open_ncnn(folder: Path, choice: DetectorChoice) -> NcnnDetector:
    if choice.runtime or choice.preprocessing:
        raise InputError(
            f"{folder}: ncnn runs it, and it says what input it expects; leave --runtime and "
            "--preprocessing out"
        )
    if torch.device(choice.device).type != "cpu":
        raise InputError(f"{folder}: ncnn runs it on the CPU; give --device cpu")
    return NcnnDetector(
        folder,
        size=choice.size,
        bf16=choice.precision == "bf16",
        score_thresh=0.1 if choice.score_thresh is None else choice.score_thresh,
        nms_thresh=0.7 if choice.nms_thresh is None else choice.nms_thresh,
    )


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
