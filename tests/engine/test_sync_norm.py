import copy
import subprocess
import sys

import pytest
import torch
from torch import nn

from yolox.engine.sync_norm import synchronise_norms

SCRIPT = """
import copy, sys, torch
from torch import distributed, nn
from yolox.engine.sync_norm import synchronise_norms
rank, folder = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
torch.manual_seed(0)
layers = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=0.03), nn.Conv2d(4, 2, 1)
alone = nn.Sequential(*layers).double()
shared = copy.deepcopy(alone)
synchronise_norms(shared, torch.device("cpu"))
images = 3 * torch.randn(8, 3, 9, 9, dtype=torch.float64) + 1
original = images.clone()
wrapped = nn.parallel.DistributedDataParallel(shared)
for _ in range(3):
    for model, part in ((wrapped, images[4 * rank : 4 * rank + 4]), (alone, images)):
        model.zero_grad()
        model(part).square().mean().backward()
    for one, other in zip(shared.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-9, atol=1e-12)
        with torch.no_grad():
            one -= 0.1 * one.grad
            other -= 0.1 * other.grad
for one, other in zip(shared.buffers(), alone.buffers(), strict=True):
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)
assert torch.equal(images, original)
nobody = shared[1](torch.empty(0 if rank else 1, 4, 1, 1, dtype=torch.float64))
assert torch.isfinite(nobody).all()
torch.testing.assert_close(shared[1].running_mean, alone[1].running_mean, rtol=1e-9, atol=1e-12)
distributed.barrier()
distributed.destroy_process_group()
"""


def test_half_a_batch_in_each_of_two_processes_is_a_whole_one(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(rank), str(tmp_path)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    for process in processes:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error


@pytest.mark.parametrize("train", [True, False])
def test_alone_it_is_batch_norm(train):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).train(train)
    synced = copy.deepcopy(model)
    assert synchronise_norms(synced, torch.device("cpu")) is synced
    values = torch.randn(6, 3)
    torch.testing.assert_close(synced(values), model(values))
    assert synced.state_dict().keys() == model.state_dict().keys()


def test_it_is_more_exact_than_batch_norm():
    """Sums in double: what a batch far from 0 loses in float32 stays."""
    torch.manual_seed(0)
    far = torch.randn(16, 4, 8, 8) + 1e3
    one, other, truth = (
        nn.BatchNorm2d(4).to(dtype) for dtype in (torch.float32,) * 2 + (torch.float64,)
    )
    synchronise_norms(nn.Sequential(one), torch.device("cpu"))
    wanted = truth(far.double())
    errors = [(norm(far) - wanted).abs().max().item() for norm in (one, other)]
    assert errors[0] < 1e-6 < errors[1]
