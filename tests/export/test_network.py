import pytest
import torch
from torch.nn import functional

from yolox.export.network import ExportedNetwork, fold_focus
from yolox.models.blocks import Focus, fuse
from yolox.models.build import ReIDOptions, yolox_nano


def shaken(model):
    """Give everything values of its own, the statistics of norms too."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                noise = torch.rand(tensor.shape, generator=generator)
                tensor += 0.1 * (noise if name.endswith("running_var") else noise - 0.5)
    return model.eval()


@pytest.mark.parametrize("size", [(2, 2), (8, 6), (32, 64)])
def test_the_folded_stem_is_the_stem(size):
    stem = shaken(Focus(3, 16)).double()
    folded = fold_focus(fuse(stem)).double()
    assert (folded.conv.kernel_size, folded.conv.stride) == ((6, 6), (2, 2))
    images = torch.rand(2, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        # The weights were copied to float32 and back: nothing else may differ.
        torch.testing.assert_close(folded(images), stem(images), atol=1e-6, rtol=0)


def test_the_folded_stem_places_every_weight():
    stem = Focus(1, 1)
    with torch.no_grad():
        stem.conv.conv.weight.copy_(torch.arange(36.0).reshape(1, 4, 3, 3))
    weight = fold_focus(fuse(stem.eval())).conv.weight[0, 0].detach()
    weight = weight * (1 + 1e-3) ** 0.5  # what the norm divides by
    # Patch channels are upper left, lower left, upper right, lower right.
    expected = [
        [0, 18, 1, 19, 2, 20],
        [9, 27, 10, 28, 11, 29],
        [3, 21, 4, 22, 5, 23],
        [12, 30, 13, 31, 14, 32],
        [6, 24, 7, 25, 8, 26],
        [15, 33, 16, 34, 17, 35],
    ]
    torch.testing.assert_close(weight, torch.tensor(expected).float())


@pytest.mark.parametrize("bnneck", [False, True])
@pytest.mark.parametrize("kind", ["per_level", "fused"])
def test_rows_and_embeddings_are_the_models(kind, bnneck):
    model = shaken(yolox_nano(3, ReIDOptions(kind, emb_dim=8, bnneck=bnneck)))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    images = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        rows, embeddings = ExportedNetwork(model).eval()(images)
        predictions, maps = model(images)
        boxes = predictions.boxes()
        torch.testing.assert_close(rows[..., :4], boxes, atol=1e-3, rtol=1e-4)
        torch.testing.assert_close(rows[..., 4], predictions.objectness.sigmoid())
        torch.testing.assert_close(rows[..., 5:], predictions.classes.sigmoid())
        every = torch.arange(boxes.shape[1])
        for image in range(2):
            one = model.reid_head.embed(
                maps, torch.full_like(every, image), every, boxes[image, :, :2]
            )
            torch.testing.assert_close(
                embeddings[image], functional.normalize(one), atol=1e-4, rtol=0
            )
    assert embeddings.shape == (2, 126, 8)
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_offsets_and_no_embeddings_on_demand():
    model = shaken(yolox_nano(1, ReIDOptions("fused", emb_dim=8)))
    network = ExportedNetwork(model, decoded=False, reid=False).eval()
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        (rows,) = network(images)
        torch.testing.assert_close(
            rows[..., :4], model(images).predictions.offsets, atol=1e-4, rtol=1e-4
        )
    assert network.embedding_dim == 0
    assert ExportedNetwork(model).embedding_dim == 8
    assert model.reid_head is not None
