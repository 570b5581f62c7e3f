"""The matching of largest total weight, where few of all pairs have any.

A pair that outweighs all its competitors at both ends together belongs to every best matching. In
tracking that settles nearly all; what is left falls into small groups.
"""

from __future__ import annotations

from itertools import pairwise, permutations, starmap
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from yolox.structures.boxes import Array

# Totals that differ by less are equal: which is larger is a matter of rounding.
TIE = 1e-9
# Groups of so many rows and columns are solved by trying all permutations.
_SMALL = 4
_PERMUTATIONS = np.array(list(permutations(range(_SMALL))))  # (24, 4)
# So many pairs are looked at together, to save memory and stay in a processor's cache.
_PAIRS_AT_ONCE = 1 << 14


class Matching(NamedTuple):
    """A best matching of the pairs that it was asked about.

    Attributes:
        chosen: `(E,)` bool, the pairs that are matched.
        tied: `(E,)` bool, the pairs of groups where another matching is as good.
    """

    chosen: Array
    tied: Array


def best_matching(rows: Array, columns: Array, weights: Array) -> Matching:
    """Match rows with columns, each at most once, so that the total weight is largest.

    Args:
        rows: `(E,)` from 0.
        columns: `(E,)` from 0; no pair of row and column stands twice.
        weights: `(E,)` above 0. A pair that is not given is never matched.
    """
    chosen = _outweigh_all(rows, columns, weights)
    tied = np.zeros(len(weights), dtype=bool)
    left = np.flatnonzero(~_touched(rows, columns, chosen))
    while len(left):
        took = _outweigh_all(rows[left], columns[left], weights[left])
        if not took.any():
            break
        chosen[left[took]] = True
        left = left[~_touched(rows[left], columns[left], took)]
    if len(left):
        matching = _match_groups(rows[left], columns[left], weights[left])
        chosen[left], tied[left] = matching
    return Matching(chosen, tied)


def match_boxes(
    rows: Array, columns: Array, weights: Array, row_frames: Array, column_frames: Array
) -> Array:
    """Match the boxes of all frames; what is tied is matched as TrackEval matches it.

    Args:
        rows: `(E,)` of one table, ascending.
        columns: `(E,)` of the other.
        weights: `(E,)` above 0.
        row_frames: `(T,)` ascending, of the rows of the one table.
        column_frames: `(N,)` ascending, of the rows of the other.

    Returns:
        `(E,)` bool.
    """
    chosen = np.empty(len(rows), dtype=bool)
    begins = np.unique(row_frames[rows[::_PAIRS_AT_ONCE]])  # of spans of frames
    starts = np.searchsorted(row_frames, begins)
    bounds = [*np.searchsorted(rows, starts), len(rows)]
    firsts = zip(starts, np.searchsorted(column_frames, begins), strict=True)
    for span, (row, column) in zip(starmap(slice, pairwise(bounds)), firsts, strict=True):
        chosen[span], tied = best_matching(rows[span] - row, columns[span] - column, weights[span])
        for frame in np.unique(row_frames[rows[span][tied]]):
            all_rows = rows_of(row_frames, frame)
            here = slice(*np.searchsorted(rows, [all_rows.start, all_rows.stop]))
            chosen[here] = match_whole_frame(
                rows[here],
                columns[here],
                weights[here],
                all_rows,
                rows_of(column_frames, frame),
            )
    return chosen


def match_whole_frame(
    rows: Array, columns: Array, weights: Array, all_rows: slice, all_columns: slice
) -> Array:
    """Match one frame by SciPy's assignment of all its rows and columns, `(E,)` bool.

    Of matchings that are equally good this gives TrackEval's, which calls SciPy with this matrix.
    """
    shape = (all_rows.stop - all_rows.start, all_columns.stop - all_columns.start)
    matrix = np.zeros(shape)
    matrix[rows - all_rows.start, columns - all_columns.start] = weights
    matched = np.zeros(shape, dtype=bool)
    matched[linear_sum_assignment(matrix, maximize=True)] = True
    chosen: Array = matched[rows - all_rows.start, columns - all_columns.start]
    return chosen


def rows_of(frames: Array, frame: int) -> slice:
    """Find the rows of one frame in the ascending frames of a table."""
    start, stop = np.searchsorted(frames, [frame, frame + 1])
    return slice(int(start), int(stop))


def are_alone(rows: Array, columns: Array) -> Array:
    """Find the pairs that share neither row nor column with another, `(E,)` bool."""
    alone: Array = np.bincount(rows).take(rows) == 1
    alone &= np.bincount(columns).take(columns) == 1
    return alone


def group_pairs(rows: Array, columns: Array) -> Array:
    """Number the groups of pairs that share rows and columns, directly or by others, `(E,)`."""
    _, rows = np.unique(rows, return_inverse=True)
    _, columns = np.unique(columns, return_inverse=True)
    # The least number spreads by rows and columns. Groups are small: a few turns, each of which is
    # faster than building a graph.
    labels, known = np.arange(len(rows)), np.empty(0, dtype=np.int64)
    while not np.array_equal(labels, known):
        known = labels
        of_row = np.full(int(rows.max()) + 1, len(rows))
        np.minimum.at(of_row, rows, labels)
        of_column = np.full(int(columns.max()) + 1, len(rows))
        np.minimum.at(of_column, columns, of_row.take(rows))
        labels = of_column.take(columns)
    groups: Array = np.unique(labels, return_inverse=True)[1]
    return groups


def _outweigh_all(rows: Array, columns: Array, weights: Array) -> Array:
    """Find the pairs that weigh more than the best others at both ends together, `(E,)` bool."""
    row_best = np.zeros(int(rows.max(initial=0)) + 1)
    column_best = np.zeros(int(columns.max(initial=0)) + 1)
    np.maximum.at(row_best, rows, weights)
    np.maximum.at(column_best, columns, weights)
    best: Array = weights == row_best.take(rows)
    best &= weights == column_best.take(columns)
    row_best[:] = 0
    column_best[:] = 0
    others = np.flatnonzero(~best)
    np.maximum.at(row_best, rows.take(others), weights.take(others))
    np.maximum.at(column_best, columns.take(others), weights.take(others))
    ones = np.flatnonzero(best)
    row, column = rows.take(ones), columns.take(ones)
    outweighs = weights.take(ones) > row_best.take(row) + column_best.take(column) + TIE
    # Two that are best with the same weight in one row, or one column, settle nothing.
    best[ones] = outweighs & are_alone(row, column)
    return best


def _touched(rows: Array, columns: Array, took: Array) -> Array:
    """Find the pairs whose row or column is taken, `(E,)` bool."""
    row_taken = np.zeros(int(rows.max(initial=0)) + 1, dtype=bool)
    column_taken = np.zeros(int(columns.max(initial=0)) + 1, dtype=bool)
    row_taken[rows[took]] = True
    column_taken[columns[took]] = True
    touched: Array = row_taken.take(rows) | column_taken.take(columns)
    return touched


def _match_groups(rows: Array, columns: Array, weights: Array) -> Matching:
    groups = group_pairs(rows, columns)
    row, row_count = _rank_within(groups, rows)
    column, column_count = _rank_within(groups, columns)
    small = np.maximum(row_count, column_count)[groups] <= _SMALL
    chosen = np.zeros(len(weights), dtype=bool)
    tied = np.zeros(len(weights), dtype=bool)
    if small.any():
        chosen[small], tied[small] = _try_all(
            groups[small], row[small], column[small], weights[small]
        )
    if not small.all():
        large = ~small
        chosen[large], tied[large] = _match_sparse(
            groups[large], rows[large], columns[large], weights[large]
        )
    return Matching(chosen, tied)


def _rank_within(groups: Array, nodes: Array) -> tuple[Array, Array]:
    """Number the nodes of each group from 0, `(E,)`, and count them, `(groups,)`."""
    _, first, node = np.unique(nodes, return_index=True, return_inverse=True)
    group = groups[first]
    counts = np.bincount(group, minlength=int(groups.max()) + 1)
    starts = np.cumsum(counts) - counts
    ranks = np.empty(len(group), dtype=np.int64)
    ranks[np.argsort(group, kind="stable")] = np.arange(len(group))
    return (ranks - starts[group])[node], counts


def _try_all(groups: Array, row: Array, column: Array, weights: Array) -> Matching:
    """Try every permutation of groups that are small, all groups at once."""
    _, group = np.unique(groups, return_inverse=True)
    table = np.zeros((int(group.max()) + 1, _SMALL, _SMALL))
    table[group, row, column] = weights
    bit = np.zeros(table.shape, dtype=np.int64)  # of the pairs that a permutation matches
    bit[group, row, column] = 1 << (_SMALL * row + column)
    each = np.arange(_SMALL)
    totals = table[:, each, _PERMUTATIONS].sum(axis=2)  # (G, 24)
    matched = bit[:, each, _PERMUTATIONS].sum(axis=2)
    best = totals.argmax(axis=1)[:, None]
    match = np.take_along_axis(matched, best, axis=1)
    near = totals > np.take_along_axis(totals, best, axis=1) - TIE
    tied = (near & (matched != match)).any(axis=1)
    return Matching((match[group, 0] & bit[group, row, column]) > 0, tied[group])


def _match_sparse(groups: Array, rows: Array, columns: Array, weights: Array) -> Matching:
    """Match larger groups by a sparse assignment, twice with the weights nudged to and fro.

    Where the two differ, other matchings are as good.
    """
    nudges = np.random.default_rng(0).random(len(weights)) * TIE
    chosen = _assign(rows, columns, weights + nudges)
    differs = chosen != _assign(rows, columns, weights - nudges)
    return Matching(chosen, np.isin(groups, groups[differs]))


def _assign(rows: Array, columns: Array, weights: Array) -> Array:
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    row_count, column_count = int(row.max()) + 1, int(column.max()) + 1
    # The solver matches every row, so each gets a column of its own that is as good as none.
    dearest = weights.max() + 1
    own = np.arange(row_count)
    costs = csr_matrix(
        (
            np.concatenate([dearest - weights, np.full(row_count, dearest)]),
            (np.concatenate([row, own]), np.concatenate([column, column_count + own])),
        ),
        shape=(row_count, column_count + row_count),
    )
    given, matched = min_weight_full_bipartite_matching(costs)
    column_of = np.empty(row_count, dtype=np.int64)
    column_of[given] = matched
    chosen: Array = column_of[row] == column
    return chosen
