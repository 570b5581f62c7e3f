import math

import torch
from torch import nn

from yolox.engine.ema import WeightAverage


def _model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def test_the_average_of_a_constant_is_the_constant():
    model = _model()
    average = WeightAverage(model)
    for _ in range(5):
        average.update()
    for ours, theirs in zip(average.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_hand_computed():
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 0.0)
    average = WeightAverage(model, decay=0.9, updates=1999)
    nn.init.constant_(model.weight, 1.0)
    average.update()
    keep = 0.9 * (1 - math.exp(-1))
    assert average.updates == 2000
    assert math.isclose(average.model.weight.item(), 1 - keep, rel_tol=1e-6)


def test_the_first_update_forgets_the_start():
    model = nn.Linear(1, 1)
    average = WeightAverage(model)
    nn.init.constant_(model.weight, 7.0)
    average.update()
    assert abs(average.model.weight.item() - 7) < 0.01


def test_buffers_and_what_the_copy_may_not_do():
    model = _model()
    average = WeightAverage(model)
    model.train()(torch.randn(8, 3))
    average.update()
    assert average.model[1].num_batches_tracked == 1
    assert not torch.equal(average.model[1].running_mean, torch.zeros(4))
    assert not average.model.training
    assert not any(parameter.requires_grad for parameter in average.model.parameters())
    assert model[0].weight.requires_grad
    assert average.model[0].weight.data_ptr() != model[0].weight.data_ptr()
