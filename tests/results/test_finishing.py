import dataclasses

import numpy as np
import pytest
from results.random_tracks import make_tracks, rows_of

from yolox.results.finishing import Finishing, finish_tracks
from yolox.results.interpolation import fill_gaps
from yolox.results.local_lines import smooth_on_lines
from yolox.results.smoothing import smooth_tracks
from yolox.structures import DetectionTable, InputError

# One person in two fragments, the first with a gap, and a track of three boxes.
ROWS = [(frame, 1, 0) for frame in (*range(1, 11), 14, 15)]
ROWS += [(frame, 2, 0) for frame in range(30, 50)] + [(frame, 3, 400) for frame in (2, 3, 4)]


def _finished(**options):
    frame_rate = options.pop("frame_rate", 30.0)
    return finish_tracks(make_tracks(ROWS), Finishing(**options), frame_rate=frame_rate)


def test_by_default_gaps_are_filled_and_no_more():
    assert rows_of(_finished()) == rows_of(fill_gaps(make_tracks(ROWS)))


def test_methods_smooth_what_was_filled():
    filled = fill_gaps(make_tracks(ROWS))
    gaussian = _finished(method="gaussian", tau=5, noise=0.1)
    assert rows_of(gaussian) == rows_of(smooth_tracks(filled, tau=5, noise=0.1))
    assert rows_of(_finished(method="lines")) == rows_of(smooth_on_lines(filled))


def test_linked_before_short_ones_are_dropped_and_gaps_filled():
    assert set(_finished(min_length=12).ids.tolist()) == {1, 2}
    assert set(_finished(min_length=13).ids.tolist()) == {2}
    whole = _finished(min_length=13, link=1)
    assert set(whole.ids.tolist()) == {1}
    assert whole.frames.tolist() == list(range(1, 50))


def test_numbers_of_frames_are_of_thirty_a_second():
    gap = {12, 13}
    for rate, gap_below, filled in ((30, 5, True), (15, 9, True), (15, 8, False), (60, 2, False)):
        table = _finished(gap_below=gap_below, frame_rate=rate)
        assert (gap <= set(table.frames.tolist())) is filled
    assert set(_finished(min_length=24, frame_rate=15).ids.tolist()) == {1, 2}
    assert set(_finished(min_length=25, frame_rate=15).ids.tolist()) == {2}


def test_looks_keep_apart_what_motion_would_link():
    table = make_tracks(ROWS)
    other = table.ids == 2
    detections = DetectionTable(
        frames=table.frames,
        boxes=table.boxes,
        scores=table.scores,
        class_ids=table.class_ids,
        embeddings=np.c_[~other, other].astype(np.float32),
    )
    plan = Finishing(link=1)
    assert 2 not in finish_tracks(table, plan).ids
    assert 2 in finish_tracks(table, plan, detections=detections).ids
    alike = dataclasses.replace(detections, embeddings=np.ones((len(table), 1), np.float32))
    assert 2 not in finish_tracks(table, plan, detections=alike).ids
    with pytest.raises(InputError, match="detections serve linking only; give the seconds"):
        finish_tracks(table, Finishing(), detections=detections)


def test_the_note_tells_what_was_on():
    assert Finishing().step(looks=False, sequence_frame_rate=False) == {
        "method": "linear",
        "longer_than": 5,
        "gap_below": 20,
    }
    plan = Finishing(method="gaussian", tau=8, noise=0.1, min_length=15, link=2)
    assert plan.step(looks=True, sequence_frame_rate=True) == {
        "method": "gaussian",
        "longer_than": 5,
        "gap_below": 20,
        "tau": 8,
        "noise": 0.1,
        "min_length": 15,
        "link": 2,
        "by": "motion and looks",
        "frame_rate": "of the sequence",
    }
    assert Finishing(link=1).step(looks=False, sequence_frame_rate=False)["by"] == "motion"
