import dataclasses
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from results.random_tracks import rows_of, track_tables

from yolox.results import linking
from yolox.results.linking import link_fragments, looks_of
from yolox.structures import DetectionTable, InputError, TrackTable


def walks(*fragments, height=100.0):
    """Fragments: id, first frame, last frame, left at frame 0, pixels a frame."""
    rows = sorted(
        (frame, track, start + speed * frame)
        for track, first, last, start, speed in fragments
        for frame in range(first, last + 1)
    )
    frames, ids, left = (np.array([row[n] for row in rows]) for n in range(3))
    zeros = np.zeros(len(rows))
    return TrackTable(
        frames=frames.astype(np.int64),
        boxes=np.c_[left, zeros, left + 40, zeros + height],
        ids=ids.astype(np.int64),
        scores=zeros + 0.9,
        class_ids=zeros.astype(np.int64),
    )


def _joined(table, **options):
    linked = link_fragments(table, **options)
    return {int(old): int(linked.ids[table.ids == old][0]) for old in np.unique(table.ids)}


def _looks(table, **of_id):
    """Unit vectors by angle in degrees; a track that is not named has none."""
    angles = {int(name[1:]): np.radians(angle) for name, angle in of_id.items()}
    return np.array(
        [
            [np.cos(angles[one]), np.sin(angles[one])] if one in angles else [0.0, 0.0]
            for one in table.ids.tolist()
        ]
    )


def test_two_halves_of_a_walk_become_one():
    table = walks((5, 1, 20, 0, 3), (7, 31, 50, 0, 3), (9, 31, 50, 900, 3))
    linked = link_fragments(table, seconds=1)
    assert set(linked.ids[table.ids == 7].tolist()) == {5}
    assert set(linked.ids[table.ids == 9].tolist()) == {9}
    same = dataclasses.replace(linked, ids=table.ids)
    assert rows_of(same) == rows_of(table)  # nothing but ids is changed


@pytest.mark.parametrize(
    ("off", "joined"),
    # A gap of 15 frames, half a second, allows a miss of 0.2 + 0.2 / 2 = 0.3 heights of 100.
    [(29.9, True), (30.1, False), (-29.9, True), (-30.1, False)],
)
def test_how_far_a_walk_may_miss(off, joined):
    table = walks((1, 1, 20, 0, 3), (2, 35, 60, off, 3))
    assert _joined(table, seconds=1) == {1: 1, 2: 1 if joined else 2}


def test_a_gap_counts_by_the_clock():
    table = walks((1, 1, 20, 0, 3), (2, 50, 70, 0, 3))  # 30 frames apart
    assert _joined(table, seconds=1) == {1: 1, 2: 1}
    assert _joined(table, seconds=0.99) == {1: 1, 2: 2}
    assert _joined(table, seconds=1.9, frame_rate=15) == {1: 1, 2: 2}
    assert _joined(table, seconds=2, frame_rate=15) == {1: 1, 2: 1}
    assert _joined(table, seconds=0) == {1: 1, 2: 2}


def test_who_is_there_at_the_same_time_is_another():
    table = walks((1, 1, 20, 0, 3), (2, 20, 40, 0, 3))
    assert _joined(table, seconds=5) == {1: 1, 2: 2}


def test_a_child_is_no_grown_up():
    small, large = walks((1, 1, 20, 0, 0), height=70), walks((2, 25, 40, -2, 0), height=100)
    table = TrackTable(
        **{
            field.name: np.concatenate([getattr(small, field.name), getattr(large, field.name)])
            for field in dataclasses.fields(small)
        }
    )
    assert _joined(table, seconds=1) == {1: 1, 2: 2}  # ln(100 / 70) = 0.36


def test_a_chain_takes_the_first_id():
    table = walks((8, 1, 20, 0, 2), (3, 25, 40, 0, 2), (5, 45, 60, 0, 2))
    assert _joined(table, seconds=1) == {8: 8, 3: 8, 5: 8}


def test_all_are_joined_together_not_one_by_one():
    # 1 is nearest to 4, by 12 to 15 pixels, but 2 is near to 4 alone: in turns 2 would stay alone.
    table = walks((1, 1, 20, 0, 0), (2, 1, 20, 27, 0), (3, 35, 50, -15, 0), (4, 35, 50, 12, 0))
    assert _joined(table, seconds=1) == {1: 1, 2: 2, 3: 1, 4: 2}


def test_looks_tell_who_is_who():
    # Two people meet and turn back, and motion says that they passed each other.
    table = walks((1, 1, 20, 0, 3), (2, 1, 20, 150, -3), (3, 31, 50, 153, -3), (4, 31, 50, 0, 3))
    assert _joined(table, seconds=1) == {1: 1, 2: 2, 3: 2, 4: 1}
    looks = _looks(table, _1=0, _2=90, _3=10, _4=80)
    assert _joined(table, seconds=1, looks=looks) == {1: 1, 2: 2, 3: 1, 4: 2}


def test_other_looks_or_none_keep_apart():
    table = walks((1, 1, 20, 0, 3), (2, 31, 50, 0, 3))
    # (1 - cos) / 2 is 0.147 at 45 degrees and 0.155 at 46.4.
    assert _joined(table, seconds=1, looks=_looks(table, _1=0, _2=45)) == {1: 1, 2: 1}
    assert _joined(table, seconds=1, looks=_looks(table, _1=0, _2=46.4)) == {1: 1, 2: 2}
    assert _joined(table, seconds=1, looks=_looks(table, _1=0)) == {1: 1, 2: 2}


def test_looks_give_freedom_to_turn():
    table = walks((1, 1, 20, 0, 0), (2, 35, 60, 140, 0))  # 1.4 heights where 0.3 are allowed
    assert _joined(table, seconds=1) == {1: 1, 2: 2}
    assert _joined(table, seconds=1, looks=_looks(table, _1=0, _2=0)) == {1: 1, 2: 1}


@given(track_tables(), st.sampled_from([0.1, 1.0, 10.0]))
def test_what_always_holds(table, seconds):
    linked = link_fragments(table, seconds=seconds)
    assert len({row[:2] for row in rows_of(linked)}) == len(table)  # an id once a frame
    assert set(linked.ids.tolist()) <= set(table.ids.tolist())
    for one in np.unique(linked.ids):
        parts = np.unique(table.ids[linked.ids == one])
        of_parts = [table.frames[table.ids == part] for part in parts]
        spans = sorted((frames.min(), frames.max()) for frames in of_parts)
        for (_, end), (begin, _) in pairwise(spans):
            assert 0 < begin - end <= seconds * 30
        assert table.ids[linked.ids == one][0] == one  # the first part's
    assert rows_of(dataclasses.replace(linked, ids=table.ids)) == rows_of(table)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=6, max_size=6))
def test_the_total_is_the_least_of_all(lefts):
    """Three ends and three beginnings, against every way to join them."""
    ends = [(n, 1, 20, left, 0) for n, left in enumerate(lefts[:3])]
    begins = [(n + 3, 35, 50, left, 0) for n, left in enumerate(lefts[3:])]
    table = walks(*ends, *begins)
    joined = _joined(table, seconds=1)

    def total(pairs):
        costs = [abs(lefts[a] - lefts[b + 3]) / 30 - 1 for a, b in enumerate(pairs)]
        return sum(min(cost, 0) for cost in costs)

    got = sum(abs(lefts[of] - lefts[n]) / 30 - 1 for n, of in joined.items() if of != n)
    assert got == pytest.approx(min(map(total, permutations(range(3)))), abs=1e-9)


def test_a_second_time_nothing_is_left_to_join():
    rng = np.random.default_rng(3)
    fragments = [
        (n, first, first + 25, int(rng.integers(0, 900)), 0)
        for n, first in enumerate(rng.integers(1, 400, 60).tolist())
    ]
    once = link_fragments(walks(*fragments), seconds=2)
    assert len(set(once.ids.tolist())) < 55
    assert rows_of(link_fragments(once, seconds=2)) == rows_of(once)


def test_nobody_and_one_alone():
    for table in (walks(), walks((4, 7, 7, 0, 0))):
        assert rows_of(link_fragments(table, seconds=2)) == rows_of(table)


def _detections(frames, left, embeddings):
    left, zeros = np.asarray(left, dtype=float), np.zeros(len(frames))
    return DetectionTable(
        frames=np.asarray(frames),
        boxes=np.c_[left, zeros, left + 40, zeros + 100],
        scores=zeros + 0.9,
        class_ids=zeros.astype(np.int64),
        embeddings=None if embeddings is None else np.asarray(embeddings, dtype=np.float32),
    )


def test_rows_take_the_looks_of_what_they_show():
    table = walks((1, 1, 2, 0, 0), (2, 2, 3, 300, 0))  # rows: 1@1, 1@2, 2@2, 2@3
    found = _detections([1, 2, 2, 3], [5, 310, -5, 500], [[1, 0], [0, 1], [0.6, 0.8], [1, 0]])
    np.testing.assert_allclose(looks_of(table, found), [[1, 0], [0.6, 0.8], [0, 1], [0, 0]])


def test_what_is_no_detection_of_theirs_is_refused():
    table = walks((1, 1, 4, 0, 0))
    with pytest.raises(InputError, match=r"have no embeddings; give <sequence>\.npy"):
        looks_of(table, _detections([1], [0], None))
    with pytest.raises(InputError, match="only 1 of 4 boxes lie on a detection; give the detect"):
        looks_of(table, _detections([1, 2], [0, 300], [[1, 0], [1, 0]]))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"seconds": -1}, "seconds is -1"), ({"seconds": 1, "frame_rate": 0}, "frame_rate is 0")],
)
def test_ranges_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        link_fragments(walks((1, 1, 4, 0, 0)), **options)


def test_many_tracks_need_no_matrix_of_all(monkeypatch):
    sizes = []

    def assign(cost, limit):
        sizes.append(cost.size)
        return solve(cost, limit)

    solve = linking.assign
    monkeypatch.setattr(linking, "assign", assign)
    fragments = [(n, 1 + 10 * n, 5 + 10 * n, 5000.0 * (n // 2), 0) for n in range(2000)]
    linked = link_fragments(walks(*fragments), seconds=1)
    assert len(set(linked.ids.tolist())) == 1000
    assert max(sizes) == 1
