from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results.random_tracks import make_tracks, rows_of, track_tables

from yolox.formats.mot import list_sequences, read_tracks
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.results.interpolation import fill_gaps
from yolox.structures import InputError, TrackTable


def reference(table, longer_than, gap_below):
    """Fill gaps track by track and frame by frame."""
    rows = rows_of(table)
    filled = list(rows)
    for track in {row[1] for row in rows}:
        own = sorted(row for row in rows if row[1] == track)
        if len(own) <= longer_than:
            continue
        for begin, end_row in pairwise(own):
            (frame, _, score, kind, box), (end, _, end_score, _, end_box) = begin, end_row
            if end - frame >= gap_below:
                continue
            for between in range(frame + 1, end):
                share = (between - frame) / (end - frame)
                filled.append((
                    between, track, score + share * (end_score - score), kind,
                    tuple(a + share * (b - a) for a, b in zip(box, end_box, strict=True)),
                ))  # fmt: skip
    return filled


def _same(got, wanted):
    got, wanted = sorted(rows_of(got)), sorted(wanted)
    assert [row[:2] for row in got] == [row[:2] for row in wanted]
    assert [row[3] for row in got] == [row[3] for row in wanted]
    np.testing.assert_allclose([row[2] for row in got], [row[2] for row in wanted], rtol=1e-12)
    np.testing.assert_allclose(
        np.reshape([row[4] for row in got], (-1, 4)),
        np.reshape([row[4] for row in wanted], (-1, 4)),
        atol=1e-9,
    )


def test_by_hand():
    table = make_tracks([(1, 7, 0), (2, 7, 2), (5, 7, 8), (5, 3, 100)])
    filled = fill_gaps(table, longer_than=2, gap_below=4)
    assert filled.frames.tolist() == [1, 2, 3, 4, 5, 5]
    assert filled.ids.tolist() == [7, 7, 7, 7, 7, 3]
    np.testing.assert_allclose(filled.boxes[:, 0], [0, 2, 4, 6, 8, 100])
    np.testing.assert_allclose(filled.boxes[:, 3], [20, 22, 24, 26, 28, 120])
    # Scores of the rows at hand are 0.500 to 0.503; those between lie on the line.
    np.testing.assert_allclose(
        filled.scores[1:5], [0.501, 0.501 + 1e-3 / 3, 0.501 + 2e-3 / 3, 0.502]
    )
    assert filled.class_ids[1:5].tolist() == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("frames", "longer_than", "gap_below", "added"),
    [
        ([1, 2, 4], 2, 3, 1),  # ends 2 apart
        ([1, 2, 4], 2, 2, 0),
        ([1, 2, 4], 3, 20, 0),  # not longer than 3
        ([1, 2, 3], 0, 20, 0),  # no gap
        ([1, 21], 0, 20, 0),  # ends 20 apart
        ([1, 20], 0, 20, 18),
        ([5, 9, 40], 0, 20, 3),  # one of two gaps
        ([3], 0, 20, 0),
        ([], 0, 20, 0),
    ],
)
def test_which_gaps_are_filled(frames, longer_than, gap_below, added):
    table = make_tracks([(frame, 1, frame) for frame in frames])
    filled = fill_gaps(table, longer_than=longer_than, gap_below=gap_below)
    assert len(filled) - len(table) == added
    np.testing.assert_allclose(filled.boxes[:, 0], filled.frames)


LIMITS = {"longer_than": st.integers(0, 8), "gap_below": st.integers(0, 70)}


@given(track_tables(), LIMITS["longer_than"], LIMITS["gap_below"])
def test_equals_the_slow_reference(table, longer_than, gap_below):
    filled = fill_gaps(table, longer_than=longer_than, gap_below=gap_below)
    _same(filled, reference(table, longer_than, gap_below))


@given(track_tables(), LIMITS["longer_than"], LIMITS["gap_below"])
def test_what_always_holds(table, longer_than, gap_below):
    limits = {"longer_than": longer_than, "gap_below": gap_below}
    filled = fill_gaps(table, **limits)
    # No row is moved, changed or dropped, and the order of the rows of a frame stays.
    real = set(rows_of(table))
    assert [row for row in rows_of(filled) if row in real] == rows_of(table)
    assert (np.diff(filled.frames) >= 0).all()
    assert len({row[:2] for row in rows_of(filled)}) == len(filled)
    assert set(filled.ids.tolist()) == set(table.ids.tolist())
    for track in set(table.ids.tolist()):
        was, now = (t.frames[t.ids == track] for t in (table, filled))
        assert (was.min(), was.max()) == (now.min(), now.max())
        if (np.diff(was) == 1).all():
            assert len(was) == len(now)
    # A second time there is nothing left to fill: tracks that were too short have not grown.
    assert rows_of(fill_gaps(filled, **limits)) == rows_of(filled)


def test_limits_are_checked():
    table = make_tracks([(1, 1, 0)])
    with pytest.raises(InputError, match="longer_than is -1; give 0 or more"):
        fill_gaps(table, longer_than=-1)
    with pytest.raises(InputError, match="gap_below is -3"):
        fill_gaps(table, gap_below=-3)


@pytest.mark.data
def test_real_tracks(shared_data):
    for path in sorted((shared_data / "mot17" / "golden_byte_half_val").glob("*.txt")):
        table = read_tracks(path)
        assert isinstance(table, TrackTable)
        filled = fill_gaps(table)
        assert len(filled) > len(table)
        _same(filled, reference(table, 5, 20))


@pytest.mark.data
def test_the_gain_that_the_page_states(shared_data):
    golden = shared_data / "mot17" / "golden_byte_half_val"
    truth = shared_data / "mot17" / "train"
    online = load_sequences(truth, golden, list_sequences(golden), "val")
    filled = {name: one._replace(tracks=fill_gaps(one.tracks)) for name, one in online.items()}
    assert evaluate(online)[COMBINED]["HOTA"] == pytest.approx(67.79, abs=0.05)
    after = evaluate(filled)[COMBINED]
    assert after["HOTA"] == pytest.approx(68.96, abs=0.05)
    assert after["MOTA"] == pytest.approx(79.76, abs=0.05)
