import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results.random_tracks import make_tracks, rows_of, track_tables

from yolox.formats.mot import list_sequences, read_tracks
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.results.interpolation import fill_gaps
from yolox.results.local_lines import smooth_on_lines
from yolox.structures import InputError


def reference(table, longer_than, centre_frames, size_frames):
    """One weighted least squares fit a row, centre and size apart."""
    boxes = table.boxes.copy()
    for row in range(len(table)):
        own = np.flatnonzero(table.ids == table.ids[row])
        if len(own) <= longer_than:
            continue
        lines = []
        for of_size, deviation in ((False, centre_frames), (True, size_frames)):
            apart = (table.frames[own] - table.frames[row]).astype(float)
            near = np.abs(apart) <= 3 * deviation
            time, corner = apart[near], table.boxes[own[near]]
            values = corner[:, 2:] - corner[:, :2] if of_size else corner[:, :2] + corner[:, 2:]
            root = np.exp(-0.25 * (time / deviation) ** 2)[:, None]  # of the weight
            design = np.c_[np.ones_like(time), time] if len(time) > 1 else np.ones((1, 1))
            lines.append(np.linalg.lstsq(root * design, root * values, rcond=None)[0][0])
        centre, size = lines[0] / 2, np.maximum(lines[1], 0)
        boxes[row] = np.r_[centre - size / 2, centre + size / 2]
    return boxes


def _with_left(table, left, width):
    return dataclasses.replace(table, boxes=np.c_[left, left, left + width, left + 2 * width])


@given(
    track_tables(),
    st.integers(0, 8),
    st.sampled_from([0.4, 1.0, 3.0]),
    st.sampled_from([0.5, 4.0]),
)
def test_equals_the_slow_reference(table, longer_than, centre_frames, size_frames):
    rng = np.random.default_rng(len(table))
    table = _with_left(table, table.boxes[:, 0], rng.uniform(5, 50, len(table)))
    smoothed = smooth_on_lines(
        table, longer_than=longer_than, centre_frames=centre_frames, size_frames=size_frames
    )
    wanted = reference(table, longer_than, centre_frames, size_frames)
    np.testing.assert_allclose(smoothed.boxes, wanted, atol=1e-6)
    unmoved = dataclasses.replace(smoothed, boxes=table.boxes)
    assert rows_of(unmoved) == rows_of(table)
    assert (smoothed.boxes[:, 2:] >= smoothed.boxes[:, :2]).all()


def test_by_hand():
    # Three neighbours with weights w, 1, w at -1, 0, 1 and no others: in the middle the line is
    # the weighted mean, here 3 w / (1 + 2 w) of width 0, 0 and 3; 3 deviations reach no further.
    table = make_tracks([(1, 1, 0), (2, 1, 0), (3, 1, 3)])
    weight = np.exp(-0.5 / 0.5**2)
    smoothed = smooth_on_lines(table, longer_than=0, centre_frames=0.5, size_frames=0.5)
    assert smoothed.boxes[1, 0] == pytest.approx(3 * weight / (1 + 2 * weight))
    assert smoothed.boxes[0, 0] == pytest.approx(0)  # two points: the line goes through both
    np.testing.assert_allclose(smoothed.boxes[:, 2] - smoothed.boxes[:, 0], 10)


def test_a_steady_walk_stays_also_at_its_ends_and_over_gaps():
    frames = np.array([1, 2, 3, 6, 7, 20, 21, 22, 60])
    table = make_tracks([(frame, 1, 0) for frame in frames])
    table = _with_left(table, 4.0 * frames - 100, 20 + 0.5 * frames)
    np.testing.assert_allclose(smooth_on_lines(table).boxes, table.boxes, atol=1e-9)


def test_jitter_goes_and_the_walk_stays():
    frames = np.arange(1, 301)
    table = make_tracks([(frame, 1, 0) for frame in frames])
    walk, noise = 3.0 * frames, np.random.default_rng(0).normal(0, 2, 300)
    smoothed = smooth_on_lines(_with_left(table, walk + noise, 10.0))
    off = smoothed.boxes[:, 0] - walk
    assert off.std() < 0.4 * noise.std()
    assert np.abs(off).max() < 4


def test_short_tracks_and_tracks_next_to_each_other_do_not_mix():
    short = [(frame, 1, 50 * (frame % 2)) for frame in range(1, 6)]
    still = [(frame, 2, 300) for frame in range(1, 30)]
    table = make_tracks(short + still)
    np.testing.assert_array_equal(smooth_on_lines(table, longer_than=5).boxes, table.boxes)


@pytest.mark.parametrize("name", ["centre_frames", "size_frames"])
@pytest.mark.parametrize("value", [0, 1001, np.nan])
def test_ranges_are_checked(name, value):
    with pytest.raises(InputError, match=f"{name} is {value}"):
        smooth_on_lines(make_tracks([(1, 1, 0)]), **{name: value})


@pytest.mark.data
def test_real_tracks(shared_data):
    path = shared_data / "mot17" / "golden_byte_half_val" / "MOT17-09-FRCNN.txt"
    table = fill_gaps(read_tracks(path)).between(1, 100)
    smoothed = smooth_on_lines(table)
    np.testing.assert_allclose(smoothed.boxes, reference(table, 5, 3, 4), atol=1e-6)


@pytest.mark.data
def test_the_gain_that_the_page_states(shared_data):
    golden = shared_data / "mot17" / "golden_byte_half_val"
    truth = shared_data / "mot17" / "train"
    online = load_sequences(truth, golden, list_sequences(golden), "val")
    after = evaluate(
        {
            name: one._replace(tracks=smooth_on_lines(fill_gaps(one.tracks)))
            for name, one in online.items()
        }
    )[COMBINED]
    assert after["HOTA"] == pytest.approx(69.65, abs=0.05)
    assert after["MOTA"] == pytest.approx(80.05, abs=0.05)
