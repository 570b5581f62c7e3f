"""tools/train.py as a user types it: one process, several, several machines, and mistakes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
import torch

from yolox.engine.guards import hold

SETTINGS = (
    "model nano train made/annotations/train.json val made/annotations/train.json data_root . "
    "workers 0 input_size (64,96) test_size (64,96) random_size (2,3) mosaic 0.0 mixup 0.0 "
    "print_interval 1 max_epoch 2 no_aug_epochs 1 eval_interval 9"
)
WORDS = SETTINGS.split()


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A scene of eight small images and an Exp file."""
    folder = tmp_path_factory.mktemp("train")
    for tool, *words in (
        ("make_synthetic", "--output", "made", "--frames", 8, "--width", 160, "--height", 90),
        ("convert_dataset", "synthetic", "--data-dir", "made"),
    ):
        command = [sys.executable, root / "tools" / f"{tool}.py", *words]
        subprocess.run([str(word) for word in command], cwd=folder, check=True, capture_output=True)
    (folder / "tiny.py").write_text(
        "from yolox.exp import Exp as Base\n\n\nclass Exp(Base):\n    pass\n"
    )
    return folder


@pytest.fixture
def start(root, folder):
    def start(*words, launcher=()):
        command = [sys.executable, *launcher, root / "tools" / "train.py", "-f", "tiny.py"]
        command += ["--device", "cpu", *words]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    return start


@pytest.fixture
def call(start):
    def call(*words, **options):
        process = start(*words, **options)
        out, errors = process.communicate(timeout=200)
        return process.returncode, out, errors

    return call


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_trains_and_writes_what_it_says(call, folder):
    code, out, errors = call("-b", 4, "-o", "--repeatable", "--output", "one", *WORDS)
    assert code == 0, errors
    first, second, *_ = out.splitlines()
    assert first.startswith("8 images, ")
    assert second.startswith("batch 1 of 4: loss/box")
    assert out.splitlines()[-1] == "checkpoints in one"
    written = {path.name for path in (folder / "one").glob("[!.]*")}
    assert written == {
        "best.pth", "epoch_001.pth", "epoch_002.pth", "latest.pth", "tensorboard", "train.log",
    }  # fmt: skip

    code, out, errors = call("-b", 4, "--output", "one", *WORDS)
    assert (code, out) == (2, "")
    assert errors == "error: one: holds a run; go on with --resume, or give another folder\n"
    code, out, _ = call("-b", 4, "--output", "one", "--resume", *WORDS)
    assert code == 0
    assert "at its end, batch 4; raise max_epoch to go on" in out
    code, out, errors = call("-b", 4, "--output", "one", "--resume", *WORDS, "max_epoch", 3)
    assert code == 0, errors
    assert out.splitlines()[1].startswith("batch 5 of 6")


def test_two_processes_here_and_two_machines_give_one_run(call, start, folder):
    code, out, errors = call("-d", 2, "-b", 4, "--output", "here", *WORDS, "sync_bn", True)
    assert code == 0, out + errors
    assert out.splitlines()[-1] == "checkpoints in here"

    port = _free_port()
    nodes = []
    for rank in range(2):
        launcher = ["-m", "torch.distributed.run", "--nnodes", 2, "--node_rank", rank,
                    "--nproc_per_node", 1, "--master_addr", "127.0.0.1",
                    "--master_port", port]  # fmt: skip
        words = ["-b", 4, "--output", "nodes", *WORDS, "sync_bn", True]
        nodes.append(start(*words, launcher=launcher))
    for node in nodes:
        out, errors = node.communicate(timeout=200)
        assert node.returncode == 0, out + errors
    weights = [
        torch.load(folder / run / "latest.pth", weights_only=True)["model"]
        for run in ("here", "nodes")
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_sigterm_to_all_of_a_job_saves_and_resuming_goes_on(start, call, folder):
    process = start("-b", 2, "--output", "stopped", *WORDS, "max_epoch", 400, "workers", 2)
    while process.poll() is None and not (folder / "stopped" / "train.log").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGTERM)  # as schedulers do: the loading processes get it too
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    stopped = re.search(r"stopped after batch (\d+) of 1600; go on with --resume", errors)
    assert stopped, errors
    done = int(stopped[1])
    epochs = done // 4 + 3
    words = ["--resume", "-b", 2, "--output", "stopped", *WORDS, "max_epoch", epochs]
    code, out, errors = call(*words)
    assert code == 0, errors
    assert out.splitlines()[1].startswith(f"batch {done + 1} of {4 * epochs}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-b", 4, "max_epoc", 3], "there is no setting 'max_epoc'; did you mean max_epoch"),
        (["-b", 4, "max_epoch", "many"], "max_epoch is 'many'; give a whole number"),
        (["-b", 4, "-c", "gone.pth", *WORDS], "gone.pth: no such file"),
        (["-b", 4, *WORDS, "val", "gone.json"], "gone.json: no such file"),
        (["-b", 4, *WORDS, "max_epoch", 1], "max_epoch is 1, less than warmup_epochs 1 and"),
        (["-b", 4, "--logger", "mlflow", *WORDS], "--logger mlflow: it is not installed"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(call, folder, words, message):
    code, out, errors = call("--output", "none", *words)
    assert code == 2
    assert out == ""
    assert errors.startswith("error: ")
    assert message in errors
    assert errors.count("\n") == 1
    assert not (folder / "none").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(call):
    code, _, errors = call("--device", "cuda", "-b", 4, "--output", "none", *WORDS)
    assert code == 2
    assert errors.startswith("error: process 0 of this machine has no GPU, there are 0;")


def test_a_batch_smaller_than_the_devices(call):
    code, _, errors = call("-d", 2, "-b", 1, "--output", "none", *WORDS)
    assert code == 2
    assert errors == "error: a batch of 1 cannot be shared by 2 processes; give a multiple\n"


@pytest.mark.parametrize("devices", [1, 2])
def test_a_folder_in_which_a_run_is_writing(call, folder, devices):
    with hold(folder / "held"):
        code, out, errors = call("-d", devices, "-b", 4, "--output", "held", *WORDS)
    assert (code, out) == (2, "")
    assert errors == (
        "error: held: another run is writing there; stop that one, or give another folder\n"
    )
