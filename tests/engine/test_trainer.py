import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from data.painted import Person, document, paint, write

from yolox.data.cache import MEMORY
from yolox.data.dataset import EvaluationView, MOTDataset
from yolox.engine.checkpoint import save_checkpoint
from yolox.engine.distributed import World
from yolox.engine.evaluation import evaluate_model
from yolox.engine.guards import hold
from yolox.engine.run_state import read_state
from yolox.engine.trainer import STATE, Stopped, Trainer
from yolox.exp import Exp
from yolox.formats.coco import read_coco
from yolox.structures import InputError

SIZE = (64, 96)
WORDS = (
    "model nano num_classes 2 reid fused emb_dim 8 train made.json val made.json workers 0 "
    "input_size (64,96) test_size (64,96) random_size (2,3) max_epoch 3 no_aug_epochs 1 "
    "eval_interval 2 balance fixed best ap"
)


@pytest.fixture(autouse=True)
def one_thread():
    """Sums of one thread do not depend on what else runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """Six images with the same three people."""
    cv2 = pytest.importorskip("cv2")
    folder = tmp_path_factory.mktemp("street")
    random = np.random.default_rng(0)
    people = [
        [
            Person(
                (5 + 30 * k, int(random.integers(4, 20)), 18, 40), k + 1, category_id=1 if k else 3
            )
            for k in range(3)
        ]
        for _ in range(6)
    ]
    write(folder, document([SIZE] * 6, people))
    for row, those in enumerate(people, start=1):
        cv2.imwrite(str(folder / "img" / f"{row:06d}.png"), paint(SIZE, those))
    return folder


def _exp(street, words=""):
    exp = Exp()
    exp.merge(f"{WORDS} data_root {street} {words}".split())
    return exp


def _trainer(street, output, words="", **options):
    output.mkdir(exist_ok=True)
    return Trainer(_exp(street, words), output, **{"batch_size": 2, **options})


def _weights(trainer):
    modules = {"model": trainer.model, "criterion": trainer.criterion}
    if trainer.average is not None:
        modules["average"] = trainer.average.model
    return {
        f"{name}.{key}": tensor.clone()
        for name, module in modules.items()
        for key, tensor in module.state_dict().items()
    }


def _equal(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def test_a_run_writes_its_checkpoints_and_tells_of_itself(street, tmp_path):
    told, scores = [], []
    trainer = _trainer(
        street, tmp_path, on_batch=told.append, on_scores=lambda *score: scores.append(score)
    )
    trainer.run()
    assert [progress.batch for progress in told] == list(range(1, 10))
    assert told[0].rate == pytest.approx(2 * 0.001 / 64 / 9)  # a third of the warm-up, squared
    assert told[-1].rate == pytest.approx(2 * 0.001 / 64 * 0.05)
    assert ["l1" in progress.losses for progress in told] == [False] * 6 + [True] * 3
    assert [batch for batch, _ in scores] == [6, 9]
    assert {"ap", "ap50", "rank_1", "mean_ap", "tpr@0.01"} <= scores[0][1].keys()
    names = sorted(path.name for path in tmp_path.glob("[!.]*"))
    assert names == ["best.pth", "epoch_002.pth", "epoch_003.pth", "latest.pth"]
    state = read_state(tmp_path / STATE)
    assert state["exp"]["model"] == "nano"
    assert state["origin"]["torch"] == torch.__version__
    made_by = torch.load(tmp_path / "best.pth", weights_only=True)["made_by"]
    assert made_by["exp"]["model"] == "nano"
    assert made_by["git"]
    again = _trainer(street, tmp_path, resume=True, on_batch=told.append)
    again.run()  # nothing is left to do
    assert len(told) == 9
    assert again.describe().startswith(
        "6 images, 3 identities, heights of 64 to 96; 9 batches of 2"
    )


@pytest.mark.parametrize("stop", [1, 3, 4, 8])
@pytest.mark.parametrize(
    "words", ["", "ema False accumulate 1 balance uncertainty", "balance dwa optimizer adamw"]
)
def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(street, tmp_path, stop, words):
    whole = _trainer(street, tmp_path / "whole", words)
    whole.run()
    first = _trainer(street, tmp_path / "parts", words)

    def ask(progress):
        first.stop_requested = progress.batch == stop

    first.on_batch = ask
    with pytest.raises(Stopped, match=f"stopped after batch {stop} of 9; go on with --resume"):
        first.run()
    second = _trainer(street, tmp_path / "parts", words, resume=True)
    assert second.batch == stop
    second.run()
    assert _equal(_weights(whole), _weights(second))
    assert whole.best == second.best


@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="no memory to cache in")
def test_a_cache_may_move_between_memory_and_disk(street, tmp_path):
    words = "max_epoch 2 cache"
    whole = _trainer(street, tmp_path / "whole", f"{words} disk")
    whole.run()
    first = _trainer(street, tmp_path / "parts", f"{words} memory")
    first.on_batch = lambda progress: setattr(first, "stop_requested", progress.batch == 2)
    with pytest.raises(Stopped):
        first.run()
    second = _trainer(street, tmp_path / "parts", f"{words} disk", resume=True)
    second.run()
    assert _equal(_weights(whole), _weights(second))


@pytest.mark.parametrize(("before", "now"), [("none", "disk"), ("disk", "none")])
def test_caching_is_not_begun_or_ended_on_the_way(street, tmp_path, before, now):
    _trainer(street, tmp_path, f"cache {before}").save()
    with pytest.raises(InputError, match=f"cache was '{before}' and is '{now}'; resume with what"):
        _trainer(street, tmp_path, f"cache {now}", resume=True)


# Starts runs without importing everything each time; what it prints is their process and their end.
NURSERY = """
import os, sys, torch
torch.set_num_threads(1)
from pathlib import Path
from yolox.engine.trainer import STATE, Trainer
from yolox.exp import Exp

output = Path(sys.argv[1])
for _ in sys.stdin:
    child = os.fork()
    if not child:
        exp = Exp()
        exp.merge(sys.argv[2:])
        resume = (output / STATE).exists()
        Trainer(exp, output, batch_size=2, resume=resume).run()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def _await_saves(path, count):
    """Wait until a file has been written some times more."""
    for _ in range(count):
        before = path.stat().st_mtime_ns if path.exists() else None
        deadline = time.monotonic() + 60
        while not path.exists() or path.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline, "no save in a minute"
            time.sleep(0.002)


@pytest.mark.slow
def test_kill_minus_9_twenty_times_at_any_moment(street, tmp_path):
    """What is on disk is whole, and leads to the same end."""
    words = "max_epoch 120 eval_interval 999"
    whole = _trainer(street, tmp_path / "whole", words)
    whole.run()
    output = tmp_path / "killed"
    output.mkdir()
    command = [sys.executable, "-c", NURSERY, str(output)]
    command += f"{WORDS} data_root {street} {words}".split()
    random = np.random.default_rng(0)
    killed, reached = 0, set()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as nursery:
        while killed < 20:
            print("next", file=nursery.stdin)
            child = int(nursery.stdout.readline())
            # By its saves and not by the clock, as other programs may slow it down.
            _await_saves(output / STATE, int(random.integers(0, 3)))
            time.sleep(float(random.uniform(0, 0.3)))
            os.kill(child, signal.SIGKILL)
            end = int(nursery.stdout.readline())
            assert end == signal.SIGKILL, "the run ended before it was killed; make it longer"
            killed += 1
            if (output / STATE).exists():
                reached.add(read_state(output / STATE)["batch"])
    assert len(reached) > 3  # it was killed in the middle of its work, and not always in the same
    last = _trainer(street, output, words, resume=True)
    last.run()
    assert _equal(_weights(whole), _weights(last))


def test_a_frozen_detector_stays_bit_for_bit(street, tmp_path):
    weights = tmp_path / "detector.pth"
    save_checkpoint(weights, _exp(street).get_model())
    words = "freeze_detector True reid_gradient 0"
    with pytest.raises(InputError, match=r"a detector that nobody trained; give one \(-c\)"):
        _trainer(street, tmp_path / "run", words)
    trainer = _trainer(street, tmp_path / "run", words, weights=weights)
    before = _weights(trainer)
    trainer.run()
    after = _weights(trainer)
    for name, tensor in before.items():
        if name.startswith(("model.backbone", "model.head", "average.backbone", "average.head")):
            assert torch.equal(tensor, after[name]), name
    assert not torch.equal(
        before["criterion.identity_loss.loss.classifier.weight"],
        after["criterion.identity_loss.loss.classifier.weight"],
    )


def test_a_balance_that_goes_by_epochs_is_told_of_them(street, tmp_path):
    trainer = _trainer(street, tmp_path, "balance dwa")
    trainer.run()
    assert torch.isfinite(trainer.criterion.balance.epochs).all()
    assert trainer.criterion.balance.steps == 0


def test_gradients_are_accumulated(street, tmp_path):
    trainer = _trainer(street, tmp_path, "accumulate 3 max_epoch 1 no_aug_epochs 0")
    seen = []
    trainer.on_batch = lambda _: seen.append(trainer.average.updates)
    trainer.run()
    assert seen == [0, 0, 1]


def test_a_loss_that_is_no_number_stops_the_run_and_is_kept(street, tmp_path):
    trainer = _trainer(street, tmp_path)
    with torch.no_grad():
        trainer.model.head.obj_preds[0].bias.fill_(math.nan)
    with pytest.raises(InputError, match=r"loss of batch 0 is not finite .*bad_batch_0_0\.pth"):
        trainer.run()
    kept = torch.load(tmp_path / "bad_batch_0_0.pth", weights_only=True)
    assert kept["images"].shape[:2] == (2, 3)
    assert all(name.endswith(".png") for name in kept["files"])


def _bad_from(trainer, first, last):
    """Have the losses of batches `first` to `last` be no number, and the norms see none either."""
    network = trainer._losses
    before = network.forward

    def forward(images, targets):
        bad = first <= trainer.batch <= last
        return before(images * math.nan if bad else images, targets)

    network.forward = forward


def test_bad_losses_are_skipped_if_that_is_wanted(street, tmp_path):
    trainer = _trainer(street, tmp_path, "skip_bad_loss True")
    _bad_from(trainer, 2, 3)
    told = []
    trainer.on_batch = lambda progress: told.append(progress.skipped)
    trainer.run()
    assert told == [0, 0, 1, 2, 2, 2, 2, 2, 2]
    assert all(torch.isfinite(tensor).all() for tensor in _weights(trainer).values())
    assert trainer.average.updates == 7


def test_a_run_that_skips_resumes_exactly(street, tmp_path):
    words = "skip_bad_loss True"
    whole = _trainer(street, tmp_path / "whole", words)
    _bad_from(whole, 2, 3)
    whole.run()
    first = _trainer(street, tmp_path / "parts", words)
    _bad_from(first, 2, 3)
    first.on_batch = lambda progress: setattr(first, "stop_requested", progress.batch == 3)
    with pytest.raises(Stopped):
        first.run()
    second = _trainer(street, tmp_path / "parts", words, resume=True)
    _bad_from(second, 2, 3)
    second.run()
    assert second.skipped == 2
    assert _equal(_weights(whole), _weights(second))


def test_nothing_but_bad_losses_is_not_skipped_for_ever(street, tmp_path):
    trainer = _trainer(street, tmp_path, "skip_bad_loss True max_epoch 9")
    _bad_from(trainer, 0, 99)
    with pytest.raises(InputError, match="the loss of batch 9 is not finite"):
        trainer.run()


def test_one_run_a_folder(street, tmp_path):
    first, second = _trainer(street, tmp_path), _trainer(street, tmp_path)
    refused = []

    def meanwhile(progress):
        if progress.batch == 1:
            with pytest.raises(InputError, match="another run is writing there") as error:
                second.run()
            refused.append(error)

    first.on_batch = meanwhile
    first.run()
    assert refused


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_run_is_refused_before_it_reads_anything(street, tmp_path, monkeypatch, resume):
    def read(*_, **__):
        raise AssertionError("it was read")

    with monkeypatch.context() as patched, hold(tmp_path):
        for reader in ("find_state", "open_training_set", "open_validation"):
            patched.setattr(f"yolox.engine.trainer.{reader}", read)
        with pytest.raises(InputError, match="another run is writing there; stop that one, or"):
            _trainer(street, tmp_path, resume=resume)
        second = World(1, 2, torch.device("cpu"))  # its first process is the one that is told
        with pytest.raises(AssertionError, match="it was read"):
            _trainer(street, tmp_path, world=second, resume=resume)
    _trainer(street, tmp_path)  # the lock's file alone is nobody


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_too_little_memory_names_what_to_change(street, tmp_path, error):
    trainer = _trainer(street, tmp_path)

    def forward(images, targets):
        raise error

    trainer._losses.forward = forward
    message = r"a batch of 2 pictures of 96 × 128 .* give a smaller batch \(-b"
    with pytest.raises(InputError, match=message):
        trainer.run()


def test_other_errors_of_the_network_are_not_taken_for_want_of_memory(street, tmp_path):
    trainer = _trainer(street, tmp_path)

    def forward(images, targets):
        raise RuntimeError("shapes do not fit")

    trainer._losses.forward = forward
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        trainer.run()


def test_errors_of_loading_processes_are_one_line(street, tmp_path):
    folder = tmp_path / "street"
    shutil.copytree(street, folder)
    (folder / "img" / "000003.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"000003\.png: is no image") as error:
        _trainer(folder, tmp_path / "run", "workers 1").run()
    assert "\n" not in str(error.value)


def test_a_batch_that_is_clipped_moves_little(street, tmp_path):
    trainer = _trainer(
        street, tmp_path, "clip_grad 1e-9 max_epoch 1 no_aug_epochs 0 weight_decay 0"
    )
    before = _weights(trainer)
    trainer.run()
    weight = "model.head.obj_preds.0.weight"
    assert (before[weight] - _weights(trainer)[weight]).abs().max() < 1e-9


@pytest.mark.parametrize(
    ("words", "options", "message"),
    [
        ("train gone.json", {}, "gone.json: no such file"),
        ("", {"batch_size": 7}, "6 images are not a batch of 7"),
        ("accumulate 4", {}, "not a batch of 2 times accumulate 4"),
        ("num_classes 1", {}, r"has 2 classes \(person, rider\), the exp has num_classes 1"),
        (
            "input_size (640,960)",
            {},
            r"random_size \(2, 3\) trains at heights of 64 to 96; set both",
        ),
        ("eval_interval 0", {}, "eval_interval is 0; give 1 or more"),
        ("clip_grad -1", {}, "clip_grad is -1.0; give 0 or more"),
        ("nmsthre 7", {}, "nmsthre is 7.0; give 0 to 1"),
        ("", {"resume": True}, "so there is nothing to resume"),
        ("val gone.json", {}, "gone.json: no such file"),
    ],
)
def test_errors_before_any_work(street, tmp_path, words, options, message):
    with pytest.raises(InputError, match=message):
        _trainer(street, tmp_path, words, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_and_another_batch(street, tmp_path):
    _trainer(street, tmp_path).save()
    with pytest.raises(InputError, match="holds a run; go on with --resume"):
        _trainer(street, tmp_path)
    with pytest.raises(InputError, match=r"-b was 2 and is 3; .*resume with what it began with"):
        _trainer(street, tmp_path, resume=True, batch_size=3)
    with pytest.raises(InputError, match=r"seed was 0 and is 1; resume with what"):
        _trainer(street, tmp_path, "seed 1", resume=True)
    _trainer(street, tmp_path, "eval_interval 1 max_epoch 4", resume=True)
    (tmp_path / STATE).write_bytes(b"half of it")
    with pytest.raises(InputError, match=r"latest\.pth: is no file of plain tensors \("):
        _trainer(street, tmp_path, resume=True)
    torch.save([1.0], tmp_path / STATE)
    with pytest.raises(InputError, match=r"latest\.pth: is no state of a run; give a folder"):
        _trainer(street, tmp_path, resume=True)


def test_a_best_that_the_evaluation_does_not_give(street, tmp_path):
    with pytest.raises(InputError, match="best is rank_1, but reid is none"):
        _trainer(street, tmp_path, "reid none best rank_1")
    folder = tmp_path / "nobody"
    shutil.copytree(street, folder)
    content = json.loads((folder / "made.json").read_text())
    for record in content["annotations"]:
        record["track_id"] = -1
    (folder / "nobody.json").write_text(json.dumps(content))
    exp = _exp(folder, "best rank_1 val nobody.json eval_interval 1")
    with pytest.raises(InputError, match="best is rank_1, which the evaluation does not give"):
        Trainer(exp, tmp_path / "run", batch_size=2).run()


def test_evaluation_does_not_depend_on_the_batch(street, tmp_path):
    trainer = _trainer(street, tmp_path)
    view = EvaluationView(MOTDataset(street / "made.json"), SIZE)
    truth = read_coco(street / "made.json")
    model = trainer.model.eval()
    one, three = (evaluate_model(model, view, truth, batch_size=size) for size in (1, 3))
    assert one.scores() == pytest.approx(three.scores(), abs=1e-6)
    assert one.reid is not None
    assert one.reid.queries <= 18


def test_starts_from_weights_that_do_not_say_what_input_they_want(street, tmp_path):
    exp = _exp(street)
    torch.manual_seed(5)
    weights = tmp_path / "yolox.pth"  # as YOLOX writes them: a state and no more
    original = exp.get_model()
    torch.save({"model": original.state_dict()}, weights)
    trainer = Trainer(exp, tmp_path / "run", batch_size=2, weights=weights)
    assert trainer.model.preprocessing.name == exp.preprocessing
    for name, tensor in trainer.model.state_dict().items():
        torch.testing.assert_close(tensor, original.state_dict()[name], rtol=0, atol=0)


def test_what_the_weights_to_begin_with_do_not_have_is_named(street, tmp_path):
    weights = tmp_path / "detector.pth"
    save_checkpoint(weights, _exp(street, "reid none").get_model())
    trainer = _trainer(street, tmp_path / "run", weights=weights)
    assert trainer.left_out
    assert all(name.startswith("reid_head.") for name in trainer.left_out)
    with pytest.raises(InputError, match="leaves nothing to train; set reid to a head"):
        _trainer(street, tmp_path / "none", "reid none freeze_detector True", weights=weights)


def test_a_run_that_ends_in_its_evaluation_evaluates_when_it_goes_on(street, tmp_path):
    words = "eval_interval 1"
    whole = _trainer(street, tmp_path / "whole", words)
    scores = []
    whole.on_scores = lambda batch, named: scores.append((batch, named["ap"]))
    whole.run()
    first = _trainer(street, tmp_path / "parts", words)

    def crash():
        raise RuntimeError("the machine is taken away")

    first.evaluate = crash
    with pytest.raises(RuntimeError):
        first.run()
    second = _trainer(street, tmp_path / "parts", words, resume=True)
    assert second.batch == 3
    again = []
    second.on_scores = lambda batch, named: again.append((batch, named["ap"]))
    second.run()
    assert again == scores
    assert _equal(_weights(whole), _weights(second))


def test_another_precision_or_other_data_are_another_run(street, tmp_path):
    trainer = _trainer(street, tmp_path / "run")
    trainer.save()
    with pytest.raises(InputError, match="--precision was fp32 and is bf16"):
        _trainer(street, tmp_path / "run", resume=True, precision="bf16")
    less = json.loads((street / "made.json").read_text())
    less["images"] = less["images"][:4]
    known = {record["id"] for record in less["images"]}
    less["annotations"] = [a for a in less["annotations"] if a["image_id"] in known]
    folder = tmp_path / "street"
    shutil.copytree(street, folder)
    (folder / "made.json").write_text(json.dumps(less))
    with pytest.raises(InputError, match="batches an epoch was 3 and is 2"):
        _trainer(folder, tmp_path / "run", resume=True)


def test_another_best_begins_anew(street, tmp_path):
    first = _trainer(street, tmp_path)
    first.best = 0.9
    first.save()
    assert _trainer(street, tmp_path, resume=True).best == 0.9
    assert _trainer(street, tmp_path, "best ap50", resume=True).best == -math.inf


def test_only_epochs_of_the_run_are_removed(street, tmp_path):
    for name in ("epoch_final.pth", "epoch_1.pth"):
        (tmp_path / name).write_bytes(b"")
    _trainer(street, tmp_path, "keep 1").run()
    left = sorted(path.name for path in tmp_path.glob("epoch_*"))
    assert left == ["epoch_003.pth", "epoch_final.pth"]
