"""Networks of this project as ONNX files, in the form of YOLOX's own export tool."""

import warnings

import torch
from torch import nn


class YoloxOutput(nn.Module):
    """A network that puts out `(B, N, 5 + C)`: boxes, raw or decoded, and probabilities."""

    def __init__(self, model, *, decoded):
        super().__init__()
        self.model = model
        self.decoded = decoded

    def forward(self, images):
        said = self.model(images).predictions
        boxes = said.boxes() if self.decoded else said.offsets
        objectness = said.objectness.sigmoid()[..., None]
        return torch.cat([boxes, objectness, said.classes.sigmoid()], dim=-1)


def export(network, path, size, *, batch=1, open_axes=None):
    """Write a network; `open_axes` names the axes of the input that may be of any length."""
    axes = {"dynamic_axes": {"images": open_axes, "output": {0: "batch"}}} if open_axes else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather be the newer exporter
        torch.onnx.export(
            network.eval(),
            (torch.zeros(batch, 3, *size),),
            str(path),
            dynamo=False,
            input_names=["images"],
            output_names=["output"],
            **axes,
        )
    return path
