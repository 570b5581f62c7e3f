import numpy as np
import pytest
from results.random_tracks import make_tracks

from yolox.results.filtering import drop_odd_boxes, drop_short_tracks
from yolox.structures import TrackTable

#            exactly 100  just over   exactly 1.6     wider
SIZES = [[10, 10], [10, 10.1], [16, 10], [16.1, 10]]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, [1, 2]),
        ({"min_box_area": 0}, [0, 1, 2]),
        ({"max_aspect_ratio": 0}, [1, 2, 3]),
        ({"min_box_area": 0, "max_aspect_ratio": 0}, [0, 1, 2, 3]),
    ],
)
def test_filter(options, kept):
    size = np.array(SIZES, float)
    count = np.arange(len(size))
    table = TrackTable(
        frames=count + 1, boxes=np.c_[0 * size, size], ids=count, scores=count, class_ids=count
    )
    assert drop_odd_boxes(table, **options).ids.tolist() == kept


def test_short_tracks_are_dropped_whole():
    table = make_tracks([(1, 1, 0), (1, 2, 9), (2, 2, 9), (5, 2, 9), (7, 3, 5), (8, 3, 5)])
    assert drop_short_tracks(table, min_length=0).ids.tolist() == [1, 2, 2, 2, 3, 3]
    assert drop_short_tracks(table, min_length=2).ids.tolist() == [2, 2, 2, 3, 3]
    assert drop_short_tracks(table, min_length=2.1).ids.tolist() == [2, 2, 2]
    assert len(drop_short_tracks(table, min_length=4)) == 0
    assert len(drop_short_tracks(make_tracks([]), min_length=4)) == 0
