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
from pathlib import Path
from yolox.engine.checkpoint import save_checkpoint
from yolox.engine.distributed import join_world
from yolox.engine.trainer import Stopped, Trainer
from yolox.exp import Exp
from yolox.structures import InputError
torch.set_num_threads(1)
output, weights = Path(sys.argv[1]), sys.argv[2]
batches, spoilt = map(int, sys.argv[3:5])
exp = Exp()
exp.merge(sys.argv[5:])
world = join_world("cpu")
weights = Path(weights) if weights else None
trainer = Trainer(exp, output, batch_size=4, world=world, weights=weights)
trainer.on_batch = lambda told: setattr(trainer, "stop_requested", told.batch == batches)

def spoil(module, inputs):
    if trainer.batch == spoilt and world.rank == world.size - 1:
        return (inputs[0] * torch.nan,)

trainer.model.register_forward_pre_hook(spoil)
try:
    trainer.run()
except Stopped:
    pass
except InputError as error:
    sys.exit(f"{world.rank}: {error}")
print(trainer.skipped)
if world.writes:
    save_checkpoint(output / "trained.pth", trainer.model, criterion=trainer.criterion)
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


def train(street, output, *, processes, words="", weights="", batches=20, spoilt=-1):
    """Start the processes; gives exit status, output and errors of each."""
    output.mkdir()
    settings = [*WORDS.split(), "data_root", str(street), *words.split()]
    command = [sys.executable, "-c", TRAIN, output, weights, batches, spoilt, *settings]
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


def difference(first, second):
    """Give the largest difference of an element, and that of all as a share of their length."""
    apart = [first[name] - second[name] for name in first]
    length = math.sqrt(sum(float(one.square().sum()) for one in first.values()))
    far = math.sqrt(sum(float(one.square().sum()) for one in apart))
    return max(float(one.abs().max()) for one in apart), far / length


@pytest.mark.slow
def test_half_a_batch_in_each_of_two_processes_is_a_whole_one(street, tmp_path):
    """From weights that have learned a little: the first steps of all are chaotic in any case."""
    ready = train(street, tmp_path / "ready", processes=1, batches=160,
                  words="max_epoch 400 warmup_epochs 10 basic_lr_per_img 0.001")  # fmt: skip
    assert ready[0][0] == 0, ready[0][2]
    words = "max_epoch 40 warmup_epochs 1"
    for processes in (1, 2):
        done = train(street, tmp_path / f"{processes}", processes=processes, words=words,
                     weights=tmp_path / "ready" / "trained.pth")  # fmt: skip
        assert [status for status, *_ in done] == [0] * processes, done
    start, one, two = (weights_of(tmp_path / name) for name in ("ready", "1", "2"))
    moved, _ = difference(start, one)
    largest, relative = difference(one, two)
    print(f"moved {moved:.2g}, apart {largest:.2g}, relative {relative:.2g}")
    assert moved > 1e-3
    assert largest <= 1e-4
    assert relative <= 1e-5


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
