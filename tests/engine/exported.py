"""Networks of this project as ONNX files, in the form of YOLOX's own export tool."""

import warnings

import torch
from torch import nn

from yolox.models.yolo_head import decode, make_locations


class YoloxOutput(nn.Module):
    """A network that puts out `(B, N, 5 + C)`: boxes, raw or decoded, and probabilities."""

    def __init__(self, model, *, decoded):
        super().__init__()
        self.model = model
        self.decoded = decoded

    def forward(self, images):
        """Run one level after the other, as YOLOX does."""
        head, levels, locations = self.model.head, [], []
        for k, features in enumerate(self.model.backbone(images)):
            stem = head.stems[k](features)
            classes = head.cls_preds[k](head.cls_convs[k](stem))
            branch = head.reg_convs[k](stem)
            boxes, objectness = head.reg_preds[k](branch), head.obj_preds[k](branch)
            level = torch.cat([boxes, objectness.sigmoid(), classes.sigmoid()], dim=1)
            levels.append(level.flatten(2))
            locations.append(stem.shape[-2:])
        rows = torch.cat(levels, dim=2).permute(0, 2, 1)
        if not self.decoded:
            return rows
        boxes = decode(rows[..., :4], make_locations(locations, images.device))
        return torch.cat([boxes, rows[..., 4:]], dim=-1)


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
