"""Fragments of one person's way joined, once the whole video is known.

A tracker that loses a person for long starts a new track when it finds him again. Here the end of
every track meets the beginning of every later one, by motion and, where there are embeddings, by
looks; one assignment of least total cost over the whole sequence says which are one.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np

from yolox.structures import DetectionTable, InputError, TrackTable, box_iou, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association.assignment import assign

# The velocity of a track's end is that of a line through its boxes of so many seconds.
WINDOW = 2 / 3

# By how much an extrapolation may miss the other end, in heights of the person: at once, and more
# for each second of the gap. By what factor, as a logarithm, the heights may differ.
MISS, MISS_PER_SECOND = 0.2, 0.2
GROWTH = 0.3

# Where looks agree, motion may fit this many times worse: people stop and turn while hidden.
FREEDOM = 5.0

# Largest half cosine distance of mean embeddings that agree, and what looks weigh beside motion.
LOOKS = 0.15
LOOKS_WEIGHT = 0.9

# Least overlap of a track's box with the detection whose embedding it takes.
LEAST_OVERLAP = 0.5


class Ends(NamedTuple):
    """The beginnings, or the ends, of the tracks of a sequence, in the order of their ids.

    Attributes:
        frames: `(T,)` int64.
        centres: `(T, 2)`, where the line through the nearest boxes is at that frame.
        velocities: `(T, 2)`, pixels a frame.
        heights: `(T,)`, mean of the nearest boxes.
    """

    frames: Array
    centres: Array
    velocities: Array
    heights: Array


def link_fragments(
    table: TrackTable, *, seconds: float, frame_rate: float = 30.0, looks: Array | None = None
) -> TrackTable:
    """Give tracks that are one person's the id of the first of them; boxes and frames stay.

    Every end is joined with one beginning at most, and every beginning with one end.

    Args:
        table: Tracks of one sequence; frames ordered, an id at most once a frame.
        seconds: Longest time between an end and a beginning that may be joined.
        frame_rate: Frames a second.
        looks: `(N, D)` embeddings of the rows, 0 where unknown (`looks_of`), or None for motion
            alone. Tracks of which no row is known are joined with none.

    Raises:
        InputError: A number is out of range.
    """
    check_range(0, 3600, seconds=seconds)
    check_range(1e-3, 1e6, frame_rate=frame_rate)
    ids, track = np.unique(table.ids, return_inverse=True)
    window = WINDOW * frame_rate
    begin, end = (_ends(table, track, window=window, last=last) for last in (False, True))
    before, after = _pairs(end.frames, begin.frames, seconds * frame_rate)

    cost = _motion_cost(end, begin, before, after, frame_rate)
    if looks is not None:
        unlike = _looks_cost(looks, track, before, after) / LOOKS
        cost = np.where(
            (cost < FREEDOM) & (unlike < 1),
            LOOKS_WEIGHT * unlike + (1 - LOOKS_WEIGHT) * cost / FREEDOM,
            np.inf,
        )
    allowed = cost < 1
    before, after = _assign(before[allowed], after[allowed], cost[allowed])

    first = np.arange(len(ids))
    for row in np.argsort(begin.frames[after], kind="stable"):  # a chain from its beginning on
        first[after[row]] = first[before[row]]
    return dataclasses.replace(table, ids=ids[first[track]])


def looks_of(table: TrackTable, detections: DetectionTable) -> Array:
    """Give every row the embedding of the detection that it shows, or 0 if there is none.

    Tracks' boxes are filtered, so they are matched to their frame's detections by overlap.

    Args:
        table: Tracks of a sequence.
        detections: Those of which they were made.

    Returns:
        `(N, D)` float32.

    Raises:
        InputError: The detections have no embeddings, or most rows show none of them.
    """
    if detections.embeddings is None:
        raise InputError(
            "the detections have no embeddings; give <sequence>.npy beside <sequence>.txt, or "
            "link by motion alone"
        )
    looks = np.zeros((len(table), detections.embeddings.shape[1]), dtype=np.float32)
    shown = 0
    for frame in np.unique(table.frames):
        mine, found = table.rows_of(frame), detections.rows_of(frame)
        overlap = box_iou(table.boxes[mine], detections.boxes[found])
        pairs = assign(1 - overlap, 1 - LEAST_OVERLAP)
        looks[mine.start + pairs.tracks] = detections.embeddings[found.start + pairs.detections]
        shown += len(pairs.tracks)
    if shown < len(table) / 2:
        raise InputError(
            f"only {shown} of {len(table)} boxes lie on a detection; give the detections that were "
            "tracked, and the half"
        )
    return looks


def _ends(table: TrackTable, track: Array, *, window: float, last: bool) -> Ends:
    """Fit a line through the boxes next to each track's beginning or end.

    Args:
        table: Tracks of a sequence.
        track: `(N,)` number of each row's track, 0 to T − 1.
        window: Boxes fewer frames away are taken.
        last: Whether it is the end.
    """
    count = int(track.max(initial=-1)) + 1
    frames = np.full(count, 0 if last else np.iinfo(np.int64).max)
    (np.maximum if last else np.minimum).at(frames, track, table.frames)
    apart = table.frames - frames[track]
    near = np.abs(apart) < window
    time, track, boxes = apart[near].astype(float), track[near], table.boxes[near]

    def mean(values: Array) -> Array:
        sums = np.zeros((count, *values.shape[1:]))
        np.add.at(sums, track, values)
        numbers = np.bincount(track, minlength=count)
        means: Array = sums / numbers.reshape(-1, *[1] * (values.ndim - 1))
        return means

    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    mean_time, mean_centre = mean(time), mean(centres)
    lever = mean((time - mean_time[track])[:, None] * (centres - mean_centre[track]))
    spread = mean((time - mean_time[track]) ** 2)
    velocities = np.divide(
        lever, spread[:, None], out=np.zeros_like(lever), where=spread[:, None] > 0
    )
    return Ends(
        frames,
        mean_centre - velocities * mean_time[:, None],
        velocities,
        mean(boxes[:, 3] - boxes[:, 1]),
    )


def _pairs(ends: Array, beginnings: Array, longest: float) -> tuple[Array, Array]:
    """Find all pairs of an end and a later beginning up to `longest` frames apart."""
    order = np.argsort(beginnings, kind="stable")
    low = np.searchsorted(beginnings[order], ends, "right")
    high = np.searchsorted(beginnings[order], ends + longest, "right")
    number = high - low
    # 0, 1, 2 … within each end
    offset = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    return np.repeat(np.arange(len(ends)), number), order[np.repeat(low, number) + offset]


def _motion_cost(end: Ends, begin: Ends, before: Array, after: Array, frame_rate: float) -> Array:
    """Compute how badly motion and size fit, 1 for what is just allowed without looks.

    Each end is extended over the gap to where the other is, and the worse of the two counts: else
    two people who turn back would fit as well as two who pass each other.
    """
    gap = (begin.frames[after] - end.frames[before]).astype(float)
    way = begin.centres[after] - end.centres[before]
    miss = np.maximum(
        np.linalg.norm(way - end.velocities[before] * gap[:, None], axis=1),
        np.linalg.norm(way - begin.velocities[after] * gap[:, None], axis=1),
    )
    # At least a pixel: a box may have no height.
    old, new = np.maximum(end.heights[before], 1), np.maximum(begin.heights[after], 1)
    heights = miss / ((old + new) / 2)
    cost: Array = np.hypot(
        heights / (MISS + MISS_PER_SECOND * gap / frame_rate), np.log(new / old) / GROWTH
    )
    return cost


def _looks_cost(looks: Array, track: Array, before: Array, after: Array) -> Array:
    """Compute half the cosine distance of the tracks' mean embeddings, infinite if unknown."""
    sums = np.zeros((int(track.max(initial=-1)) + 1, looks.shape[1]))
    np.add.at(sums, track, looks)
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    mean = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    distance = (1 - np.einsum("kd,kd->k", mean[before], mean[after])) / 2
    known = length[:, 0] > 0
    return np.where(known[before] & known[after], distance, np.inf)


def _assign(before: Array, after: Array, cost: Array) -> tuple[Array, Array]:
    """Choose the pairs of least total `cost - 1`, each end and each beginning once.

    Pairs that share no track with others, not even over others, are apart: so a sequence of
    thousands of tracks needs no matrix of all with all.
    """
    # Imported here because it takes longer to load than all else together.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(cost):
        return before, after
    count = int(max(before.max(), after.max())) + 1
    edges = coo_array((np.ones(len(cost)), (before, count + after)), shape=(2 * count, 2 * count))
    group = connected_components(edges, directed=False)[1][before]
    order = np.argsort(group, kind="stable")
    chosen = []
    for pairs in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        rows, row = np.unique(before[pairs], return_inverse=True)
        columns, column = np.unique(after[pairs], return_inverse=True)
        matrix = np.full((len(rows), len(columns)), np.inf)
        matrix[row, column] = cost[pairs]
        found = assign(matrix, 1.0)
        chosen.append((rows[found.tracks], columns[found.detections]))
    ends, beginnings = zip(*chosen, strict=True)
    return np.concatenate(ends), np.concatenate(beginnings)
