"""Sparse matching, by hand and held to SciPy's assignment of the whole matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from yolox.metrics import matching
from yolox.metrics.matching import best_matching, group_pairs, match_boxes

CASES = {
    # name: (pairs of row, column, weight; chosen pairs; tied pairs)
    "one": ([(0, 0, 0.5)], [0], []),
    "the heavier of two": ([(0, 0, 0.5), (0, 1, 0.6)], [1], []),
    "both of two": ([(0, 0, 0.5), (1, 1, 0.01)], [0, 1], []),
    # 0.7 beats each of the others but not both together.
    "two light ones": ([(0, 0, 0.4), (0, 1, 0.7), (1, 1, 0.4)], [0, 2], []),
    "two lighter ones": ([(0, 0, 0.3), (0, 1, 0.7), (1, 1, 0.3)], [1], []),
    "crossed": ([(0, 0, 0.5), (0, 1, 0.6), (1, 0, 0.6), (1, 1, 0.8)], [0, 3], []),
    "a tie": ([(0, 0, 0.5), (0, 1, 0.5)], None, [0, 1]),
    "a tie of sums": ([(0, 0, 0.2), (0, 1, 0.5), (1, 0, 0.4), (1, 1, 0.7)], None, [0, 1, 2, 3]),
    "a tie beside what is clear": ([(0, 0, 0.5), (0, 1, 0.5), (7, 9, 0.1)], None, [0, 1]),
    # As good apart from what is rounded: 0.1 + 0.2 is not 0.3.
    "a tie but for rounding": ([(0, 0, 0.1), (0, 1, 0.1 + 0.2), (1, 1, 0.2)], None, [0, 1, 2]),
    # 1 and 2 are best at column 0; 2 has a better place, which leaves nothing to be decided.
    "a tie that another settles": ([(1, 0, 0.5), (2, 0, 0.5), (2, 1, 0.9)], [0, 2], []),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    pairs, chosen, tied = CASES[case]
    rows, columns, weights = (np.array(column) for column in zip(*pairs, strict=True))
    found = best_matching(rows, columns, weights)
    assert np.flatnonzero(found.tied).tolist() == tied
    if chosen is not None:
        assert np.flatnonzero(found.chosen).tolist() == chosen


def test_nothing_to_match():
    none = np.empty(0, dtype=np.int64)
    assert [len(part) for part in best_matching(none, none, np.empty(0))] == [0, 0]


def test_groups():
    rows, columns = np.array([5, 5, 7, 1, 2, 3]), np.array([0, 1, 1, 9, 8, 8])
    assert group_pairs(rows, columns).tolist() == [0, 0, 0, 1, 2, 2]
    # A chain, the longest way that a number has to spread.
    chain = np.arange(200)
    assert set(group_pairs(chain // 2, (chain + 1) // 2).tolist()) == {0}


def _random_pairs(seed, size, density, steps):
    chance = np.random.default_rng(seed)
    rows, columns = np.nonzero(chance.random((size, size + 2)) < density)
    weights = chance.random(len(rows))
    if steps:
        weights = np.ceil(weights * steps) / steps
    order = chance.permutation(len(rows))
    return rows[order], columns[order], weights[order]


# Sparse ones fall into small groups, dense ones into a single large one; few steps are many ties.
RANDOM = (
    st.integers(0, 2**32 - 1),
    st.sampled_from([2, 4, 12, 40]),
    st.sampled_from([0.03, 0.2, 0.6, 1]),
    st.sampled_from([None, 3, 50]),
)


@given(*RANDOM)
def test_total_is_the_best(seed, size, density, steps):
    rows, columns, weights = _random_pairs(seed, size, density, steps)
    chosen, tied = best_matching(rows, columns, weights)
    assert len(set(rows[chosen].tolist())) == len(set(columns[chosen].tolist())) == chosen.sum()
    matrix = np.zeros((size, size + 2))
    matrix[rows, columns] = weights
    best = linear_sum_assignment(matrix, maximize=True)
    assert weights[chosen].sum() == pytest.approx(matrix[best].sum(), abs=1e-7)
    # Without ties there is but one best matching.
    one = np.zeros(matrix.shape, dtype=bool)
    one[best] = True
    assert (chosen == one[rows, columns])[~tied].all()


@given(*RANDOM, st.sampled_from([1, 2, 1000]))
def test_boxes_are_matched_as_by_the_whole_matrix(seed, size, density, steps, at_once):
    """Ties too. Two frames have one box of either kind, the third has the rest."""
    rows, columns, weights = _random_pairs(seed, size, density, steps)
    row_frames, column_frames = (np.minimum(np.arange(n), 2) for n in (size, size + 2))
    same = row_frames[rows] == column_frames[columns]
    ordered = np.flatnonzero(same)[np.argsort(rows[same], kind="stable")]
    rows, columns, weights = rows[ordered], columns[ordered], weights[ordered]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_PAIRS_AT_ONCE", at_once)
        chosen = match_boxes(rows, columns, weights, row_frames, column_frames)
    expected = np.zeros(len(rows), dtype=bool)
    for frame in range(3):
        matrix = np.zeros(((row_frames == frame).sum(), (column_frames == frame).sum()))
        here = row_frames[rows] == frame
        first = np.searchsorted(row_frames, frame), np.searchsorted(column_frames, frame)
        cells = rows[here] - first[0], columns[here] - first[1]
        matrix[cells] = weights[here]
        matched = np.zeros(matrix.shape, dtype=bool)
        matched[linear_sum_assignment(matrix, maximize=True)] = True
        expected[here] = matched[cells]
    np.testing.assert_array_equal(chosen, expected)
