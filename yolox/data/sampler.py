"""In what order, at what size and for which rank pictures are drawn.

A batch is a function of the seed and its number, so that training goes on after an interruption as
if there had been none: give `start`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from torch.utils.data import Sampler

from yolox.data.annotations import Annotations
from yolox.data.id_space import UNKNOWN
from yolox.data.placement import Size
from yolox.data.training import Draw
from yolox.structures import InputError, check_range
from yolox.structures.boxes import Array

# Streams of chance that must not repeat each other, nor that of the pictures.
_ORDER, _SIZE, _IMAGES = 1, 2, 3


class Order(Protocol):
    """An endless series of images, cut into groups: the batches of all ranks."""

    def group(self, number: int, size: int) -> list[int]:
        """Give the images of the `number`-th group of `size`, from 0."""
        ...


class Shuffled:
    """All images in random order, and again in another order, without end.

    Args:
        length: Number of images.
        seed: Of the orders.
    """

    def __init__(self, length: int, *, seed: int) -> None:
        if length < 1:
            raise InputError("there is no image to draw from")
        self.length = length
        self.seed = seed
        self._epoch = -1
        self._images = np.empty(0, dtype=np.int64)

    def group(self, number: int, size: int) -> list[int]:
        """Give the images of the `number`-th group of `size`, from 0."""
        return [self._image(place) for place in range(number * size, (number + 1) * size)]

    def _image(self, place: int) -> int:
        epoch, row = divmod(place, self.length)
        if epoch != self._epoch:
            random = np.random.default_rng((self.seed, _ORDER, epoch))
            self._epoch, self._images = epoch, random.permutation(self.length)
        return int(self._images[row])


class IdentityBalanced:
    """Groups of images drawn for P identities, K images each, as metric losses want them.

    An image shows others too, and a mosaic may cut off whom it was drawn for: where a batch must
    hold just these, set `mosaic` to 0.

    Identities come up in random order, then in another: equally often in the long run, however long
    each is on screen. Its K images are different ones where it has as many.

    Args:
        annotations: Of the data set.
        images_each: K.
        seed: Of the order.

    Raises:
        InputError: Nobody in the data set has an identity.
    """

    def __init__(self, annotations: Annotations, images_each: int, *, seed: int) -> None:
        check_range(1, 10_000, images_each=images_each)
        identities = annotations.objects.identities
        images = np.repeat(np.arange(len(annotations)), np.diff(annotations.starts))
        known = identities != UNKNOWN
        if not known.any():
            raise InputError("the data set has no identities; take the shuffled order")
        order = np.argsort(identities[known], kind="stable")
        starts = np.flatnonzero(np.diff(identities[known][order], prepend=-1))
        self._images: list[Array] = np.split(images[known][order], starts[1:])
        self.images_each = images_each
        self.seed = seed

    def group(self, number: int, size: int) -> list[int]:
        """Give the images of the `number`-th group of `size`, from 0.

        Raises:
            InputError: The size is no multiple of K, or there are fewer than P identities.
        """
        people = size // self.images_each
        if size % self.images_each or not 0 < people <= len(self._images):
            raise InputError(
                f"a batch of {size} cannot hold {self.images_each} images of each identity "
                f"({len(self._images)} in all); give a multiple, not more than all"
            )
        random = np.random.default_rng((self.seed, _IMAGES, number))
        drawn: list[int] = []
        for person in self._people(number, people):
            # Where there are too few they are repeated, all as often.
            images = np.resize(random.permutation(self._images[person]), self.images_each)
            drawn += images.tolist()
        return drawn

    def _people(self, number: int, count: int) -> list[int]:
        """Draw a group's people; a round ends before it would have to draw somebody twice."""
        round_, group = divmod(number, len(self._images) // count)
        order = np.random.default_rng((self.seed, _ORDER, round_)).permutation(len(self._images))
        people: list[int] = order[group * count :][:count].tolist()
        return people


class TrainingBatches(Sampler[list[Draw]]):
    """The batches of one rank, for a `DataLoader`'s `batch_sampler`.

    Args:
        order: Which images.
        batch_size: Pictures a batch and rank.
        stop: Number of batches since training began at which to stop.
        sizes: Heights and widths to draw from, the same for all ranks.
        seed: Of the sizes.
        resize_every: Batches that have the same size.
        mosaic_until: The batch from which mosaic and mixup are off; by default they stay on.
        start: The batch to begin with, from 0: how many were done before.
        rank: Of this process.
        world_size: Number of processes.
    """

    def __init__(
        self,
        order: Order,
        *,
        batch_size: int,
        stop: int,
        sizes: Sequence[Size],
        seed: int,
        resize_every: int = 10,
        mosaic_until: int | None = None,
        start: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        check_range(1, 1_000_000, batch_size=batch_size, world_size=world_size)
        check_range(1, 1_000_000, resize_every=resize_every)
        check_range(0, world_size - 1, rank=rank)
        check_range(0, stop, start=start)
        if not sizes:
            raise InputError("sizes is empty; give at least one (height, width)")
        self.order = order
        self.batch_size = batch_size
        self.stop = stop
        self.sizes = list(sizes)
        self.seed = seed
        self.resize_every = resize_every
        self.mosaic_until = stop if mosaic_until is None else mosaic_until
        self.start = start
        self.rank = rank
        self.world_size = world_size

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[list[Draw]]:
        return map(self.batch, range(self.start, self.stop))

    def batch(self, number: int) -> list[Draw]:
        """Give the `number`-th batch since training began, from 0."""
        size = self._size(number // self.resize_every)
        # Drawn for all ranks together, so that their number does not change what is drawn.
        whole = self.batch_size * self.world_size
        own = range(self.rank * self.batch_size, (self.rank + 1) * self.batch_size)
        images = self.order.group(number, whole)
        return [
            Draw(images[place], number * whole + place, size, number < self.mosaic_until)
            for place in own
        ]

    def _size(self, period: int) -> Size:
        random = np.random.default_rng((self.seed, _SIZE, period))
        return self.sizes[random.integers(len(self.sizes))]


def training_sizes(height: int, width: int, multiples: tuple[int, int]) -> list[Size]:
    """List the sizes of multi-scale training by YOLOX's rule.

    Args:
        height: Of the network input, in pixels.
        width: Of the network input, in pixels.
        multiples: First and last of 32 that the height takes: (18, 32) is 576 to 1024.

    Returns:
        Heights and widths; a width is 32 · ⌊multiple · width / height⌋.
    """
    first, last = multiples
    check_range(1, last, **{"multiples[0]": first})
    return [(32 * k, 32 * int(k * width / height)) for k in range(first, last + 1)]
