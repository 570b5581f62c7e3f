import numpy as np
import pytest

from yolox.tracker.association import (
    buffered_iou_cost,
    fuse_score,
    gate_by_class,
    gate_by_motion,
    iou_cost,
)

A = np.array([[0.0, 0, 10, 10]])
B = np.array([[0.0, 0, 10, 20], [50, 50, 60, 60]])


def test_iou_cost_with_and_without_the_pixel():
    np.testing.assert_allclose(iou_cost(A, B), [[0.5, 1]])
    np.testing.assert_allclose(iou_cost(A, B, offset=1), [[1 - 121 / 231, 1]])


def test_a_buffer_enlarges_both_boxes_on_all_sides():
    apart = np.array([[12.0, 0, 22, 10]])
    assert buffered_iou_cost(A, apart, buffer=0)[0, 0] == 1
    # Both are 16 × 16 now, 12 apart: 4 · 16 of 2 · 16² - 4 · 16.
    assert buffered_iou_cost(A, apart, buffer=0.3)[0, 0] == pytest.approx(1 - 64 / 448)
    np.testing.assert_array_equal(buffered_iou_cost(A, B, buffer=0), iou_cost(A, B))


def test_fuse_score_multiplies_the_overlap():
    np.testing.assert_allclose(fuse_score(iou_cost(A, B), np.array([0.8, 0.9])), [[0.6, 1]])


def test_gate_by_class():
    gated = gate_by_class(np.zeros((2, 3)), np.array([0, 1]), np.array([1, 0, 2]))
    np.testing.assert_array_equal(gated, [[np.inf, 0, np.inf], [0, np.inf, np.inf]])


@pytest.mark.parametrize(("distance", "expected"), [(9.4877, 0.2), (9.4878, np.inf)])
def test_gate_by_motion_is_the_95_percent_quantile(distance, expected):
    assert gate_by_motion(np.array([[0.2]]), np.array([[distance]]))[0, 0] == expected
