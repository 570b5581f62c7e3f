"""One side of `pictures.py`: makes training pictures on demand and tells how long that took.

  python benchmarks/pictures_worker.py ours|bytes|CHECKOUT ANNOTATIONS HEIGHT WIDTH

`ours` ends with normalised floats as the public side does, `bytes` with the 8-bit batch that our
workers deliver. It is asked `["time", N]` or `["look", N]` (`worker.py`). Both packages are called
`yolox`, so each has a process of its own and nothing of either is imported above.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import random
import resource
import sys
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from worker import Ready, serve

SEED = 0


class Side(NamedTuple):
    """A way to make pictures.

    Attributes:
        make: Makes the picture of a number: what is timed.
        see: Gives its pixels `(3, H, W)` as normalised floats, and its boxes `(N, 4)` as centre,
            width, height.
    """

    make: Callable[[int], Any]
    see: Callable[[Any], tuple[Any, Any]]


def load() -> Ready:
    """Make the side that the command line names."""
    source, annotations, height, width = sys.argv[1:5]
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    size = int(height), int(width)
    make = ours if source in ("ours", "bytes") else public
    side = make(Path(annotations), size, source)
    numbers = itertools.count()

    def answer(question: tuple[str, int]) -> dict[str, float]:
        task, count = question
        turn = list(itertools.islice(numbers, count))
        return {"time": spend, "look": look}[task](side, turn)

    return Ready({}, answer)


def spend(side: Side, numbers: Sequence[int]) -> dict[str, float]:
    """Time pictures."""
    start = time.perf_counter()
    for number in numbers:
        side.make(number)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": peak}


def look(side: Side, numbers: Sequence[int]) -> dict[str, float]:
    """Describe pictures, to tell whether two sides make alike ones."""
    objects, heights, levels, details = 0, [], [], []
    for number in numbers:
        pixels, boxes = side.see(side.make(number))
        objects += len(boxes)
        heights += np.asarray(boxes)[:, 3].tolist()
        levels.append(float(pixels.mean()))
        details.append(float((pixels[:, 1:] - pixels[:, :-1]).abs().mean()))
    return {
        "objects": objects / len(numbers),
        "height": float(np.median(heights)),
        "level": float(np.mean(levels)),
        "detail": float(np.mean(details)),
    }


def ours(annotations: Path, size: tuple[int, int], source: str) -> Side:
    """Make pictures with this project."""
    from yolox.data.dataset import MOTDataset
    from yolox.data.loader import collate, normalise
    from yolox.data.mosaic import Augmentation
    from yolox.data.sampler import Shuffled
    from yolox.data.training import Draw, TrainingView
    from yolox.structures.preprocessing import LEGACY

    view = TrainingView(MOTDataset(annotations), Augmentation(), seed=SEED)
    order = Shuffled(len(view), seed=SEED)

    def make(number: int) -> Any:
        batch = collate([view[Draw(order.group(number, 1)[0], number, size)]])
        if source == "ours":
            batch.images = normalise(batch.images, LEGACY)
        return batch

    def see(batch: Any) -> tuple[Any, Any]:
        images = batch.images if source == "ours" else normalise(batch.images, LEGACY)
        return images[0], batch.targets.boxes

    return Side(make, see)


def public(annotations: Path, size: tuple[int, int], source: str) -> Side:
    """Make pictures with ByteTrack's own classes, called as its ablation exp calls them."""
    data = _import_data(Path(source))
    # As its trainer's exp does: the same JSON, images below the folder that holds `annotations`.
    root = annotations.parent.parent
    folder = json.loads(annotations.read_text())["info"]["image_root"]
    means, stds = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    dataset = data.MOTDataset(
        data_dir=str(root),
        json_file=annotations.name,
        name=os.path.relpath(annotations.parent / folder, root),
        img_size=size,
        preproc=data.TrainTransform(rgb_means=means, std=stds, max_labels=500),
    )
    mosaic = data.MosaicDetection(
        dataset,
        mosaic=True,
        img_size=size,
        preproc=data.TrainTransform(rgb_means=means, std=stds, max_labels=1000),
        degrees=10.0,
        translate=0.1,
        scale=(0.1, 2),
        shear=2.0,
        perspective=0.0,
        enable_mixup=True,
    )
    random.seed(SEED)
    order = np.random.default_rng(SEED)

    def make(number: int) -> Any:
        return mosaic[(size, int(order.integers(len(dataset))), True)]

    def see(made: Any) -> tuple[Any, Any]:
        pixels, labels, *_ = made
        return torch.from_numpy(pixels), labels[labels[:, 3] > 0, 1:5]

    return Side(make, see)


def _import_data(checkout: Path) -> Any:
    """Import the checkout's `yolox.data` without the rest, which wants packages long gone."""
    folder = checkout.resolve() / "yolox"
    package, utils = types.ModuleType("yolox"), types.ModuleType("yolox.utils")
    package.__path__, utils.__path__ = [str(folder)], [str(folder / "utils")]
    sys.modules |= {"yolox": package, "yolox.utils": utils}
    boxes = importlib.import_module("yolox.utils.boxes")
    for name in boxes.__all__:
        setattr(utils, name, getattr(boxes, name))
    utils.synchronize = lambda: None  # type: ignore[attr-defined]
    return importlib.import_module("yolox.data")


if __name__ == "__main__":
    serve(load)
