import copy
import math
import random

import pytest
import torch
from losses.reference_losses import dynamic_weights, project_conflicts, uncertainty
from torch import nn

from yolox.engine.optimizer import parameter_groups
from yolox.losses.balance import DynamicWeightAverage, FixedWeights, Uncertainty, pcgrad_backward


def _scalars(*values):
    return [torch.tensor(value, requires_grad=True) for value in values]


def test_fixed_weights():
    detection, identity = _scalars(2.0, 6.0)
    assert FixedWeights()(detection, identity).item() == 5.0
    total = FixedWeights(0.25, 3.0)(detection, identity)
    assert total.item() == 18.5
    total.backward()
    assert (detection.grad.item(), identity.grad.item()) == (0.25, 3.0)


def test_uncertainty_equals_the_reference():
    rng = random.Random(0)
    for _ in range(50):
        values = [rng.uniform(0, 20), rng.uniform(0, 20), rng.uniform(-3, 3), rng.uniform(-3, 3)]
        balance = Uncertainty(values[2], values[3])
        total = balance(*_scalars(*values[:2]))
        assert total.shape == ()
        assert total.item() == pytest.approx(uncertainty(*values), rel=1e-5, abs=1e-5)


def test_frozen_uncertainty_is_the_fixed_mixture_of_bytetrack_reid():
    balance = Uncertainty(learned=False)
    for detection, identity in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (7.25, 3.5)]:
        losses = _scalars(detection, identity)
        total = balance(*losses)
        expected = 3.179910 * detection + 1.428826 * identity - 1.45
        assert total.item() == pytest.approx(expected, abs=1e-5)
        total.backward()
        assert losses[0].grad.item() == pytest.approx(3.179910, abs=2e-6)
        assert losses[1].grad.item() == pytest.approx(1.428826, abs=2e-6)
    assert not any(parameter.requires_grad for parameter in balance.parameters())
    assert sum(len(group["params"]) for group in parameter_groups(balance)) == 0


def test_learned_uncertainty_starts_as_the_frozen_one():
    losses = _scalars(3.0, 2.0)
    assert Uncertainty()(*losses).item() == Uncertainty(learned=False)(*losses).item()


def test_learned_uncertainty_has_the_gradient_of_its_formula():
    balance = Uncertainty(0.3, -0.7)
    balance(*_scalars(4.0, 5.0)).backward()
    assert balance.s_det.grad.item() == pytest.approx(0.5 * (1 - math.exp(-0.3) * 4), rel=1e-5)
    assert balance.s_id.grad.item() == pytest.approx(0.5 * (1 - math.exp(0.7) * 5), rel=1e-5)


def test_learned_uncertainty_moves_to_where_the_formula_is_least():
    """At the least value e^s is the loss itself."""
    balance = Uncertainty()
    assert sum(len(group["params"]) for group in parameter_groups(balance)) == 2
    optimiser = torch.optim.SGD(parameter_groups(balance), lr=0.3)
    for _ in range(200):
        optimiser.zero_grad()
        balance(torch.tensor(4.0), torch.tensor(0.5)).backward()
        optimiser.step()
    assert balance.s_det.item() == pytest.approx(math.log(4.0), abs=1e-3)
    assert balance.s_id.item() == pytest.approx(math.log(0.5), abs=1e-3)


def _epochs(rng, count):
    """Losses of the steps of epochs of unequal length."""
    return [
        [[rng.uniform(0.5, 9), rng.uniform(0.5, 9)] for _ in range(2 + epoch % 3)]
        for epoch in range(count)
    ]


def _mean(epoch):
    return [sum(step[task] for step in epoch) / len(epoch) for task in range(2)]


@pytest.mark.parametrize("temperature", [2.0, 0.7])
def test_dynamic_weights_equal_the_reference(temperature):
    balance = DynamicWeightAverage(temperature)
    history = []
    for epoch in _epochs(random.Random(1), 5):
        weights = dynamic_weights(history, temperature)
        assert balance.weights().tolist() == pytest.approx(weights, rel=1e-5)
        for step in epoch:
            losses = _scalars(*step)
            total = balance(*losses)
            expected = weights[0] * step[0] + weights[1] * step[1]
            assert total.item() == pytest.approx(expected, rel=1e-5)
            total.backward()
            assert [loss.grad.item() for loss in losses] == pytest.approx(weights, rel=1e-5)
        balance.end_epoch()
        history.append(_mean(epoch))
    # Were all weights 1, the comparison would be empty.
    assert abs(dynamic_weights(history, temperature)[0] - 1) > 0.05


def test_the_task_that_falls_more_slowly_weighs_more():
    balance = DynamicWeightAverage()
    for detection, identity in [(4.0, 4.0), (1.0, 3.9)]:
        balance(torch.tensor(detection), torch.tensor(identity))
        balance.end_epoch()
    detection, identity = balance.weights().tolist()
    assert detection < 1 < identity
    assert detection + identity == pytest.approx(2)


def test_dynamic_weights_are_the_same_after_a_resume():
    epochs = _epochs(random.Random(2), 4)
    balance = DynamicWeightAverage()
    for epoch in epochs[:2]:
        for step in epoch:
            balance(*map(torch.tensor, step))
        balance.end_epoch()
    balance(*map(torch.tensor, epochs[2][0]))
    resumed = DynamicWeightAverage()
    resumed.load_state_dict(copy.deepcopy(balance.state_dict()))
    for step in epochs[2][1:]:
        for one in (balance, resumed):
            one(*map(torch.tensor, step))
    for one in (balance, resumed):
        one.end_epoch()
    expected = dynamic_weights([_mean(epochs[1]), _mean(epochs[2])], 2.0)
    assert balance.weights().tolist() == pytest.approx(expected, rel=1e-5)
    assert resumed.weights().tolist() == balance.weights().tolist()


def test_an_epoch_without_a_step_is_none():
    balance = DynamicWeightAverage()
    for detection, identity in [(4.0, 1.0), (1.0, 1.0)]:
        balance(torch.tensor(detection), torch.tensor(identity))
        balance.end_epoch()
    before = balance.weights().tolist()
    balance.end_epoch()
    assert balance.weights().tolist() == before != [1.0, 1.0]


def test_dynamic_weights_keep_no_graph():
    balance = DynamicWeightAverage()
    balance(*_scalars(1.0, 2.0))
    assert not balance.sums.requires_grad
    assert list(balance.parameters()) == []
    assert DynamicWeightAverage()(torch.tensor(0.0), torch.tensor(0.0)).item() == 0
    for _ in range(2):
        balance(torch.tensor(0.0), torch.tensor(0.0))
        balance.end_epoch()
    assert balance.weights().isfinite().all()


def _linear_tasks(rows):
    """Two parameters and one loss for each row, whose gradient is that row."""
    parameters = [nn.Parameter(torch.randn(2, 2)), nn.Parameter(torch.randn(3))]
    losses = []
    for row in rows:
        flat = torch.cat([parameter.flatten() for parameter in parameters])
        losses.append((flat * torch.tensor(row)).sum())
    return parameters, losses


@pytest.mark.parametrize("tasks", [1, 2, 3, 4])
def test_pcgrad_equals_the_reference(tasks):
    rng = random.Random(tasks)
    conflicts = 0
    for _ in range(20):
        rows = [[rng.gauss(0, 1) for _ in range(7)] for _ in range(tasks)]
        parameters, losses = _linear_tasks(rows)
        pcgrad_backward(losses, parameters)
        expected = project_conflicts(rows)
        got = torch.cat([parameter.grad.flatten() for parameter in parameters]).tolist()
        assert got == pytest.approx(expected, abs=1e-5)
        plain = [sum(column) for column in zip(*rows, strict=True)]
        conflicts += expected != pytest.approx(plain, abs=1e-3)
    assert conflicts >= 5 or tasks == 1


def test_pcgrad_by_hand():
    """(1, 0) and (−1, 1) leave each other (½, ½) and (0, 1)."""
    weight = nn.Parameter(torch.zeros(2))
    pcgrad_backward([weight[0], weight[1] - weight[0]], [weight])
    assert weight.grad.tolist() == pytest.approx([0.5, 1.5])
    pcgrad_backward([weight[0], weight[1] + weight[0]], [weight])  # no conflict: the plain sum
    assert weight.grad.tolist() == pytest.approx([2.0, 1.0])


def test_pcgrad_leaves_alone_what_no_loss_reaches():
    shared = nn.Parameter(torch.ones(2))
    own = nn.Parameter(torch.ones(1))
    frozen = nn.Parameter(torch.ones(1), requires_grad=False)
    unused = nn.Parameter(torch.ones(3))
    losses = [shared.sum(), -2 * shared[0] + own.sum() * frozen.sum()]
    pcgrad_backward(losses, iter([unused, shared, frozen, own]))
    assert unused.grad is None
    assert frozen.grad is None
    # Gradients over (shared, own): (1, 1, 0) and (−2, 0, 1), product −2, squares 2 and 5.
    assert shared.grad.tolist() == pytest.approx([1 - 0.8 - 2 + 1, 1 + 1])
    assert own.grad.tolist() == pytest.approx([0.4 + 1])


def test_pcgrad_bears_a_loss_without_a_gradient():
    weight = nn.Parameter(torch.ones(2))
    pcgrad_backward([weight.sum(), (weight * 0).sum()], [weight])
    assert weight.grad.tolist() == [1.0, 1.0]


def test_an_epoch_in_which_nobody_was_labelled_leaves_both_weights_at_1():
    balance = DynamicWeightAverage()
    for identity in (0.0, 4.0):
        balance(torch.tensor(3.0), torch.tensor(identity))
        balance.end_epoch()
    assert balance.weights().tolist() == [1, 1]
    balance(torch.tensor(3.0), torch.tensor(2.0))
    balance.end_epoch()
    assert balance.weights()[0] > balance.weights()[1] > 0.5


def test_unlabelled_batches_do_not_move_the_uncertainty_of_identity():
    balance = Uncertainty()
    optimizer = torch.optim.SGD(balance.parameters(), lr=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        balance(torch.tensor(10.0), torch.tensor(0.0)).backward()
        optimizer.step()
    assert balance.s_id.item() == pytest.approx(-1.05)
    assert balance.s_det.item() != pytest.approx(-1.85)
