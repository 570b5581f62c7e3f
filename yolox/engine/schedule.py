"""The learning rate over a run: warm-up, cosine, and a floor while augmentation is off."""

from __future__ import annotations

import math

from yolox.structures import check_range


def learning_rate(
    step: int,
    *,
    peak: float,
    warmup: int,
    total: int,
    floor_steps: int,
    floor_ratio: float = 0.05,
) -> float:
    """Give the learning rate of a step, by YOLOX's `yoloxwarmcos`.

    It rises with the square of the step, falls along half a cosine to `floor_ratio · peak`, and
    stays there for the last `floor_steps`, in which mosaic and mixup are off.

    Args:
        step: From 0.
        peak: The highest rate; ByteTrack's is 0.001 / 64 an image of the batch.
        warmup: Steps of the rise.
        total: Steps of the run.
        floor_steps: Steps at the end with the lowest rate.
        floor_ratio: The lowest rate as a share of the highest.

    Raises:
        InputError: A number of steps is negative, or rise and floor are longer than the run.
    """
    check_range(0, total, warmup=warmup, floor_steps=floor_steps)
    check_range(0, total - floor_steps, warmup=warmup)
    done, floor = step + 1, floor_ratio * peak
    if done <= warmup:
        return peak * (done / warmup) ** 2
    if done >= total - floor_steps:
        return floor
    way = (done - warmup) / (total - warmup - floor_steps)
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * way))
