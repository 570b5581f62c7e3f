"""Pictures to batches: 8-bit pixels as they are, and the objects of all of them in one table."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from yolox.data.dataset import Sample
from yolox.data.sampler import TrainingBatches
from yolox.data.training import TrainingView
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, Letterbox, Preprocessing
from yolox.structures.targets import Targets


@dataclass
class Batch:
    """Pictures with their objects.

    Attributes:
        images: `(B, 3, H, W)` uint8 BGR, in channels-last memory.
        targets: Their objects.
        indices: `(B,)` int64, of the images in the data set.
        letterboxes: How each came from its image, where it is one whole image.
        faults: Images that could not be read and were left out.
    """

    images: Tensor
    targets: Targets
    indices: Tensor
    letterboxes: list[Letterbox | None]
    faults: list[str]

    def to(self, device: torch.device | str) -> Batch:
        """Move pixels and targets."""
        moved = (column.to(device, non_blocking=True) for column in self.targets)
        return Batch(
            self.images.to(device, non_blocking=True),
            Targets(*moved),
            self.indices,
            self.letterboxes,
            self.faults,
        )

    def pin_memory(self) -> Batch:
        """Lay the tensors into page-locked memory, from which a GPU copies fast."""
        pinned = (column.pin_memory() for column in self.targets)
        return Batch(
            self.images.pin_memory(),
            Targets(*pinned),
            self.indices,
            self.letterboxes,
            self.faults,
        )


def collate(samples: Sequence[Sample]) -> Batch:
    """Put pictures of one size into a batch."""
    objects = [sample.objects for sample in samples]
    boxes = torch.from_numpy(np.concatenate([one.boxes for one in objects]))
    return Batch(
        images=torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2),
        targets=Targets(
            images=torch.arange(len(samples)).repeat_interleave(
                torch.tensor([len(one.boxes) for one in objects])
            ),
            boxes=torch.cat(
                [(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], dim=1
            ),
            class_ids=torch.from_numpy(np.concatenate([one.class_ids for one in objects])),
            identities=torch.from_numpy(np.concatenate([one.identities for one in objects])),
        ),
        indices=torch.tensor([sample.index for sample in samples]),
        letterboxes=[sample.letterbox for sample in samples],
        faults=[fault for sample in samples for fault in sample.faults],
    )


def normalise(images: Tensor, convention: Preprocessing) -> Tensor:
    """Turn 8-bit pixels into network input, on whatever device they are.

    Args:
        images: `(B, 3, H, W)` uint8 BGR.
        convention: What the weights expect: `model.preprocessing`.

    Returns:
        `(B, 3, H, W)` float32 in channels-last memory, what `preprocess` makes of an image.
    """
    if convention.channels == "rgb":
        images = torch.cat([images[:, 2:], images[:, 1:2], images[:, :1]], dim=1)
    batch, _, height, width = images.shape
    # A row as one vector: three channels alone would be too short to be fast.
    pixels = images.permute(0, 2, 3, 1).reshape(batch, height, 3 * width).float()
    if convention != CURRENT:
        std = pixels.new_tensor(convention.std)
        pixels *= (convention.scale / std).repeat(width)
        pixels -= (pixels.new_tensor(convention.mean) / std).repeat(width)
    return pixels.view(batch, height, width, 3).permute(0, 3, 1, 2)


def training_loader(
    view: TrainingView, batches: TrainingBatches, *, workers: int, pin_memory: bool = False
) -> DataLoader[Sample]:
    """Make the loader of training batches; the number of workers changes only the speed."""
    return _loader(view, workers, pin_memory, batch_sampler=batches)


def evaluation_loader(
    view: Dataset[Sample], *, batch_size: int, workers: int, pin_memory: bool = False
) -> DataLoader[Sample]:
    """Make a loader that goes through all images once, in their order."""
    return _loader(view, workers, pin_memory, batch_size=batch_size)


def _loader(
    view: Dataset[Sample], workers: int, pin_memory: bool, **options: Any
) -> DataLoader[Sample]:
    return _Loader(
        view,
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin_memory,
        worker_init_fn=_one_thread,
        # Else it would draw from, and so disturb, the global generator.
        generator=torch.Generator(),
        **options,
    )


class LoadingError(InputError):
    """The processes that load data are gone."""


class _Loader(DataLoader[Sample]):
    """Tells errors of worker processes as those of this one are told."""

    def __iter__(self) -> Any:
        iterator = super().__iter__()
        if threading.current_thread() is threading.main_thread():
            # PyTorch's handler raises wherever the main thread is, in the middle of saving too,
            # once a worker ends; and a scheduler's SIGTERM ends workers first. Without it that is
            # noticed when they are asked for data.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            yield from iterator
        except InputError as error:
            # PyTorch makes the worker's whole traceback the message; its last line is ours.
            raise InputError(str(error).strip().rpartition("InputError: ")[2]) from None
        except RuntimeError as error:
            if "DataLoader worker" not in str(error):
                raise
            raise LoadingError(
                "a process that loads data was ended from outside, perhaps for want of memory; "
                "set fewer workers"
            ) from None


def _one_thread(worker: int) -> None:
    """Workers run beside each other; OpenCV's own threads would only get in their way."""
    # Not 1: a forked worker would wait for ever for threads that only its parent has (OpenCV 5.0).
    cv2.setNumThreads(0)
