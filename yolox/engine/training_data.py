"""The images that a run trains on, and the batches that they come in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from yolox.data.annotations import read_annotations
from yolox.data.cache import MEMORY, ImageCache
from yolox.data.dataset import MOTDataset
from yolox.data.loader import Batch, training_loader
from yolox.data.sampler import IdentityBalanced, Order, Shuffled, TrainingBatches
from yolox.data.training import TrainingView
from yolox.engine.distributed import World
from yolox.exp.base import Exp
from yolox.structures import InputError


def open_training_set(exp: Exp) -> MOTDataset:
    """Open the images that an exp trains on.

    Raises:
        InputError: They are not there, or are of other classes.
    """
    path = Path(exp.data_root) / exp.train
    annotations = read_annotations(path)
    names = annotations.class_names
    if len(names) != exp.num_classes:
        raise InputError(
            f"{exp.train}: has {len(names)} classes ({', '.join(names)}), the exp has num_classes "
            f"{exp.num_classes}; make them equal"
        )
    if exp.cache == "none":
        return MOTDataset(annotations)
    folder = MEMORY if exp.cache == "memory" else path.parent
    return MOTDataset(annotations, cache=ImageCache(annotations, folder, exp.get_sizes()[-1]))


def load_batches(
    exp: Exp,
    dataset: MOTDataset,
    world: World,
    *,
    batch_size: int,
    start: int,
    stop: int,
    mosaic_until: int,
) -> Iterable[Batch]:
    """Load this process' share of a run's batches.

    Args:
        exp: Settings of the run.
        dataset: From `open_training_set`.
        world: The processes that share each batch.
        batch_size: Pictures a batch, over all processes.
        start: Batches already done.
        stop: Batches of the whole run.
        mosaic_until: The batch from which mosaic and mixup are off.

    Raises:
        InputError: Batches of `images_per_identity` do not come out even.
    """
    own = batch_size // world.size
    batches = TrainingBatches(
        _order(exp, dataset, own),
        batch_size=own,
        stop=stop,
        sizes=exp.get_sizes(),
        seed=exp.seed,
        resize_every=exp.resize_every,
        mosaic_until=mosaic_until,
        start=start,
        rank=world.rank,
        world_size=world.size,
    )
    view = TrainingView(dataset, exp.get_augmentation(), seed=exp.seed)
    on_gpu = world.device.type == "cuda"
    return training_loader(view, batches, workers=exp.workers, pin_memory=on_gpu)


def _order(exp: Exp, dataset: MOTDataset, own: int) -> Order:
    if not exp.images_per_identity:
        return Shuffled(len(dataset), seed=exp.seed)
    if own % exp.images_per_identity:
        raise InputError(
            f"each process has {own} images of a batch, which is no multiple of "
            f"images_per_identity {exp.images_per_identity}; change -b"
        )
    return IdentityBalanced(dataset.annotations, exp.images_per_identity, seed=exp.seed)
