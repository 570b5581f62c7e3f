"""Training on a GPU: the numbers of the CPU, every precision, stopping, bad losses, processes."""

import math
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from data.painted import Person, document, paint, write

from yolox.engine.checkpoint import save_checkpoint
from yolox.engine.distributed import World, occupy_memory
from yolox.engine.repeatable import make_repeatable
from yolox.engine.run_log import peak_memory
from yolox.engine.trainer import Stopped, Trainer
from yolox.exp import Exp
from yolox.structures import InputError

pytestmark = pytest.mark.gpu
SIZE = (64, 96)
BATCHES = 21
WORDS = (
    "model nano num_classes 2 reid fused emb_dim 8 train made.json val made.json workers 0 "
    "input_size (64,96) test_size (64,96) random_size (2,3) max_epoch 7 no_aug_epochs 1 "
    "warmup_epochs 1 eval_interval 9 balance uncertainty best ap basic_lr_per_img 0.001"
)


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """Twelve images with the same three people."""
    folder = tmp_path_factory.mktemp("street")
    random = np.random.default_rng(0)
    people = [
        [
            Person((5 + 30 * k, int(random.integers(4, 20)), 18, 40), k + 1, 1 if k else 3)
            for k in range(3)
        ]
        for _ in range(12)
    ]
    write(folder, document([SIZE] * 12, people))
    for row, those in enumerate(people, start=1):
        image = paint(SIZE, those) // 2 + random.integers(0, 128, (*SIZE, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "img" / f"{row:06d}.png"), image)
    return folder


@pytest.fixture
def repeatable():
    """What `--repeatable` does."""
    make_repeatable()
    yield
    torch.use_deterministic_algorithms(False)


def make_trainer(street, output, device, words="", **options):
    exp = Exp()
    exp.merge(f"{WORDS} data_root {street} {words}".split())
    output.mkdir(exist_ok=True)
    return Trainer(
        exp, output, **{"batch_size": 4, "world": World(0, 1, torch.device(device)), **options}
    )


def weights_of(trainer):
    modules = {"model": trainer.model, "criterion": trainer.criterion}
    if trainer.average is not None:
        modules["average"] = trainer.average.model
    return {
        f"{name}.{key}": tensor.clone()
        for name, module in modules.items()
        for key, tensor in module.state_dict().items()
    }


def differing(first, second):
    return [name for name in first if not torch.equal(first[name], second[name])]


def run_told(trainer, stop=None):
    """Run to the end, or to a batch; give the losses of every batch."""
    told = []

    def note(progress):
        told.append(progress.losses)
        trainer.stop_requested = progress.batch == stop

    trainer.on_batch = note
    if stop is None:
        trainer.run()
    else:
        with pytest.raises(Stopped):
            trainer.run()
    return told


@pytest.mark.parametrize(("precision", "share"), [("fp32", 1e-3), ("fp16", 0.05), ("bf16", 0.1)])
def test_every_precision_begins_as_the_cpu_and_trains(gpu, street, tmp_path, precision, share):
    # In half precision a location may go to another object, which is one in dozens.
    first, *_ = run_told(make_trainer(street, tmp_path / "cpu", "cpu"), stop=1)
    trainer = make_trainer(street, tmp_path / "gpu", gpu, precision=precision)
    before = weights_of(trainer)
    losses = run_told(trainer)
    assert len(losses) == BATCHES
    for name, loss in first.items():
        assert losses[0][name] == pytest.approx(loss, rel=share, abs=share), name
    assert all(math.isfinite(loss) for named in losses for loss in named.values())
    assert len(differing(before, weights_of(trainer))) > len(before) / 2
    assert all(torch.isfinite(tensor).all() for tensor in weights_of(trainer).values())
    assert next(trainer.model.parameters()).device == gpu
    assert trainer.model.backbone.backbone.stem.conv.conv.weight.is_contiguous(
        memory_format=torch.channels_last
    )
    assert peak_memory() > 0


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("fp32", ""),
        ("fp16", "accumulate 3 clip_grad 10"),
        ("bf16", "optimizer adamw balance dwa workers 2"),
        ("fp32", "reid per_level identity_loss focal ema False"),
    ],
)
def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(
    gpu, repeatable, street, tmp_path, precision, words
):
    whole = make_trainer(street, tmp_path / "whole", gpu, words, precision=precision)
    run_told(whole)
    first = make_trainer(street, tmp_path / "parts", gpu, words, precision=precision)
    run_told(first, stop=6)
    second = make_trainer(street, tmp_path / "parts", gpu, words, precision=precision, resume=True)
    assert second.batch == 6
    run_told(second)
    assert differing(weights_of(whole), weights_of(second)) == []
    assert whole.best == second.best


def test_a_state_goes_on_elsewhere(gpu, street, tmp_path):
    """What a GPU began a CPU can end, and the other way round."""
    for name, began, ends in (("there", gpu, "cpu"), ("here", "cpu", gpu)):
        output = tmp_path / name
        run_told(make_trainer(street, output, began), stop=18)
        losses = run_told(make_trainer(street, output, ends, resume=True))
        assert len(losses) == BATCHES - 18
        assert all(math.isfinite(named["total"]) for named in losses)


def test_a_frozen_detector_stays_bit_for_bit(gpu, street, tmp_path):
    weights = tmp_path / "detector.pth"
    save_checkpoint(weights, make_trainer(street, tmp_path / "first", gpu).model)
    words = "freeze_detector True reid_gradient 0"
    for precision in ("fp32", "fp16"):
        trainer = make_trainer(
            street, tmp_path / precision, gpu, words, weights=weights, precision=precision
        )
        before = weights_of(trainer)
        run_told(trainer)
        changed = differing(before, weights_of(trainer))
        assert not [name for name in changed if ".backbone." in name or ".head." in name]
        assert [name for name in changed if "classifier" in name]


def test_batches_come_in_locked_pages(gpu, street, tmp_path):
    trainer = make_trainer(street, tmp_path, gpu, "workers 2")
    batch = next(iter(trainer._batches()))
    assert batch.images.is_pinned()
    assert batch.targets.boxes.is_pinned()
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(batch.to(gpu).images.cpu(), batch.images)


def test_a_loss_that_is_no_number_stops_a_run_in_half_precision(gpu, street, tmp_path):
    trainer = make_trainer(street, tmp_path, gpu, precision="fp16")
    with torch.no_grad():
        trainer.model.backbone.backbone.stem.conv.conv.weight.fill_(1e6)  # beyond half precision
    with pytest.raises(InputError, match=r"loss of batch 0 is not finite .*bad_batch_0_0\.pth"):
        trainer.run()
    kept = torch.load(tmp_path / "bad_batch_0_0.pth", weights_only=True)
    assert kept["images"].device.type == "cpu"


def test_a_gradient_that_is_no_number_is_scaled_down(gpu, street, tmp_path):
    """The scaler leaves such a step out and goes on."""
    trainer = make_trainer(street, tmp_path, gpu, precision="fp16")
    trainer.scaler = torch.amp.GradScaler(gpu.type, init_scale=2.0**60)
    run_told(trainer)
    assert trainer.scaler.get_scale() < 2.0**60
    assert all(torch.isfinite(tensor).all() for tensor in weights_of(trainer).values())


def test_too_little_memory_names_what_to_change(gpu, street, tmp_path):
    trainer = make_trainer(street, tmp_path, gpu)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(1e-4)
    try:
        with pytest.raises(InputError, match=r"a batch of 4 pictures .* give a smaller batch"):
            trainer.run()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_memory_is_occupied(gpu):
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(gpu)
    before = torch.cuda.memory_reserved(gpu)
    occupy_memory(gpu, share=0.1)
    try:
        assert torch.cuda.memory_reserved(gpu) - before >= 0.09 * free
    finally:
        torch.cuda.empty_cache()


# A process of a run on one GPU. NCCL wants a GPU for each, so two of them talk through Gloo.
PROCESS = """
import sys, torch
from pathlib import Path
from torch import distributed, nn
from yolox.engine.distributed import join_world
from yolox.engine.trainer import Trainer
from yolox.exp import Exp
backend, device, output = sys.argv[1], sys.argv[2], Path(sys.argv[3])
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
exp = Exp()
exp.merge(sys.argv[4:])
chosen = torch.device(device, 0)
if backend == "nccl":
    distributed.init_process_group("nccl", device_id=chosen)
elif backend == "gloo":
    distributed.init_process_group("gloo")
world = join_world(device)
trainer = Trainer(exp, output, batch_size=4, world=world)
if backend == "nccl":  # one process, but as if there were others
    several = world._replace(size=2)
    assert several.any(True) and not several.any(False)
    several.wait()
    trainer._losses = several.wrap(trainer._losses)
norms = [m for m in trainer.model.modules() if isinstance(m, nn.SyncBatchNorm)]
losses = []
trainer.on_batch = lambda told: losses.append(told.losses["total"])
trainer.run()
size = sum(float(tensor.double().abs().sum()) for tensor in trainer.model.parameters())
print(len(norms), len(losses), losses[0], size)
if backend != "none":
    distributed.destroy_process_group()
"""


def run_processes(street, output, backend, device, count):
    """Train in as many processes; gives of each: norms, batches, first loss, sum of weights."""
    output.mkdir()
    words = f"{WORDS} data_root {street} sync_bn True max_epoch 2 no_aug_epochs 0".split()
    command = [sys.executable, "-c", PROCESS, backend, device, str(output), *words]
    there = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(29611 + os.getpid() % 1000),
             "WORLD_SIZE": str(count), "LOCAL_RANK": "0"}  # fmt: skip
    started = [
        subprocess.Popen(
            command, env=os.environ | there | {"RANK": str(rank)}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        for rank in range(count)
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * count, said
    return [tuple(map(float, out.split())) for out, _ in said]


@pytest.mark.parametrize(("backend", "count"), [("nccl", 1), ("gloo", 2)])
def test_processes_train_as_one(gpu, street, tmp_path, backend, count):
    ((_, batches, loss, _),) = run_processes(street, tmp_path / "one", "none", "cuda", 1)
    several = run_processes(street, tmp_path / "all", backend, "cuda", count)
    norms, also, losses, sizes = zip(*several, strict=True)
    assert min(norms) > 50
    assert set(also) == {batches} == {6}
    assert sum(losses) / count == pytest.approx(loss, rel=1e-3)
    assert len(set(sizes)) == 1
