import numpy as np
import pytest

from yolox.results.filtering import drop_odd_boxes
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
