import pytest
import torch
from torch.nn import functional

from yolox.models.build import SIZES, ReIDOptions, yolox_nano
from yolox.models.reid_head import FusedReID, PerLevelReID

KINDS = ("per_level", "fused")


def _sum_of_everything(output):
    return sum(part.square().sum() for part in output.predictions[:3])


def _detector_gradients(name, reid, with_identity, images):
    torch.manual_seed(0)
    model = SIZES[name](1, reid)
    output = model(images)
    loss = _sum_of_everything(output)
    if with_identity:
        loss = loss + sum(level.square().sum() for level in output.embedding_maps)
    loss.backward()
    return {
        key: parameter.grad.clone()
        for key, parameter in model.named_parameters()
        if not key.startswith("reid_head")
    }, model


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SIZES)
def test_gradient_0_leaves_the_detector_untouched_to_the_bit(name, kind):
    images = torch.randn(1, 3, 64, 64)
    alone, _ = _detector_gradients(name, None, False, images)
    gated, model = _detector_gradients(name, ReIDOptions(kind, gradient=0.0), True, images)
    assert alone.keys() == gated.keys()
    assert all(torch.equal(alone[key], gated[key]) for key in alone)
    assert all(p.grad is not None for p in model.reid_head.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_the_gate_scales_what_comes_back(kind):
    images = torch.randn(1, 3, 64, 64)
    stem = "backbone.backbone.stem.conv.conv.weight"
    reached = {}
    for share in (0.0, 0.25, 1.0):
        gradients, _ = _detector_gradients("nano", ReIDOptions(kind, gradient=share), True, images)
        reached[share] = gradients[stem]
    whole, quarter = reached[1.0] - reached[0.0], reached[0.25] - reached[0.0]
    assert whole.abs().max() > 0
    torch.testing.assert_close(quarter, 0.25 * whole, rtol=1e-3, atol=1e-3 * whole.abs().max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_gate_changes_no_value(kind, share):
    torch.manual_seed(0)
    model = yolox_nano(1, ReIDOptions(kind, gradient=share)).eval()
    torch.manual_seed(0)
    free = yolox_nano(1, ReIDOptions(kind)).eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for a, b in zip(model(images).embedding_maps, free(images).embedding_maps, strict=True):
            assert torch.equal(a, b)


def test_per_level_reads_the_embedding_at_a_location():
    head = PerLevelReID(8, emb_dim=5)
    maps = [torch.randn(2, 5, 8, 8), torch.randn(2, 5, 4, 4), torch.randn(2, 5, 2, 2)]
    images = torch.tensor([0, 1, 1])
    locations = torch.tensor([8 * 3 + 2, 64 + 4 * 1 + 3, 64 + 16 + 3])
    sampled = head.sample(maps, images, locations, torch.zeros(3, 2))
    expected = [maps[0][0, :, 3, 2], maps[1][1, :, 1, 3], maps[2][1, :, 1, 1]]
    assert torch.equal(sampled, torch.stack(expected))


def test_fused_reads_the_map_bilinearly_where_the_centre_is():
    head = FusedReID((8, 16, 32), 8, emb_dim=5)
    level = torch.randn(2, 5, 6, 9)
    points = torch.rand(40, 2) * torch.tensor([8 * 9 + 40, 8 * 6 + 40]) - 20  # some outside
    images = torch.randint(0, 2, (40,))
    sampled = head.sample([level], images, torch.zeros(40, dtype=torch.int64), points)
    grid = points / torch.tensor([8 * 9 / 2, 8 * 6 / 2]) - 1
    for k in range(40):
        reference = functional.grid_sample(
            level[images[k]][None], grid[k].view(1, 1, 1, 2), "bilinear", "border",
            align_corners=False,
        )  # fmt: skip
        torch.testing.assert_close(sampled[k], reference.flatten(), rtol=1e-4, atol=1e-5)


def test_fused_at_the_middle_of_a_cell_is_the_cell():
    head = FusedReID((8, 16, 32), 8, emb_dim=5)
    level = torch.randn(1, 5, 6, 9)
    sampled = head.sample(
        [level], torch.tensor([0]), torch.tensor([0]), torch.tensor([[8 * 4 + 4.0, 8 * 2 + 4.0]])
    )
    torch.testing.assert_close(sampled[0], level[0, :, 2, 4])


@pytest.mark.parametrize("kind", KINDS)
def test_bnneck_normalises_over_the_batch(kind):
    head = yolox_nano(1, ReIDOptions(kind, emb_dim=16, bnneck=True)).reid_head
    embeddings = head.bnneck(torch.randn(64, 16) * 3 + 5)
    torch.testing.assert_close(embeddings.mean(0), torch.zeros(16), atol=1e-4, rtol=0)
    assert not head.bnneck.bias.requires_grad


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_bnneck_takes_any_number_of_people(kind, count):
    head = yolox_nano(1, ReIDOptions(kind, emb_dim=6, bnneck=True)).reid_head
    sizes = [(8, 8), (4, 4), (2, 2)] if kind == "per_level" else [(8, 8)]
    maps = [torch.randn(1, 6, *size, dtype=torch.bfloat16) for size in sizes]
    where = torch.zeros(count, dtype=torch.int64)
    embeddings = head.embed(maps, where, where, torch.rand(count, 2) * 64)
    assert embeddings.shape == (count, 6)
    assert embeddings.dtype == torch.float32
    assert head.bnneck.num_batches_tracked == (count > 1)


def test_bnneck_survives_synchronised_norms_and_half_precision():
    model = yolox_nano(1, ReIDOptions("fused", emb_dim=6, bnneck=True)).eval()
    maps, where = [torch.randn(1, 6, 8, 8)], torch.zeros(3, dtype=torch.int64)
    points = torch.rand(3, 2) * 64
    with torch.no_grad():
        model.reid_head.bnneck.running_mean.fill_(5)
        expected = model.reid_head.embed(maps, where, where, points)
        synchronised = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)
        found = synchronised.reid_head.embed(maps, where, where, points)
        torch.testing.assert_close(found, expected)
        half = model.bfloat16().reid_head.embed(maps, where, where, points)
    torch.testing.assert_close(half.float(), expected, rtol=0.05, atol=0.05)
