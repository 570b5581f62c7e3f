import dataclasses

import numpy as np
import pytest
from hypothesis import given
from results.random_tracks import make_tracks, track_tables

from yolox.formats.mot import read_tracks
from yolox.results import smoothing
from yolox.results.interpolation import fill_gaps
from yolox.results.smoothing import length_scale, smooth_tracks
from yolox.structures import InputError


def reference(table, longer_than, tau, noise):
    """The paper's formulas coordinate by coordinate, with a matrix inverse."""
    boxes = table.boxes.copy()
    for track in set(table.ids.tolist()):
        rows = np.flatnonzero(table.ids == track)
        if len(rows) <= longer_than:
            continue
        scale = max(tau * np.log(tau**3 / len(rows)), 1.0)
        times = table.frames[rows].astype(float)
        kernel = np.array(
            [[np.exp(-((s - t) ** 2) / (2 * scale**2)) for t in times] for s in times]
        )
        inverse = np.linalg.inv(kernel + noise * np.eye(len(rows)))
        for column in range(4):
            values = table.boxes[rows, column]
            boxes[rows, column] = values.mean() + kernel @ inverse @ (values - values.mean())
    return boxes


@given(track_tables())
def test_equals_the_slow_reference(table):
    smoothed = smooth_tracks(table, longer_than=5, tau=8, noise=0.01)
    expected = reference(table, 5, 8, 0.01)
    np.testing.assert_allclose(smoothed.boxes, expected, atol=1e-6)
    for column in ("frames", "ids", "scores", "class_ids"):
        np.testing.assert_array_equal(getattr(smoothed, column), getattr(table, column))


@pytest.mark.parametrize(
    ("boxes", "tau", "scale"),
    [(100, 10, 23.02585093), (1, 10, 69.07755279), (1000, 10, 1), (5000, 10, 1), (900, 10, 1.0536)],
)
def test_length_scale_by_hand(boxes, tau, scale):
    assert length_scale(boxes, tau) == pytest.approx(scale, rel=1e-4)


def test_short_tracks_stay_and_a_still_box_stays_still():
    jumpy = [(frame, 1, 50 * (frame % 2)) for frame in range(1, 6)]
    still = [(frame, 2, 30) for frame in range(1, 40)]
    table = make_tracks(jumpy + still)
    smoothed = smooth_tracks(table, longer_than=5)
    np.testing.assert_allclose(smoothed.boxes, table.boxes, atol=1e-9)


def test_jitter_goes_and_the_walk_stays():
    frames = np.arange(1, 201)
    walk = 3.0 * frames
    table = make_tracks([(frame, 1, 0) for frame in frames])
    noise = np.random.default_rng(0).normal(0, 2, 200)
    left = walk + noise
    table = dataclasses.replace(table, boxes=np.c_[left, left, left + 10, left + 20])
    off = smooth_tracks(table, noise=1e-3).boxes[:, 0] - walk
    assert np.abs(off).std() < 0.5 * noise.std()
    assert np.abs(off).max() < 3


def test_boxes_are_never_turned_inside_out():
    wide = [(frame, 1, 0) for frame in range(1, 30)]
    table = make_tracks(wide)
    boxes = table.boxes.copy()
    boxes[:, 2] = boxes[:, 0]
    boxes[14, 2] += 300  # rings to both sides
    smoothed = smooth_tracks(dataclasses.replace(table, boxes=boxes), tau=3)
    assert (smoothed.boxes[:, 2:] >= smoothed.boxes[:, :2]).all()


@pytest.mark.parametrize("tau", [15.0, 20.0])
def test_windows_agree_with_the_whole(monkeypatch, tau):
    """Tracks too long for one regression: a walk with jitter and gaps."""
    rng = np.random.default_rng(1)
    frames = np.flatnonzero(rng.random(3000) < 0.9) + 1
    table = make_tracks([(int(frame), 1, 0) for frame in frames])
    left = np.cumsum(rng.normal(0, 1, len(frames))) * 2 + rng.normal(0, 3, len(frames))
    table = dataclasses.replace(table, boxes=np.c_[left, left, left + 40, left + 90])
    assert len(table) > smoothing.LONGEST
    windows = smooth_tracks(table, tau=tau)
    monkeypatch.setattr(smoothing, "LONGEST", 10_000)
    whole = smooth_tracks(table, tau=tau)
    assert np.abs(whole.boxes - table.boxes).max() > 1
    np.testing.assert_allclose(windows.boxes, whole.boxes, atol=0.01)


@pytest.mark.parametrize(
    ("name", "value"), [("tau", 0), ("tau", 31), ("noise", 0), ("noise", np.nan)]
)
def test_ranges_are_checked(name, value):
    with pytest.raises(InputError, match=f"{name} is {value}"):
        smooth_tracks(make_tracks([(1, 1, 0)]), **{name: value})


@pytest.mark.data
def test_real_tracks(shared_data):
    path = shared_data / "mot17" / "golden_byte_half_val" / "MOT17-09-FRCNN.txt"
    table = fill_gaps(read_tracks(path))
    smoothed = smooth_tracks(table, noise=1e-3)
    np.testing.assert_allclose(smoothed.boxes, reference(table, 5, 10, 1e-3), atol=1e-3)
