import subprocess
import sys

import pytest
import torch

from yolox.engine.distributed import World, join_world
from yolox.structures import InputError


def test_without_torchrun_a_process_is_alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    world = join_world("cpu")
    assert world == World(0, 1, torch.device("cpu"))
    assert world.writes
    world.wait()
    assert world.any(True)
    assert not world.any(False)
    module = torch.nn.Linear(1, 1)
    assert world.wrap(module) is module


def test_only_the_first_process_writes():
    assert not World(1, 2, torch.device("cpu")).writes


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there():
    with pytest.raises(InputError, match="has no GPU, there are 0; start fewer"):
        join_world("cuda")


@pytest.mark.parametrize("code", [0, 130])
def test_leaving_ends_the_process(code):
    with pytest.raises(SystemExit) as left:
        World(0, 1, torch.device("cpu")).leave(code)
    assert left.value.code == code


def test_leaving_other_processes_does_what_is_to_be_done_at_the_end():
    program = """
import atexit
import torch
from torch import distributed
from yolox.engine.distributed import World
distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
atexit.register(print, "removed")
World(0, 2, torch.device("cpu")).leave(3)
print("still there")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("removed\n", 3), done.stderr
