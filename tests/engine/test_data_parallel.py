"""Several processes, as torchrun starts them, train as one does."""

import math
import os
import socket
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from data.painted import Person, document, paint, write

SIZE = (64, 96)
WORDS = (
    "model nano num_classes 2 reid fused emb_dim 8 train made.json val made.json workers 0 "
    "input_size (64,96) test_size (64,96) random_size (2,3) balance fixed best ap sync_bn True "
    "no_aug_epochs 0"
)
TRAIN = """
import sys, torch
from contextlib import nullcontext
from pathlib import Path
from torch.nn.parallel import DistributedDataParallel
from yolox.engine.checkpoint import save_checkpoint
from yolox.engine.distributed import join_world
from yolox.engine.trainer import Stopped, Trainer
from yolox.exp import Exp
from yolox.structures import InputError
torch.set_num_threads(1)
output, weights = Path(sys.argv[1]), sys.argv[2]
batches, spoilt, share_always = map(int, sys.argv[3:6])
exp = Exp()
exp.merge(sys.argv[6:])
if share_always:
    DistributedDataParallel.no_sync = lambda wrapped: nullcontext()
world = join_world("cpu")
weights = Path(weights) if weights else None
trainer = Trainer(exp, output, batch_size=4, world=world, weights=weights)
trainer.on_batch = lambda told: setattr(trainer, "stop_requested", told.batch == batches)

def spoil(module, inputs):
    if trainer.batch == spoilt and world.rank == world.size - 1:
        return (inputs[0] * torch.nan,)

trainer.model.register_forward_pre_hook(spoil)
shared_after = []

def share(state, bucket):
    if bucket.is_last():
        shared_after.append(trainer.batch)
    mean = bucket.buffer() / world.size
    torch.distributed.all_reduce(mean)
    done = torch.futures.Future()
    done.set_result(mean)
    return done

if world.size > 1:
    trainer._losses.register_comm_hook(None, share)
try:
    trainer.run()
except Stopped:
    pass
except InputError as error:
    sys.exit(f"{world.rank}: {error}")
print(trainer.skipped)
if world.writes:
    save_checkpoint(output / "trained.pth", trainer.model, criterion=trainer.criterion)
    (output / "shared_after.txt").write_text(" ".join(map(str, shared_after)))
world.leave()
"""


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """Sixteen images, in which something can be told from its background everywhere."""
    folder = tmp_path_factory.mktemp("street")
    random = np.random.default_rng(0)
    people = [
        [
            Person((5 + 30 * k, int(random.integers(4, 20)), 18, 40), k + 1, 1 if k else 3)
            for k in range(3)
        ]
        for _ in range(16)
    ]
    write(folder, document([SIZE] * 16, people))
    for row, those in enumerate(people, start=1):
        image = paint(SIZE, those) // 2 + random.integers(0, 128, (*SIZE, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "img" / f"{row:06d}.png"), image)
    return folder


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def train(street, output, *, processes, words="", weights="", batches=20, spoilt=-1,
          share_always=0):  # fmt: skip
    """Start the processes; gives exit status, output and errors of each."""
    output.mkdir()
    settings = [*WORDS.split(), "data_root", str(street), *words.split()]
    command = [sys.executable, "-c", TRAIN, output, weights, batches, spoilt, share_always,
               *settings]  # fmt: skip
    there = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "WORLD_SIZE": str(processes)}
    started = [
        subprocess.Popen(
            list(map(str, command)),
            env=os.environ | there | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(processes)
    ]
    said = [process.communicate() for process in started]
    return [(process.returncode, *words) for process, words in zip(started, said, strict=True)]


def weights_of(output):
    saved = torch.load(output / "trained.pth", weights_only=True)
    return {
        f"{part}.{name}": tensor.double()
        for part in ("model", "criterion")
        for name, tensor in saved[part].items()
        if tensor.is_floating_point()
    }


@pytest.fixture(scope="module")
def ready(street, tmp_path_factory):
    """Weights that have learned a little: the first steps of all are chaotic in any case."""
    output = tmp_path_factory.mktemp("runs") / "ready"
    done = train(street, output, processes=1, batches=160,
                 words="max_epoch 400 warmup_epochs 10 basic_lr_per_img 0.001")  # fmt: skip
    assert done[0][0] == 0, done[0][2]
    return output


def difference(first, second):
    """Give the largest difference of an element, and that of all as a share of their length."""
    apart = [first[name] - second[name] for name in first]
    length = math.sqrt(sum(float(one.square().sum()) for one in first.values()))
    far = math.sqrt(sum(float(one.square().sum()) for one in apart))
    return max(float(one.abs().max()) for one in apart), far / length


@pytest.mark.slow
def test_half_a_batch_in_each_of_two_processes_is_a_whole_one(street, ready, tmp_path):
    words = "max_epoch 40 warmup_epochs 1"
    for processes in (1, 2):
        done = train(street, tmp_path / f"{processes}", processes=processes, words=words,
                     weights=ready / "trained.pth")  # fmt: skip
        assert [status for status, *_ in done] == [0] * processes, done
    start, one, two = map(weights_of, (ready, tmp_path / "1", tmp_path / "2"))
    moved, _ = difference(start, one)
    largest, relative = difference(one, two)
    print(f"moved {moved:.2g}, apart {largest:.2g}, relative {relative:.2g}")
    assert moved > 1e-3
    assert largest <= 1e-4
    assert relative <= 1e-5


@pytest.mark.slow
def test_gradients_are_shared_once_a_step(street, ready, tmp_path):
    words = "max_epoch 40 warmup_epochs 1 accumulate 2"
    shared = {}
    for name in ("once", "always"):
        done = train(street, tmp_path / name, processes=2, words=words, batches=8,
                     weights=ready / "trained.pth", share_always=int(name == "always"))  # fmt: skip
        assert [status for status, *_ in done] == [0, 0], done
        shared[name] = (tmp_path / name / "shared_after.txt").read_text()
    assert shared == {"once": "1 3 5 7", "always": "0 1 2 3 4 5 6 7"}
    # The same sum in another order.
    start, once, always = map(weights_of, (ready, tmp_path / "once", tmp_path / "always"))
    moved, _ = difference(start, once)
    largest, relative = difference(once, always)
    print(f"moved {moved:.2g}, apart {largest:.2g}, relative {relative:.2g}")
    assert moved > 1e-3
    assert largest <= 1e-4
    assert relative <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", [0, 1])
def test_a_skipped_batch_leaves_the_processes_alike(street, tmp_path, spoilt):
    """Whichever batch of a step is skipped, what the other one gave is shared."""
    done = train(street, tmp_path / "skip", processes=2, spoilt=spoilt, batches=4,
                 words="max_epoch 2 warmup_epochs 0 accumulate 2 skip_bad_loss True")  # fmt: skip
    assert [status for status, *_ in done] == [0, 0], done
    shared = (tmp_path / "skip" / "shared_after.txt").read_text().split()
    assert shared == [str(batch) for batch in range(4) if batch != spoilt]


@pytest.mark.slow
def test_a_bad_loss_of_one_process_is_skipped_by_all(street, tmp_path):
    done = train(street, tmp_path / "skip", processes=2, spoilt=1, batches=4,
                 words="max_epoch 2 warmup_epochs 0 skip_bad_loss True")  # fmt: skip
    assert [status for status, *_ in done] == [0, 0], done
    assert [out.strip() for _, out, _ in done] == ["1", "1"]
    assert all(torch.isfinite(tensor).all() for tensor in weights_of(tmp_path / "skip").values())


@pytest.mark.slow
def test_a_bad_loss_of_one_process_stops_all(street, tmp_path):
    done = train(street, tmp_path / "stop", processes=2, spoilt=1, batches=4,
                 words="max_epoch 2 warmup_epochs 0 sync_bn False")  # fmt: skip
    assert [status for status, *_ in done] == [1, 1], done
    assert "0: the loss of batch 1 is not finite in another process" in done[0][2]
    assert "1: the loss of batch 1 is not finite" in done[1][2]
    assert (tmp_path / "stop" / "bad_batch_1_1.pth").is_file()
