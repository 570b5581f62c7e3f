"""SimOTA and the losses on a GPU are those of the CPU."""

import pytest
import torch
from losses.random_batches import IMAGE_SIZE, random_batch

from yolox.losses.balance import Uncertainty
from yolox.losses.criterion import Criterion
from yolox.losses.reid import IDENTITY_LOSSES, make_identity_loss
from yolox.losses.simota import RULES, assign
from yolox.models.build import ReIDOptions, yolox_nano

pytestmark = pytest.mark.gpu


def moved(table, device):
    return type(table)(*(column.to(device) for column in table))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("counts", [(5, 0, 12), (40,), (1, 1), (0, 0)])
def test_the_same_locations_learn_the_same_objects(gpu, rule, counts):
    for seed in range(5):
        predictions, targets = random_batch(seed, counts)
        expected = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
        given = assign(moved(predictions, gpu), moved(targets, gpu), IMAGE_SIZE, RULES[rule])
        for name in ("images", "locations", "targets"):
            assert torch.equal(getattr(given, name).cpu(), getattr(expected, name)), (seed, name)
        torch.testing.assert_close(given.ious.cpu(), expected.ious, rtol=1e-5, atol=1e-6)


def losses_of(device, name):
    """Losses and gradients of a small network with random weights, and of its criterion."""
    torch.manual_seed(0)
    model = yolox_nano(3, ReIDOptions("fused", 16)).to(device).train()
    criterion = Criterion(
        identity_loss=make_identity_loss(name, 6, 16), balance=Uncertainty()
    ).to(device)  # fmt: skip
    criterion.with_l1 = True
    images = 60 * torch.randn(2, 3, *IMAGE_SIZE, generator=torch.Generator().manual_seed(1))
    _, targets = random_batch(3, (6, 9))
    # Of itself an untrained network finds nobody.
    said = model(images.to(device))
    made, _ = random_batch(3, (6, 9))
    offsets = said.predictions.offsets + made.offsets.to(device)
    output = said._replace(predictions=said.predictions._replace(offsets=offsets))
    losses = criterion(output, moved(targets, device), IMAGE_SIZE, model.reid_head)
    losses["total"].backward()
    gradients = {
        key: parameter.grad.cpu()
        for module in (model, criterion)
        for key, parameter in module.named_parameters()
        if parameter.grad is not None
    }
    return {key: loss.item() for key, loss in losses.items()}, gradients


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_losses_and_gradients(gpu, name):
    (expected, slopes), (given, theirs) = losses_of("cpu", name), losses_of(gpu, name)
    assert given == pytest.approx(expected, rel=1e-3)
    assert theirs.keys() == slopes.keys()
    for key, slope in slopes.items():
        apart = (theirs[key] - slope).norm() / slope.norm().clamp(min=1e-3)
        assert apart < 0.01, (key, float(apart))
