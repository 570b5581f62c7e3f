"""What a run is guarded against: a second one in its folder, and a batch too large for memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from yolox.data.loader import Batch
from yolox.structures import InputError

LOCK = ".lock"
# What a CPU's allocator, the CUDA driver and CUDA's libraries say where PyTorch's own does not.
_TOO_LITTLE = ("can't allocate memory", "out of memory", "STATUS_ALLOC_FAILED")


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep a folder for this process alone; the system lets go of it however the process ends.

    Raises:
        InputError: Another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        raise InputError(
            f"{folder}: another run is writing there; stop that one, or give another folder"
        ) from None


def check_free(folder: Path) -> None:
    """Check that no other process holds a folder, and leave no trace there.

    Raises:
        InputError: One does.
    """
    if (folder / LOCK).exists():
        with hold(folder):
            pass


@contextmanager
def memory_explained(batch: Batch) -> Iterator[None]:
    """Say what to change where a batch does not fit into memory.

    Raises:
        InputError: It does not.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not any(
            words in str(error) for words in _TOO_LITTLE
        ):
            raise
        count, _, height, width = batch.images.shape
        raise InputError(
            f"a batch of {count} pictures of {height} × {width} with {len(batch.targets.boxes)} "
            "objects does not fit into memory; give a smaller batch (-b, and accumulate), smaller "
            "input_size and random_size, or --precision bf16"
        ) from None
