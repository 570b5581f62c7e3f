"""A small made-up street: people who walk and hide each other, and a detector that errs.

Everything is drawn from one seed. It serves demonstrations, tests and speed measurements; it is no
substitute for a real benchmark.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yolox.structures import DetectionTable, TruthTable, box_area
from yolox.structures.boxes import Array


class Scene(NamedTuple):
    """A generated sequence: what is true and what a detector found."""

    truth: TruthTable
    detections: DetectionTable
    length: int
    width: int
    height: int
    frame_rate: float


def make_scene(
    people: int = 12,
    frames: int = 150,
    *,
    width: int = 1280,
    height: int = 720,
    tallest: float = 260.0,
    seed: int = 0,
) -> Scene:
    """Generate a scene in which `people` walk to and fro for `frames` frames at 30 a second.

    Who stands lower in the image is nearer, taller, and hides those behind. The detector sees the
    visible share of a person: its score falls with it, its boxes shake by 2 % of the height, it
    misses one clear person in fifty and reports a few things that are nobody.

    Args:
        people: Number of identities, all present in every frame.
        frames: Length of the sequence.
        width: Image width in pixels.
        height: Image height in pixels.
        tallest: Height in pixels of a person at the bottom of the image; at the top it is a fifth.
        seed: Of the random generator.

    Returns:
        The scene; ids and frames count from 1.
    """
    random = np.random.default_rng(seed)
    boxes = _walk(people, frames, width, height, tallest, random)
    visible = np.stack([_visible_share(of_frame) for of_frame in boxes])
    truth = TruthTable(
        frames=np.repeat(np.arange(1, frames + 1), people),
        boxes=boxes.reshape(-1, 4),
        ids=np.tile(np.arange(1, people + 1), frames),
        considered=np.ones(frames * people, dtype=bool),
        class_ids=np.ones(frames * people, dtype=np.int64),
        visibility=visible.reshape(-1),
    )
    detections = _detect(boxes, visible, (width, height), tallest, random)
    return Scene(truth, detections, frames, width, height, frame_rate=30.0)


def _walk(
    people: int, frames: int, width: int, height: int, tallest: float, random: np.random.Generator
) -> Array:
    """Boxes `(frames, people, 4)` of people who turn round at the border of the image."""
    speed = random.uniform(0.002, 0.012, people) * tallest * random.choice([-1, 1], people)
    start = random.uniform(0, 2 * width, people)
    feet = random.uniform(0.3, 0.98, people) * height
    sway = random.uniform(0.02, 0.1, people) * tallest
    phase = random.uniform(0, 2 * np.pi, people)

    time = np.arange(frames)[:, None]
    unfolded = (start + speed * time) % (2 * width)
    x = np.where(unfolded < width, unfolded, 2 * width - unfolded)
    y = feet + sway * np.sin(phase + time / 40)
    tall = tallest * (0.2 + 0.8 * y / height)
    half_wide = 0.2 * tall
    return np.stack([x - half_wide, y - tall, x + half_wide, y], axis=2)


def _visible_share(boxes: Array) -> Array:
    """Share of each box that no nearer box covers, sampled on an 8 × 8 grid."""
    grid = (np.arange(8) + 0.5) / 8
    x = boxes[:, None, None, 0] + grid[:, None] * (boxes[:, 2] - boxes[:, 0])[:, None, None]
    y = boxes[:, None, None, 1] + grid[None, :] * (boxes[:, 3] - boxes[:, 1])[:, None, None]
    shares = np.ones(len(boxes))
    for person, box in enumerate(boxes):
        nearer = boxes[(boxes[:, 3] > box[3]) & (boxes[:, 1] < box[3])]
        nearer = nearer[(nearer[:, 0] < box[2]) & (nearer[:, 2] > box[0])]
        left, top, right, low = nearer.T[:, :, None, None]
        hidden = (left < x[person]) & (x[person] < right) & (top < y[person]) & (y[person] < low)
        shares[person] = 1 - hidden.any(axis=0).mean()
    return shares


def _detect(
    boxes: Array,
    visible: Array,
    image: tuple[int, int],
    tallest: float,
    random: np.random.Generator,
) -> DetectionTable:
    frames, people = visible.shape
    score = np.clip(0.25 + 0.68 * visible + random.normal(0, 0.05, visible.shape), 0.02, 0.99)
    seen = (visible > 0.15) & (random.random(visible.shape) > 0.02)
    shake = 0.02 * (boxes[..., 3] - boxes[..., 1])
    shaken = boxes + random.normal(0, 1, boxes.shape) * shake[..., None]

    false_count = random.poisson(0.01 * people, frames)
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
