"""Scenes from a seed that lead trackers into every corner, and whether a mismatch is a tie."""

from contextlib import ExitStack
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from yolox.structures import DetectionTable
from yolox.tracker import byte_tracker, covertrack
from yolox.tracker.association import assign
from yolox.tracker.motion import track_camera

# Costs that differ by less are equal.
TIE = 1e-9


def random_options(algorithm, rng):
    """Any parameters of BYTE or CoverTrack."""
    return {"byte": _byte_options, "covertrack": _cover_options}[algorithm.name](rng)


def _cover_options(rng):
    """Half of them as they are by default, so that every part has something to do."""
    if rng.random() < 0.2:
        return {}
    options = {
        "track_buffer": int(rng.choice([1, 2, 5, 30])),
        "frame_rate": float(rng.choice([14, 25, 30, 60])),
        "image_width": [None, 200.0, 1000.0][rng.integers(3)],
        "class_aware": bool(rng.random() < 0.4),
        "box_camera": bool(rng.random() < 0.7),
        "unseen_hits": int(rng.integers(1, 5)),
    }
    for name, parameter in covertrack.CoverTrack.parameters().items():
        if name not in options and rng.random() < 0.5:
            options[name] = float(rng.uniform(*parameter.search))
    return options


def _byte_options(rng):
    return {
        "track_thresh": float(rng.choice([0.3, 0.5, 0.6, 0.95])),
        "low_thresh": float(rng.choice([0.0, 0.1, 0.4])),
        "new_thresh": None if rng.random() < 0.5 else float(rng.uniform(0, 1)),
        "match_thresh": float(rng.choice([0.2, 0.7, 0.8, 0.9, 1.0])),
        "track_buffer": int(rng.choice([0, 1, 2, 5, 30])),
        "frame_rate": float(rng.choice([5, 25, 30, 60])),
        "fuse_score": bool(rng.random() < 0.6),
        "class_aware": bool(rng.random() < 0.4),
        "motion_gate": bool(rng.random() < 0.4),
        "legacy": bool(rng.random() < 0.5),
    }


def random_scene(rng):
    """Give the detections of a scene, and how many frames it has.

    Objects walk, pass each other, are hidden, and some are detected twice. In one scene of ten
    numbers are rounded, so that costs can be equal.
    """
    people, length = int(rng.integers(1, 14)), int(rng.integers(4, 18))
    rounded = rng.random() < 0.1
    field = float(rng.choice([60, 200, 1000]))
    size = rng.uniform(5, 80, (people, 2)) * rng.choice([0.05, 1, 1, 1])
    centre, speed = rng.uniform(0, field, (people, 2)), rng.normal(0, 4, (people, 2))
    classes = rng.integers(0, 3, people)
    frames, boxes, scores, class_ids = [], [], [], []
    for frame in range(1, length + 1):
        centre = centre + speed
        found = np.flatnonzero(rng.random(people) < rng.choice([0, 0.5, 0.9, 1]))
        twice = found[rng.random(len(found)) < 0.1]
        who = rng.permutation(np.concatenate([found, twice]))
        half = size[who] / 2 * rng.normal(1, 0.03, (len(who), 2)).clip(0)
        at = centre[who] + rng.normal(0, 2, (len(who), 2))
        frames.append(np.full(len(who), frame))
        boxes.append(np.concatenate([at - half, at + half], axis=1))
        scores.append(rng.beta(2, 1, len(who)))
        wrong = rng.random(len(who)) < 0.05
        class_ids.append(np.where(wrong, rng.integers(0, 3, len(who)), classes[who]))
    table = DetectionTable(
        frames=np.concatenate(frames),
        boxes=np.concatenate(boxes).round(0 if rounded else 12),
        scores=np.concatenate(scores).round(1 if rounded else 12),
        class_ids=np.concatenate(class_ids),
    )
    return table, length


def panned(rng, table):
    """Give a scene as a camera shows it that turns at an even speed."""
    way = table.frames[:, None] * rng.normal(0, [15, 5])
    return replace(table, boxes=table.boxes + np.tile(way, (1, 2)))


def has_tie(algorithm, options, table, frames, steps):
    """Tell whether in one of the first frames an assignment has more than one optimum.

    `steps` are what `update` gets with each frame.
    """
    ties = []

    def referee(cost, limit):
        found = assign(cost, limit)
        least = _objective(cost, limit, found)
        for track, detection in zip(found.tracks, found.detections, strict=True):
            without = cost.copy()
            without[track, detection] = np.inf
            ties.append(_objective(without, limit, assign(without, limit)) < least + TIE)
        return found

    with ExitStack() as patches:
        for module in (byte_tracker, covertrack, track_camera):
            patches.enter_context(patch.object(module, "assign", referee))
        tracker = algorithm(**options)
        for frame in range(1, frames + 1):
            tracker.update(table.at(frame), **steps[frame - 1])
    return any(ties)


def _objective(cost, limit, found):
    return float((cost[found.tracks, found.detections] - limit).sum())
