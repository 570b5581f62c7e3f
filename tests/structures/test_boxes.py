import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.structures import box_iou, xywh_to_xyxy, xyxy_to_xywh


def _iou_by_loops(boxes_a, boxes_b, offset):
    table = np.zeros((len(boxes_a), len(boxes_b)))
    for i, a in enumerate(boxes_a):
        for j, b in enumerate(boxes_b):
            width = min(a[2], b[2]) - max(a[0], b[0]) + offset
            height = min(a[3], b[3]) - max(a[1], b[1]) + offset
            if width > 0 and height > 0:
                area_a = (a[2] - a[0] + offset) * (a[3] - a[1] + offset)
                area_b = (b[2] - b[0] + offset) * (b[3] - b[1] + offset)
                table[i, j] = width * height / (area_a + area_b - width * height)
    return table


def _random_boxes(seed, count):
    random = np.random.default_rng(seed)
    corner = random.uniform(-50, 100, (count, 2))
    return np.concatenate([corner, corner + random.uniform(0, 80, (count, 2))], axis=1)


@pytest.mark.parametrize(
    ("a", "b", "offset", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 20], 0, 0.5),
        ([0, 0, 10, 10], [0, 0, 10, 20], 1, 121 / 231),  # pixel counting, as cython_bbox
        ([0, 0, 10, 10], [10, 0, 20, 10], 0, 0),  # touching
        ([0, 0, 10, 10], [10, 0, 20, 10], 1, 11 / 231),  # they share a column of pixels
        ([0, 0, 10, 10], [50, 50, 60, 60], 1, 0),
        ([5, 5, 5, 5], [5, 5, 5, 5], 0, 0),  # no area
        ([5, 5, 5, 5], [5, 5, 5, 5], 1, 1),
        ([10, 10, 0, 0], [0, 0, 10, 10], 0, 0),  # turned inside out
    ],
)
def test_iou_of_a_pair(a, b, offset, expected):
    overlap = box_iou(np.array([a], float), np.array([b], float), offset=offset)
    assert overlap[0, 0] == pytest.approx(expected)


@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(0, 12), st.sampled_from([0, 1]))
def test_iou_equals_loops(seed, rows, columns, offset):
    a, b = _random_boxes(seed, rows), _random_boxes(seed + 1, columns)
    np.testing.assert_allclose(box_iou(a, b, offset=offset), _iou_by_loops(a, b, offset))


def test_iou_equals_cython_bbox():
    cython_bbox = pytest.importorskip("cython_bbox", reason="needs a C compiler to install")
    a, b = _random_boxes(1, 200), _random_boxes(2, 150)
    np.testing.assert_allclose(box_iou(a, b, offset=1), cython_bbox.bbox_overlaps(a, b), atol=1e-15)


def test_conversions_undo_each_other():
    boxes = _random_boxes(3, 20)
    np.testing.assert_array_equal(xyxy_to_xywh(np.array([[1.0, 2, 4, 8]])), [[1, 2, 3, 6]])
    np.testing.assert_allclose(xywh_to_xyxy(xyxy_to_xywh(boxes)), boxes)
