"""What a converted data set is like in numbers, and what looks wrong about it."""

from __future__ import annotations

from typing import Any

import numpy as np

from yolox.data.annotations import Annotations
from yolox.data.id_space import UNKNOWN
from yolox.structures.boxes import Array

# Shares from which on something is worth a look.
_MOST = 0.5
_MANY = 0.2


def by_video(annotations: Annotations) -> list[dict[str, Any]]:
    """Count images, boxes and identities of each video, and how crowded and visible they are."""
    counts = np.diff(annotations.starts)
    video_of_box = np.repeat(annotations.videos, counts)
    rows = []
    for video in np.unique(annotations.videos).tolist():
        images = annotations.videos == video
        objects = annotations.objects.take(video_of_box == video)
        known = objects.identities[objects.identities != UNKNOWN]
        heights = objects.boxes[:, 3] - objects.boxes[:, 1]
        rows.append(
            {
                "video": annotations.video_names.get(video, str(video)),
                "images": int(images.sum()),
                "boxes": len(objects.boxes),
                "identities": len(np.unique(known)),
                "boxes/image": round(float(counts[images].mean()), 1),
                "median height": float(np.median(heights)) if len(heights) else None,
                "median visibility": (
                    round(float(np.median(objects.visibility)), 2) if len(heights) else None
                ),
            }
        )
    return rows


def track_lengths(annotations: Annotations) -> Array:
    """Count the boxes of each identity, `(I,)`."""
    identities = annotations.objects.identities
    return np.bincount(identities[identities != UNKNOWN], minlength=annotations.num_identities)


def outside_share(annotations: Annotations) -> Array:
    """Give the share of each box that lies outside its image, `(N,)`."""
    boxes = annotations.objects.boxes
    sizes = np.repeat(annotations.sizes, np.diff(annotations.starts), axis=0)
    low, high = np.clip(boxes[:, :2], 0, sizes), np.clip(boxes[:, 2:], 0, sizes)
    inside: Array = (high - low).prod(axis=1) / (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    # Divisions leave traces of less than a thousandth of a pixel.
    return np.where(inside > 1 - 1e-6, 0, 1 - inside)


def oddities(annotations: Annotations) -> list[str]:
    """Name what is allowed but often a sign of a wrong conversion."""
    objects = annotations.objects
    if not len(objects.boxes):
        return ["there is no box at all: is this a test set?"]
    found = []
    outside = outside_share(annotations)
    if (outside > _MOST).mean() > _MANY:
        found.append(
            f"{(outside > _MOST).mean():.0%} of the boxes lie mostly outside their image: are they "
            "left, top, width, height in pixels?"
        )
    if not annotations.num_identities:
        found.append("nobody has an identity: it can train a detector, but no ReID head")
    elif len(lengths := track_lengths(annotations)) > 1 and (lengths == 1).mean() > _MOST:
        found.append(
            f"{(lengths == 1).mean():.0%} of the identities have one box: "
            "are ids new in each frame?"
        )
    counts = np.diff(annotations.starts)
    if (counts == 0).mean() > _MOST:
        found.append(f"{(counts == 0).mean():.0%} of the images have no box")
    images = np.repeat(np.arange(len(annotations)), counts)
    twice = len(objects.boxes) - len(
        np.unique(np.column_stack([images, objects.class_ids, objects.boxes]), axis=0)
    )
    if twice:
        found.append(f"{twice} boxes stand twice in their image")
    sides = objects.boxes[:, 2:] - objects.boxes[:, :2]
    if (np.median(sides[:, 0] / sides[:, 1]) > 1) and "pedestrian" in annotations.class_names:
        found.append("most pedestrians are wider than tall: are width and height exchanged?")
    return found
