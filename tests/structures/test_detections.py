import numpy as np
import pytest

from yolox.structures import Detections, InputError

GOOD = [[0.0, 0.0, 10.0, 20.0], [5.0, 5.0, 9.0, 9.0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"boxes": [*GOOD, [0, 0, np.nan, 1]], "scores": [0.5] * 3}, r"boxes\[2\].*finite"),
        ({"boxes": [GOOD[0], [0, 0, np.inf, 1]], "scores": [0.5] * 2}, r"boxes\[1\].*finite"),
        ({"boxes": [[0, 0, 1e9, 1]], "scores": [0.5]}, r"boxes\[0\].*within"),
        ({"boxes": [[10, 0, 5, 1]], "scores": [0.5]}, r"boxes\[0\].*convert from x, y, w, h"),
        ({"boxes": [[1, 2, 3]], "scores": [0.5]}, r"shape \(1, 3\).*\(N, 4\)"),
        ({"boxes": GOOD, "scores": [0.5, 93]}, r"scores\[1\] is 93.*divide percentages"),
        ({"boxes": GOOD, "scores": [-0.1, 0.5]}, r"scores\[0\]"),
        ({"boxes": GOOD, "scores": [np.nan, 0.5]}, r"scores\[0\] is nan"),
        ({"boxes": GOOD, "scores": [[0.5, 0.5]]}, r"scores have shape"),
        ({"boxes": GOOD, "scores": [0.5]}, r"2 boxes, 1 scores"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": [1]}, r"1 class_ids"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": [1, 0.5]}, r"class_ids\[1\] is 0.5"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": [np.nan, 0]}, r"class_ids\[0\]"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": ["a", "b"]}, r"class_ids: .*whole"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": [[1], [2]]}, r"class_ids have shape"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "class_ids": 3}, r"class_ids have shape \(\)"),
        ({"boxes": [[1, 2, 3, 4], [1]], "scores": [0.5] * 2}, r"boxes: .*rows of one length"),
        ({"boxes": GOOD, "scores": ["a", "b"]}, r"scores: .*give numbers"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "embeddings": [[1, 0]]}, r"\(2, D\)"),
        ({"boxes": GOOD, "scores": [0.5] * 2, "embeddings": [[1, 0], [3, 4]]}, r"\[1\].*length 5"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Detections(**arguments)


def test_input_error_is_a_value_error():
    with pytest.raises(ValueError, match="scores"):
        Detections(GOOD, [2, 2])


def test_good_input_keeps_its_values():
    found = Detections(np.array(GOOD, np.float32), [0, 1], [3, 4], [[0.6, 0.8], [1, 0]])
    assert (len(found), found.boxes.dtype, found.class_ids.dtype) == (2, np.float64, np.int64)
    np.testing.assert_array_equal(found.boxes, GOOD)
    np.testing.assert_array_equal(found.class_ids, [3, 4])
    assert found.embeddings is not None
    assert found.embeddings.dtype == np.float32


@pytest.mark.parametrize("nothing", [([], []), (np.empty((0, 4)), np.empty(0))])
def test_nothing_found(nothing):
    found = Detections(*nothing)
    assert len(found) == 0
    assert found.boxes.shape == (0, 4)
    assert len(Detections.empty()) == 0
    assert len(Detections([], [], [], [])) == 0
    assert Detections([], [], [], np.empty((0, 128))).embeddings.shape == (0, 128)
