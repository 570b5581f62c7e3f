"""A detector that errs as detectors do, without looking at any picture."""

from __future__ import annotations

import numpy as np

from yolox.structures import DetectionTable, box_area
from yolox.structures.boxes import Array

MISSED = 0.02  # share of clear people who are not found
LEAST_VISIBLE = 0.15  # of whom less is seen, nobody is found
SHAKE = 0.02  # standard deviation of a box's sides, relative to its height
FALSE_PER_PERSON = 0.01  # things that are nobody, a frame and person


def detect(
    boxes: Array,
    visible: Array,
    present: Array,
    image: tuple[int, int],
    tallest: float,
    random: np.random.Generator,
) -> DetectionTable:
    """Find people; the score falls with the visible share.

    Args:
        boxes: `(F, N, 4)` xyxy.
        visible: `(F, N)` in [0, 1].
        present: `(F, N)` bool.
        image: Width and height in pixels.
        tallest: Height in pixels of a person at the lower border.
        random: Source of the errors.
    """
    frames, people = visible.shape
    score = np.clip(0.25 + 0.68 * visible + random.normal(0, 0.05, visible.shape), 0.02, 0.99)
    seen = present & (visible > LEAST_VISIBLE) & (random.random(visible.shape) > MISSED)
    shake = SHAKE * (boxes[..., 3] - boxes[..., 1])
    shaken = boxes + random.normal(0, 1, boxes.shape) * shake[..., None]

    false_count = random.poisson(FALSE_PER_PERSON * people, frames)
    corner = random.uniform([0, 0], image, (false_count.sum(), 2))
    size = random.uniform([0.1, 0.25], [0.25, 0.6], (false_count.sum(), 2)) * tallest
    frame_of_seen, _ = np.nonzero(seen)
    frame = np.concatenate([frame_of_seen, np.repeat(np.arange(frames), false_count)])
    found = np.concatenate([shaken[seen], np.concatenate([corner, corner + size], axis=1)])
    scores = np.concatenate([score[seen], random.uniform(0.1, 0.65, len(corner))])

    upright = box_area(found) > 0
    order = np.argsort(frame[upright], kind="stable")
    return DetectionTable(
        frames=frame[upright][order] + 1,
        boxes=found[upright][order],
        scores=scores[upright][order],
        class_ids=np.zeros(len(order), dtype=np.int64),
    )
