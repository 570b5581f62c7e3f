"""The processes of a run, as torchrun starts them; a run without torchrun is a world of one."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, NamedTuple, NoReturn

import torch
from torch import distributed, nn

from yolox.structures import InputError


class World(NamedTuple):
    """This process among all.

    Attributes:
        rank: Of this process, 0 for the one that writes.
        size: Number of processes.
        device: That this process trains on.
    """

    rank: int
    size: int
    device: torch.device

    @property
    def writes(self) -> bool:
        """Whether this process evaluates, saves and prints."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            distributed.barrier()

    def leave(self, code: int = 0) -> NoReturn:
        """Part from the other processes and end this one, when all work is done.

        Args:
            code: That the process ends with.
        """
        if self.size == 1:
            sys.exit(code)
        distributed.destroy_process_group()
        # What Python does at its end and `os._exit` does not: a cache in memory is removed.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        # Were Python torn down, a thread of Gloo that still holds a tensor of the last exchange
        # would abort the process (pytorch/pytorch#179291).
        os._exit(code)

    def any(self, flag: bool) -> bool:
        """Tell whether the flag is set in any process."""
        if self.size == 1:
            return flag
        told = torch.tensor(float(flag), device=self.device)
        distributed.all_reduce(told, distributed.ReduceOp.MAX)
        return bool(told)

    def wrap(self, module: nn.Module) -> nn.Module:
        """Have the gradients of a module averaged over the processes."""
        if self.size == 1:
            return module
        on_gpu = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(module, device_ids=on_gpu)

    def sharing(self, wrapped: nn.Module, *, now: bool) -> AbstractContextManager[None]:
        """Average the gradients of a pass within, or leave that to a later pass that does.

        Args:
            wrapped: By `wrap`; what is left adds up in this process until it is shared.
            now: Whether to share.
        """
        if now or self.size == 1:
            return nullcontext()
        kept: Any = wrapped
        left: AbstractContextManager[None] = kept.no_sync()
        return left


def check_shares(batch_size: int, processes: int) -> None:
    """Check that a batch can be shared.

    Raises:
        InputError: It cannot.
    """
    if batch_size % processes:
        raise InputError(
            f"a batch of {batch_size} cannot be shared by {processes} processes; give a multiple"
        )


def check_gpu(number: int) -> None:
    """Check that this machine has a GPU of that number, from 0.

    Raises:
        InputError: It has not.
    """
    there = torch.cuda.device_count()
    if number >= there:
        raise InputError(
            f"process {number} of this machine has no GPU, there are {there}; start fewer (-d), or "
            "train with --device cpu"
        )


def start_processes(count: int) -> NoReturn:
    """Become torchrun, which runs this command line again in as many processes on this machine."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={count}"]
    os.execv(sys.executable, [sys.executable, *launcher, *sys.argv])


def join_world(device: str) -> World:
    """Join the processes that torchrun started, by its environment variables.

    Args:
        device: `cpu`, or `cuda` for the GPU of this process' number on its machine.

    Raises:
        InputError: There is no such GPU.
    """
    rank = int(os.environ.get("RANK", "0"))
    size = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if device == "cuda":
        check_gpu(local)
        torch.cuda.set_device(local)
    chosen = torch.device(device, local) if device == "cuda" else torch.device(device)
    if size > 1 and not distributed.is_initialized():
        # The others wait while the first process evaluates.
        patience = timedelta(hours=4)
        if device == "cuda":
            # Named, so that a barrier need not guess which GPU is this process'.
            distributed.init_process_group("nccl", timeout=patience, device_id=chosen)
        else:
            distributed.init_process_group("gloo", timeout=patience)
    return World(rank, size, chosen)


def occupy_memory(device: torch.device, share: float = 0.9) -> None:
    """Take most of a GPU's free memory now, so that nobody else does; PyTorch keeps it to use.

    On a CPU there is nothing to take.
    """
    if device.type != "cuda":
        return
    free, _ = torch.cuda.mem_get_info(device)
    torch.empty(int(free * share), dtype=torch.uint8, device=device)
