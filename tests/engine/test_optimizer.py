import pytest
import torch
from torch import nn

from yolox.engine.optimizer import make_optimizer, parameter_groups
from yolox.losses.balance import Uncertainty
from yolox.losses.criterion import Criterion
from yolox.losses.reid import make_identity_loss
from yolox.models.build import ReIDOptions, yolox_nano


def _parts(learned=True):
    model = yolox_nano(1, ReIDOptions("fused", bnneck=True))
    criterion = Criterion(
        identity_loss=make_identity_loss("cross_entropy", 20, 128),
        balance=Uncertainty(learned=learned),
    )
    return model, criterion


def test_every_trainable_parameter_is_in_exactly_one_group():
    model, criterion = _parts()
    groups = parameter_groups(model, criterion)
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    trainable = [id(p) for part in (model, criterion) for p in part.parameters() if p.requires_grad]
    assert sorted(grouped) == sorted(trainable)
    assert len(set(grouped)) == len(grouped)


def test_only_weights_of_layers_decay():
    model, criterion = _parts()
    decaying, others = parameter_groups(model, criterion, weight_decay=0.1)
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.1, 0)
    weights = {
        id(module.weight)
        for part in (model, criterion)
        for module in part.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    }
    assert {id(parameter) for parameter in decaying["params"]} == weights
    assert id(criterion.balance.s_det) in {id(parameter) for parameter in others["params"]}


def test_frozen_uncertainties_are_in_no_group():
    model, criterion = _parts(learned=False)
    grouped = {id(p) for group in parameter_groups(model, criterion) for p in group["params"]}
    assert id(criterion.balance.s_det) not in grouped
    torch.optim.SGD(parameter_groups(model, criterion), lr=0.1)


@pytest.mark.parametrize(("name", "kind"), [("sgd", torch.optim.SGD), ("adamw", torch.optim.AdamW)])
def test_both_optimisers_keep_the_groups_and_their_decay(name, kind):
    groups = parameter_groups(nn.Conv2d(3, 4, 1), weight_decay=0.01)
    optimizer = make_optimizer(name, groups, momentum=0.9)
    assert type(optimizer) is kind
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.01, 0.0]
