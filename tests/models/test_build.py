import pytest
import torch
from torch import nn

from yolox.models.blocks import fuse
from yolox.models.build import SIZES, ReIDOptions, yolox_nano
from yolox.models.info import INPUT_SIZES, count_gflops, describe

# Facts of the original systems: parameters and GFLOPs (thop, doubled) with one class, without and
# with ByteTrack_ReID's head, keys of the published checkpoints, and keys that the head adds: four
# of these are the classifier's and the uncertainties', which here are the criterion's.
FACTS = {
    "nano": ((608, 1088), 896_754, 951_282, 4.12, 4.62, 642, 82),
    "tiny": ((608, 1088), 5_032_866, 5_568_930, 24.60, 29.45, 462, 46),
    "s": ((608, 1088), 8_937_682, 9_873_490, 43.21, 51.69, 462, 46),
    "m": ((800, 1440), 25_280_754, 27_347_826, 207.35, 239.94, 606, 46),
    "l": ((800, 1440), 54_147_986, 57_788_690, 437.83, 495.21, 750, 46),
    "x": ((800, 1440), 98_995_378, 104_652_082, 793.21, 882.36, 894, 46),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_of_the_originals(name):
    size, parameters, with_reid, gflops, gflops_reid, keys, reid_keys = FACTS[name]
    plain, reid = describe(name, size, None), describe(name, size, ReIDOptions("per_level"))
    assert (plain.parameters, reid.parameters) == (parameters, with_reid)
    assert (plain.tensors, reid.tensors) == (keys, keys + reid_keys - 4)
    assert plain.gflops == pytest.approx(gflops, rel=0.01)
    assert reid.gflops == pytest.approx(gflops_reid, rel=0.01)
    assert INPUT_SIZES[name] == size


@pytest.mark.parametrize(("size", "locations"), [((608, 1088), 13566), ((896, 1600), 29400)])
def test_locations(size, locations):
    assert describe("nano", size, None).locations == locations


def test_parts_of_the_small_network():
    """Backbone, neck and head as counted in the original."""
    with torch.device("meta"):
        model = SIZES["s"](1)
    count = {
        "backbone": _count(model.backbone.backbone),
        "neck": _count(model.backbone) - _count(model.backbone.backbone),
        "head": _count(model.head),
    }
    assert count == {"backbone": 4_212_672, "neck": 2_834_688, "head": 1_890_322}


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_key_names_are_those_of_the_published_checkpoints():
    names = set(yolox_nano(80).state_dict())
    assert {
        "backbone.backbone.stem.conv.conv.weight",
        "backbone.backbone.dark2.0.dconv.conv.weight",
        "backbone.backbone.dark5.1.conv2.bn.running_var",
        "backbone.backbone.dark3.1.m.2.conv2.pconv.bn.weight",
        "backbone.lateral_conv0.conv.weight",
        "backbone.C3_p4.m.0.conv1.conv.weight",
        "backbone.bu_conv1.dconv.bn.num_batches_tracked",
        "head.stems.2.bn.bias",
        "head.cls_convs.0.1.pconv.conv.weight",
        "head.obj_preds.1.bias",
    } <= names


@pytest.mark.parametrize("classes", [1, 3, 80])
def test_shapes_for_any_number_of_classes(classes):
    model = yolox_nano(classes).eval()
    with torch.no_grad():
        predictions = model(torch.zeros(2, 3, 64, 96)).predictions
    count = 8 * 12 + 4 * 6 + 2 * 3
    assert predictions.offsets.shape == (2, count, 4)
    assert predictions.objectness.shape == (2, count)
    assert predictions.classes.shape == (2, count, classes)
    assert predictions.locations[[0, 1, 12, 96, -1]].tolist() == [
        [0, 0, 8], [1, 0, 8], [0, 1, 8], [0, 0, 16], [2, 1, 32],
    ]  # fmt: skip


def test_head_starts_at_the_prior():
    head = yolox_nano(3).head
    for layer in (*head.cls_preds, *head.obj_preds):
        torch.testing.assert_close(layer.bias.sigmoid(), torch.full_like(layer.bias, 0.01))


@pytest.mark.parametrize("reid", [None, ReIDOptions("fused"), ReIDOptions("per_level")])
def test_fusing_norms_changes_nothing_else(reid):
    torch.manual_seed(0)
    model = yolox_nano(2, reid)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    model.eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        before = model(images)
        after = fuse(model)(images)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in model.modules())
    for a, b in zip(before.predictions, after.predictions, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match="evaluation mode"):
        fuse(yolox_nano())


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="images are 64×65; pad"):
        yolox_nano()(torch.zeros(1, 3, 64, 65))
    with pytest.raises(ValueError, match="num_classes is 0"):
        yolox_nano(0)
    with pytest.raises(ValueError, match="reid kind is 'both'"):
        yolox_nano(1, ReIDOptions("both"))
    with pytest.raises(ValueError, match="gradient is 2"):
        yolox_nano(1, ReIDOptions(gradient=2))
    with pytest.raises(ValueError, match="emb_dim is 0"):
        yolox_nano(1, ReIDOptions(emb_dim=0))


def test_gflops_of_a_single_layer():
    with torch.device("meta"):
        layer = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4))
    # 4 · 6 · 6 outputs, 27 multiply-adds each.
    assert count_gflops(layer, (8, 8)) * 1e9 == 144 * (2 * 27 + 8)
