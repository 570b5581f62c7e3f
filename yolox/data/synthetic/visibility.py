"""How much of everybody can be seen, from boxes alone."""

from __future__ import annotations

import numpy as np

from yolox.structures.boxes import Array

# A body fills the middle three quarters of its box, but never more than a third of its height: a
# stride or outstretched arms make a box wide, and show what is behind.
BODY, SLIM = 0.75, 0.34
SAMPLES = 8  # a box is looked at in so many columns and rows
# Frames are taken together up to this many pairs of boxes, at least one:
# some 100 MB up to 700 people, 800 MB for the most that a scene may have.
PAIRS = 500_000


def visible_shares(
    boxes: Array,
    depths: Array,
    present: Array,
    hiding: Array,
    hiding_depths: Array,
    image: tuple[int, int],
) -> Array:
    """Give the share of each person's box that is in the image and hidden by nothing nearer.

    Args:
        boxes: `(F, N, 4)` xyxy of the people.
        depths: `(F, N)` in metres.
        present: `(F, N)` bool; absent people hide nobody.
        hiding: `(F, O, 4)` xyxy of the other things that hide.
        hiding_depths: `(O,)` in metres.
        image: Width and height in pixels.

    Returns:
        `(F, N)` in [0, 1].
    """
    bodies = boxes.copy()
    wide, tall = np.moveaxis(boxes[..., 2:] - boxes[..., :2], -1, 0)
    spare = (wide - np.minimum(BODY * wide, SLIM * tall)) / 2
    bodies[..., 0] += spare
    bodies[..., 2] -= spare
    covers = np.concatenate([bodies, hiding], axis=1)
    behind = np.broadcast_to(hiding_depths, hiding.shape[:2])
    cover_depths = np.concatenate([np.where(present, depths, np.inf), behind], axis=1)

    step = max(1, PAIRS // max(1, boxes.shape[1] * covers.shape[1]))
    shares = [
        _shares(boxes[at], depths[at], covers[at], cover_depths[at], image)
        for at in (slice(first, first + step) for first in range(0, len(boxes), step))
    ]
    return np.concatenate(shares)


def _shares(
    boxes: Array, depths: Array, covers: Array, cover_depths: Array, image: tuple[int, int]
) -> Array:
    grid = (np.arange(SAMPLES, dtype=np.float32) + 0.5) / SAMPLES
    boxes, covers = boxes.astype(np.float32), covers.astype(np.float32)
    size = boxes[..., 2:] - boxes[..., :2]
    x = boxes[..., 0, None] + size[..., 0, None] * grid  # (F, N, 8)
    y = boxes[..., 1, None] + size[..., 1, None] * grid
    nearer = cover_depths[:, None, :] < depths[:, :, None]  # (F, N, M)
    in_columns = _within(x, covers[..., 0], covers[..., 2])  # (F, N, 8, M)
    in_rows = _within(y, covers[..., 1], covers[..., 3]) & nearer[:, :, None, :]
    # A sample is hidden if a cover has both its column and its row: a product of matrices.
    layers = in_columns.astype(np.float32) @ in_rows.astype(np.float32).swapaxes(-1, -2)
    inside = ((x >= 0) & (x < image[0]))[..., :, None] & ((y >= 0) & (y < image[1]))[..., None, :]
    shares: Array = ((layers == 0) & inside).mean(axis=(-1, -2))
    return shares


def _within(samples: Array, low: Array, high: Array) -> Array:
    inside: Array = (samples[..., None] > low[:, None, None, :]) & (
        samples[..., None] < high[:, None, None, :]
    )
    return inside
