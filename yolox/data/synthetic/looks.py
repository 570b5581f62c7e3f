"""Made-up embeddings of a known quality, for detections of which the truth is known.

How much a tracker gains by appearance depends on how good it is, so that a fair comparison of
trackers holds it fixed: each detection gets its person's vector plus noise, and the noise is chosen
so that a given share of them is nearest to a picture of the same person (rank-1). Real views err
alike for a while, as pose and light change slowly; a share of the noise can do so too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from yolox.structures import DetectionTable, InputError, TruthTable, check_range
from yolox.structures.boxes import Array, box_iou

# Least overlap of a detection with the person whom it shows.
LEAST_OVERLAP = 0.5

# Frames in which the correlation of slow noise falls to a half: a second.
HALF_LIFE = 30.0

# More noise than this is nothing but noise.
MOST_NOISE = 100.0


def simulate_looks(
    detections: DetectionTable,
    truth: TruthTable,
    *,
    rank1: float | None,
    length: int = 64,
    slow_noise: float = 0.0,
    seed: int = 0,
) -> DetectionTable:
    """Give detections embeddings by which a known share of people is recognised.

    A detection of nobody gets a vector of its own.

    Args:
        detections: Of a sequence.
        truth: Of the same frames.
        rank1: Share of detections whose nearest neighbour among one detection of each person, of
            another frame, is of the same person; None for embeddings that say nothing. With slow
            noise that is so long after; views of about the same time are likelier the same.
        length: Numbers of an embedding.
        slow_noise: Share of the noise's variance, in [0, 1], that changes slowly for each person;
            the rest is independent from frame to frame.
        seed: Same seed, same embeddings.

    Raises:
        InputError: No noise makes this share; it is below chance or above 1. Or `slow_noise` is out
            of range.
    """
    check_range(0, 1, slow_noise=slow_noise)
    rng = np.random.default_rng(seed)
    people = whom_they_show(detections, truth)
    own = _units(rng.normal(size=(int(people.max(initial=-1)) + 1, length)))
    fast, fresh = rng.normal(size=(2, len(detections), length))
    slow = persistent(fresh, detections.frames, people)
    noise = _units(np.sqrt(1 - slow_noise) * fast + np.sqrt(slow_noise) * slow)
    fast = _units(fast)
    pure = np.where((people >= 0)[:, None], own[people] if len(own) else noise, noise)

    def at(level: float) -> Array:
        return _units(pure + level * fast)

    # Slow noise alone would tell people apart for a while.
    features = fast if rank1 is None else _units(pure + _noise_for(rank1, people, at) * noise)
    return dataclasses.replace(detections, embeddings=features.astype(np.float32))


def whom_they_show(detections: DetectionTable, truth: TruthTable) -> Array:
    """Number the person of each detection, −1 for nobody; gives `(N,)` int64.

    A frame's pairs are those of largest total overlap, each of at least a half.
    """
    people = np.full(len(detections), -1)
    _, numbers = np.unique(truth.ids, return_inverse=True)
    for frame in np.unique(detections.frames):
        found, true = detections.rows_of(frame), truth.rows_of(frame)
        overlap = box_iou(detections.boxes[found], truth.boxes[true])
        rows, columns = linear_sum_assignment(np.where(overlap < LEAST_OVERLAP, 0, -overlap))
        real = overlap[rows, columns] >= LEAST_OVERLAP
        people[found.start + rows[real]] = numbers[true][columns[real]]
    return people


def persistent(fresh: Array, frames: Array, people: Array) -> Array:
    """Make noise that changes slowly for each person, of the same variance (an AR(1) process).

    Args:
        fresh: Independent noise `(N, D)`.
        frames: `(N,)`, rising; over `HALF_LIFE` of them the correlation falls to a half.
        people: `(N,)`, −1 for nobody, whose noise stays independent.

    Returns:
        `(N, D)`.
    """
    slow: Array = fresh.copy()
    for one in np.unique(people[people >= 0]):
        rows = np.flatnonzero(people == one)
        kept = 0.5 ** (np.diff(frames[rows]) / HALF_LIFE)
        for before, row, share in zip(rows, rows[1:], kept, strict=False):
            slow[row] = share * slow[before] + np.sqrt(1 - share**2) * fresh[row]
    return slow


def rank1_of(features: Array, people: Array) -> float:
    """Compute the share of detections that are nearest to the same person, among all others.

    The gallery is each person's detection in the middle; all other detections of people ask.

    Args:
        features: `(N, D)` of unit length.
        people: `(N,)`, −1 for nobody.
    """
    known = np.flatnonzero(people >= 0)
    everybody = np.unique(people[known])
    gallery = np.array([(own := known[people[known] == one])[len(own) // 2] for one in everybody])
    asking = np.setdiff1d(known, gallery)
    nearest = (features[asking] @ features[gallery].T).argmax(axis=1)
    return float((everybody[nearest] == people[asking]).mean())


def _noise_for(rank1: float, people: Array, at: Callable[[float], Array]) -> float:
    low, high = 0.0, MOST_NOISE
    worst = rank1_of(at(high), people)
    if not worst < rank1 <= 1:
        raise InputError(f"rank1 is {rank1}; give a share above {worst:.3f}, which is chance, to 1")
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if rank1_of(at(middle), people) >= rank1 else (low, middle)
    return low


def _units(vectors: Array) -> Array:
    units: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units
