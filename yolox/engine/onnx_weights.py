"""Weights from an ONNX export of YOLOX, for inference.

Such a file holds convolutions into which the batch norms are folded, mostly without names. They are
told apart by the order in which the network runs them. Neighbours of equal shape differ in nothing
else, so a file whose nodes another tool has reordered would be misread: compare the output once
with the original's.
"""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from yolox.engine.checkpoint import Checkpoint
from yolox.formats.network_metadata import VERSION
from yolox.formats.text import check_file
from yolox.models.blocks import NORM_EPS, BaseConv
from yolox.models.yolox import YOLOX
from yolox.structures import InputError


def read_onnx(path: Path | str, model: YOLOX) -> Checkpoint:
    """Read the weights of the detector from an ONNX file, for inference.

    The norms are folded in and cannot be had back: a pass in training mode, which lets norms take
    the statistics of the batch, ruins the weights.

    Args:
        path: An export of YOLOX with the norms folded in, as its own tool writes it.
        model: A model of the same size and number of classes; it is not changed.

    Raises:
        InputError: The file is missing, is no ONNX file, or is of another network.
    """
    path = Path(path)
    check_file(path)
    try:
        content = onnx.load(str(path), load_external_data=False)
        graph = content.graph
        tensors = {tensor.name: tensor for tensor in graph.initializer}
        in_file = [
            [torch.from_numpy(np.array(numpy_helper.to_array(tensors[name]))) for name in names]
            for names in (list(node.input)[1:] for node in graph.node if node.op_type == "Conv")
            if names and all(name in tensors for name in names)
        ]
    except Exception as error:  # protobuf's DecodeError has no public home
        raise InputError(f"{path}: is no ONNX file that can be read ({error})") from None
    if any(prop.key == VERSION for prop in content.metadata_props):
        raise InputError(
            f"{path}: was exported by this project and is a whole detector: give it as --detector, "
            "or take the checkpoint that it came from"
        )
    in_model = _convolutions_as_run(model)
    if len(in_file) != len(in_model):
        raise InputError(
            f"{path}: has {len(in_file)} convolutions, the model {len(in_model)}; build the size "
            "that was exported (nano has 113, tiny and s 83), if this is a YOLOX"
        )
    modules = dict(model.named_modules())
    state: dict[str, Tensor] = {}
    for name, weights in zip(in_model, in_file, strict=True):
        if len(weights) != 2 or weights[0].shape != modules[name].weight.shape:
            raise InputError(
                f"{path}: a convolution is {tuple(weights[0].shape)} where the model's {name} is "
                f"{tuple(modules[name].weight.shape)}; build the size and classes exported"
            )
        state.update(_unfold(name, modules, *weights))
    return Checkpoint(state, {}, None, [])


def _convolutions_as_run(model: YOLOX) -> list[str]:
    """Name the detector's convolutions in the order of YOLOX's own forward pass."""
    traced = deepcopy(model).float().cpu().eval()
    names = {module: name for name, module in traced.named_modules()}
    order: list[str] = []
    for module, name in names.items():
        if isinstance(module, nn.Conv2d) and not name.startswith("reid_head"):
            module.register_forward_hook(lambda module, *_: order.append(names[module]))
    with torch.no_grad():
        traced(torch.zeros(1, 3, 64, 64))
    # Here all stems run before the branches; YOLOX runs one level after the other.
    return sorted(order, key=_level)


def _level(name: str) -> int:
    match = re.match(r"head\.\w+\.(\d)", name)
    return int(match[1]) if match else -1


def _unfold(
    name: str, modules: dict[str, nn.Module], weight: Tensor, bias: Tensor
) -> dict[str, Tensor]:
    """Give a convolution its weight, and its norm the values with which it only adds the bias."""
    block = name.removesuffix(".conv")
    if not isinstance(modules[block], BaseConv):
        return {f"{name}.weight": weight, f"{name}.bias": bias}
    return {
        f"{name}.weight": weight,
        f"{block}.bn.weight": torch.ones_like(bias),
        f"{block}.bn.bias": bias,
        f"{block}.bn.running_mean": torch.zeros_like(bias),
        f"{block}.bn.running_var": torch.full_like(bias, 1 - NORM_EPS),
        f"{block}.bn.num_batches_tracked": torch.tensor(0),
    }
