"""Who is to be found and who is forgiven, by hand."""

import dataclasses

import numpy as np
import pytest
from made_up import tracks_of, truth_of

from yolox.metrics.mot_rules import check_rules, is_target, what_counts
from yolox.structures import InputError

HERE, NEAR, THERE = (0, 0, 10, 20), (3, 0, 13, 20), (500, 0, 510, 20)


def _truth(rows, classes, considered=None):
    truth = truth_of(rows)
    considered = [True] * len(rows) if considered is None else considered
    return dataclasses.replace(
        truth, class_ids=np.array(classes), considered=np.array(considered, dtype=bool)
    )


@pytest.mark.parametrize(
    ("benchmark", "classes"),
    [
        ("MOT15", []),
        ("MOT16", [2, 7, 8, 12]),
        ("MOT17", [2, 7, 8, 12]),
        ("MOT20", [2, 6, 7, 8, 12]),
        ("DanceTrack", [2, 7, 8, 12]),
    ],
)
def test_classes_that_are_forgiven(benchmark, classes):
    for number in range(2, 14):
        truth = _truth([(1, 1, *HERE), (1, 2, *THERE)], [1, number])
        found = what_counts(truth, tracks_of([(1, 1, *HERE), (1, 2, *THERE)]), benchmark)
        assert found.tracks.tolist() == [True, number not in classes], number
        assert found.targets.tolist() == [True, benchmark == "MOT15"], number
        assert found.overlaps.targets.tolist() == [0, 1][: found.targets.sum()]


CASES = {
    # name: (truth, classes, tracks, tracks that count)
    "half the overlap is forgiven": ([(1, 1, *HERE)], [7], [(1, 1, 0, 0, 10, 10)], [False]),
    "less is not": ([(1, 1, *HERE)], [7], [(1, 1, 0, 0, 10, 9)], [True]),
    # Only one track can be on a sitting person.
    "the better of two": ([(1, 1, *HERE)], [7], [(1, 1, *HERE), (1, 2, *NEAR)], [False, True]),
    # Matched so that the sum is largest: the track on the walker is not forgiven.
    "whoever is on a walker": (
        [(1, 1, *HERE), (1, 2, *NEAR)], [1, 7], [(1, 1, *HERE), (1, 2, *NEAR)], [True, False],
    ),
    "nobody that frame": ([(2, 1, *HERE)], [7], [(1, 1, *HERE)], [True]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    truth, classes, tracks, kept = CASES[case]
    found = what_counts(_truth(truth, classes), tracks_of(tracks), "MOT17")
    assert found.tracks.tolist() == kept


def test_rows_are_those_of_what_is_left():
    truth = _truth([(1, 1, *THERE), (1, 2, *HERE), (2, 2, *HERE)], [7, 1, 1])
    tracks = tracks_of([(1, 1, *THERE), (1, 2, *HERE), (2, 2, *HERE)])
    found = what_counts(truth, tracks, "MOT17")
    assert sorted(zip(*found.overlaps, strict=True)) == [(0, 0, 1), (1, 1, 1)]


def test_who_is_not_considered_is_no_target():
    truth = _truth([(1, 1, *HERE), (1, 2, *THERE), (1, 3, *NEAR)], [1, 1, 7], [True, False, True])
    assert is_target(truth, "MOT17").tolist() == [True, False, False]
    assert is_target(truth, "MOT15").tolist() == [True, False, True]


def test_faults_are_named():
    truth, tracks = truth_of([(1, 1, *HERE)]), tracks_of([(1, 1, *HERE)])
    check_rules("walk", truth, tracks, "MOT17")
    again = tracks_of([(1, 5, *HERE), (2, 5, *HERE), (2, 3, *HERE), (2, 5, *THERE)])
    with pytest.raises(
        InputError, match="walk: id 5 stands twice in frame 2 of tracks; an id has one box a frame"
    ):
        check_rules("walk", truth, again, "MOT17")
    twice = truth_of([(3, 7, *HERE), (3, 7, *THERE)])
    with pytest.raises(InputError, match="id 7 stands twice in frame 3 of the ground truth"):
        check_rules("walk", twice, tracks, "MOT15")
    odd = _truth([(1, 1, *HERE)], [14])
    with pytest.raises(
        InputError, match="walk: ground truth has class 14; MOT20 knows 1 to 13, or"
    ):
        check_rules("walk", odd, tracks, "MOT20")
    check_rules("walk", odd, tracks, "MOT15")
    check_rules("walk", truth, tracks_of([]), "MOT17")


def test_order_within_a_frame_does_not_matter():
    unordered = tracks_of([(1, 1, *HERE), (1, 2, *THERE)]).take(np.array([1, 0]))
    check_rules("walk", truth_of([(1, 1, *HERE)]), unordered, "MOT17")
