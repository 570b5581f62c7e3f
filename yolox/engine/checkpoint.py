"""Weights from files, and into files; no file ever runs code.

Checkpoints of YOLOX, ByteTrack and ByteTrack_ReID load by their own key names, an ONNX export of
YOLOX by the order of its convolutions (`onnx_weights.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tabulate import tabulate
from torch import Tensor, nn

from yolox.engine.plain_file import read_plain
from yolox.formats.atomic import write_whole
from yolox.formats.text import check_file
from yolox.models.blocks import BaseConv
from yolox.models.yolox import YOLOX
from yolox.structures import InputError
from yolox.structures.preprocessing import LEGACY, PREPROCESSINGS, Preprocessing

State = Mapping[str, Tensor]

# ByteTrack_ReID keeps everything in its head; here the classifier and the uncertainties belong to
# the criterion, which is not needed once training is over.
_RENAMED = {"head.reid_convs.": "reid_head.convs.", "head.reid_preds.": "reid_head.preds."}
_CRITERION = {
    "head.reid_classifier.": "identity_loss.loss.classifier.",
    "head.s_det": "balance.s_det",
    "head.s_id": "balance.s_id",
}


class Checkpoint(NamedTuple):
    """What a file holds, under this project's names.

    Attributes:
        model: State of a `YOLOX`.
        criterion: State of a `Criterion` as far as the file has it.
        preprocessing: What the weights expect of their input, None if the file does not say.
        class_names: Names of the classes, empty if the file does not say.
    """

    model: State
    criterion: State
    preprocessing: Preprocessing | None
    class_names: list[str]


class Mismatch(NamedTuple):
    """One tensor that was not loaded."""

    name: str
    in_model: str
    in_file: str


def read_checkpoint(path: Path | str) -> Checkpoint:
    """Read a `.pth`, `.pt` or `.pth.tar` file without running anything in it.

    Raises:
        InputError: The file is missing or holds anything but plain data.
    """
    path = Path(path)
    check_file(path)
    if path.suffix == ".onnx":
        raise InputError(f"{path}: is an ONNX file; read it with onnx_weights.read_onnx")
    content = read_plain(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds a {type(content).__name__}; give a YOLOX checkpoint")
    state = _tensors(path, "model", content.get("model", content.get("state_dict", content)))
    if not state:
        raise InputError(f"{path}: holds no weights; give a YOLOX checkpoint")
    model: dict[str, Tensor] = {}
    criterion = dict(_tensors(path, "criterion", content.get("criterion", {})))
    for full_name, tensor in state.items():
        name = full_name.removeprefix("module.")
        in_criterion = _rename(name, _CRITERION)
        if in_criterion:
            criterion[in_criterion] = tensor
        else:
            model[_rename(name, _RENAMED) or name] = tensor
    class_names = content.get("class_names", [])
    if not isinstance(class_names, list) or not all(isinstance(name, str) for name in class_names):
        raise InputError(f"{path}: class_names are {class_names!r}; they should be texts")
    # Only ByteTrack_ReID wrote such keys, and it knew one way to prepare an image.
    is_bytetrack_reid = any("head.reid_" in name for name in state)
    stated = content.get("preprocessing", LEGACY.name if is_bytetrack_reid else None)
    if stated is not None and stated not in list(PREPROCESSINGS):
        raise InputError(f"{path}: preprocessing is {stated!r}, unknown to this version")
    preprocessing = None if stated is None else PREPROCESSINGS[stated]
    return Checkpoint(model, criterion, preprocessing, class_names)


def save_checkpoint(
    path: Path,
    model: YOLOX,
    *,
    criterion: nn.Module | None = None,
    class_names: list[str] | None = None,
    made_by: Mapping[str, Any] | None = None,
) -> None:
    """Write weights with what is needed to use them; a crash leaves the old file or the new one.

    Args:
        path: The file.
        model: The weights, and what input they expect.
        criterion: Its state is kept for training on.
        class_names: By class id.
        made_by: Plain values to be read by people: the exp's settings, versions.

    Raises:
        InputError: The model does not know what input its weights expect.
    """
    if model.preprocessing is None:
        raise InputError("model.preprocessing is not set; say what input the weights expect")
    if any(isinstance(module, BaseConv) and module.is_fused for module in model.modules()):
        raise InputError("the model's norms are folded in; save it before fuse()")
    content = {
        "model": model.state_dict(),
        "criterion": criterion.state_dict() if criterion else {},
        "preprocessing": model.preprocessing.name,
        "class_names": class_names or [],
        "made_by": dict(made_by or {}),
    }
    with write_whole(path, "wb") as file:
        torch.save(content, file)


def load_model(
    model: YOLOX,
    checkpoint: Checkpoint,
    *,
    preprocessing: Preprocessing | None = None,
    partial: bool = False,
) -> list[Mismatch]:
    """Load a checkpoint into a model, and note on the model what input the weights expect.

    Args:
        model: The model; its `preprocessing` is set.
        checkpoint: From `read_checkpoint` or `read_onnx`.
        preprocessing: What input the weights expect, for files that do not say.
        partial: Leave out what does not fit, such as the class layers of another data set.

    Returns:
        What was left out, empty unless `partial`.

    Raises:
        InputError: Something does not fit, with a table of it; or the preprocessing is not known,
            or contradicts the file.
    """
    if preprocessing and checkpoint.preprocessing and preprocessing != checkpoint.preprocessing:
        raise InputError(
            f"the checkpoint says {checkpoint.preprocessing.name!r} preprocessing, "
            f"not {preprocessing.name!r}; take the exp that it was trained with, or set "
            f"preprocessing {checkpoint.preprocessing.name}"
        )
    known = checkpoint.preprocessing or preprocessing
    if known is None:
        raise InputError(
            "the weights do not say what input they expect; give preprocessing: legacy (ByteTrack, "
            "YOLOX 0.1: RGB, mean and deviation) or current (YOLOX since 0.2: BGR, 0 to 255)"
        )
    mismatches = load_state(model, checkpoint.model, partial=partial)
    model.preprocessing = known
    return mismatches


def load_state(module: nn.Module, state: State, *, partial: bool = False) -> list[Mismatch]:
    """Load tensors by name; see `load_model`."""
    own = module.state_dict()
    mismatches = [
        Mismatch(name, _shape(own.get(name)), _shape(state.get(name)))
        for name in sorted(own.keys() | state.keys())
        if name not in own or name not in state or own[name].shape != state[name].shape
    ]
    if mismatches and not partial:
        raise InputError(
            f"tensors that do not fit: {len(mismatches)}; load partially to leave them out\n"
            f"{format_mismatches(mismatches)}"
        )
    fitting = state.keys() - {mismatch.name for mismatch in mismatches}
    if own and 2 * len(fitting) < len(state):
        raise InputError(
            f"only {len(fitting)} of the file's {len(state)} tensors fit; "
            "is it of another size, or another network?"
        )
    module.load_state_dict({name: state[name] for name in fitting}, strict=False)
    return mismatches


def format_mismatches(mismatches: list[Mismatch]) -> str:
    """Lay out what does not fit as a table."""
    table: str = tabulate(mismatches, headers=["tensor", "model", "file"])
    return table


def describe_left_out(names: Sequence[str]) -> str | None:
    """Say, of a model's tensors by name, what the weights to begin with did not have."""
    if not names:
        return None
    parts = sorted({name.split(".")[0] for name in names})
    return f"note: {len(names)} tensors of {', '.join(parts)} are not in the weights and begin anew"


def _tensors(path: Path, what: str, state: object) -> State:
    if not isinstance(state, Mapping) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in state.items()
    ):
        raise InputError(f"{path}: {what!r} holds no tensors by name; give a YOLOX checkpoint")
    return state


def _rename(name: str, prefixes: Mapping[str, str]) -> str | None:
    for old, new in prefixes.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return None


def _shape(tensor: Tensor | None) -> str:
    return "-" if tensor is None else " x ".join(map(str, tensor.shape)) or "scalar"
