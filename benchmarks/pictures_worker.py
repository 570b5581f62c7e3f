"""One side of `pictures.py`: makes training pictures on demand and tells how long that took.

  python benchmarks/pictures_worker.py ours|CHECKOUT ANNOTATIONS HEIGHT WIDTH

Each line on stdin is a number of pictures; the answer is a line of JSON. Both packages are called
`yolox`, so each has a process of its own and nothing of either is imported above.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import resource
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import cv2
import numpy as np
import torch

# What one picture gives: pixels (3, H, W) float32, and boxes (N, 4) as centre, width, height.
Make = Callable[[int], tuple[Any, Any]]
SEED = 0


def main(answers: TextIO) -> None:
    """Load one side, then make pictures as asked until stdin ends."""
    side, annotations, height, width = sys.argv[1:5]
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    size = int(height), int(width)
    load = ours if side == "ours" else public
    make = load(Path(annotations), size, Path(side))
    answer({}, answers)
    made = 0
    for line in sys.stdin:
        count, heights, levels, contrasts = 0, [], [], []
        seconds = 0.0
        for number in range(made, made + int(line)):
            start = time.perf_counter()
            pixels, boxes = make(number)
            seconds += time.perf_counter() - start
            count += len(boxes)
            heights += np.asarray(boxes)[:, 3].tolist()
            levels.append(float(pixels.mean()))
            contrasts.append(float((pixels[:, 1:] - pixels[:, :-1]).abs().mean()))
        made += int(line)
        answer(
            {
                "seconds": seconds,
                "objects": count,
                "height": float(np.median(heights)) if heights else 0.0,
                "level": float(np.mean(levels)),
                "detail": float(np.mean(contrasts)),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            },
            answers,
        )


def ours(annotations: Path, size: tuple[int, int], _: Path) -> Make:
    """Make pictures with this project, up to the float tensor that the public side gives."""
    from yolox.data.dataset import MOTDataset
    from yolox.data.loader import collate, normalise
    from yolox.data.mosaic import Augmentation
    from yolox.data.sampler import Shuffled
    from yolox.data.training import Draw, TrainingView
    from yolox.structures.preprocessing import LEGACY

    view = TrainingView(MOTDataset(annotations), Augmentation(), seed=SEED)
    order = Shuffled(len(view), seed=SEED)

    def make(number: int) -> tuple[Any, Any]:
        batch = collate([view[Draw(order.group(number, 1)[0], number, size)]])
        return normalise(batch.images, LEGACY)[0], batch.targets.boxes

    return make


def public(annotations: Path, size: tuple[int, int], checkout: Path) -> Make:
    """Make pictures with ByteTrack's own classes, called as its ablation exp calls them."""
    data = _import_data(checkout)
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

    def make(number: int) -> tuple[Any, Any]:
        pixels, labels, *_ = mosaic[(size, int(order.integers(len(dataset))), True)]
        pixels = torch.from_numpy(pixels)
        return pixels, labels[labels[:, 3] > 0, 1:5]

    return make


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


def answer(what: dict[str, Any], to: TextIO) -> None:
    """Write one line."""
    print(json.dumps(what), file=to, flush=True)


if __name__ == "__main__":
    # Whatever the packages print is not for the one who reads the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    main(answers)
