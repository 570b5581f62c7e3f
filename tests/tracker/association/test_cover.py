import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.tracker.association import cover, height_iou

BOX = [100.0, 100, 140, 200]


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 0),
        ([BOX], 0),  # nobody hides themselves
        ([[120, 100, 160, 201]], 0.5),  # the right half
        ([[120, 100, 160, 199]], 0),  # who stands farther away hides nothing
        ([[120, 150, 160, 300]], 0.25),  # a quarter
        ([[120, 150, 160, 300], [100, 170, 110, 210]], 0.25),  # the one who hides most
        ([[90, 90, 200, 300]], 1),
        ([[140, 100, 160, 300]], 0),  # side by side
    ],
)
def test_how_much_is_covered(others, share):
    found = cover(np.array([BOX]), np.array(others, dtype=float).reshape(-1, 4))
    np.testing.assert_allclose(found, [share])


def test_a_box_without_area_is_not_covered():
    flat = np.array([[100.0, 100, 100, 200], [100, 100, 140, 100]])
    np.testing.assert_array_equal(cover(flat, np.array([[0.0, 0, 500, 500]])), [0, 0])


def _slowly(box, others):
    area = (box[2] - box[0]) * (box[3] - box[1])
    shares = [0.0]
    for other in others:
        width = min(box[2], other[2]) - max(box[0], other[0])
        height = min(box[3], other[3]) - max(box[1], other[1])
        if area > 0 and width > 0 and height > 0 and other[3] > box[3]:
            shares.append(width * height / area)
    return max(shares)


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 4), max_size=8))
def test_against_one_pair_at_a_time(numbers):
    array = np.array(numbers, dtype=float).reshape(-1, 4)
    boxes = np.c_[array[:, :2], array[:, :2] + array[:, 2:]]
    np.testing.assert_allclose(cover(boxes, boxes), [_slowly(box, boxes) for box in boxes])


def test_heights_count_wherever_the_boxes_are():
    others = np.array([[500.0, 100, 540, 200], [100, 150, 140, 250], [100, 200, 140, 300]])
    np.testing.assert_allclose(height_iou(np.array([BOX]), others), [[1, 1 / 3, 0]])
