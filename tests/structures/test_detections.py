from types import SimpleNamespace

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


def test_tensors_are_taken_whatever_they_are():
    torch = pytest.importorskip("torch")
    boxes = torch.tensor(GOOD, dtype=torch.bfloat16, requires_grad=True)
    scores = torch.tensor([0.5, 0.25], dtype=torch.float16)
    found = Detections.from_xyxy(boxes, scores, torch.tensor([2.0, 0.0]), torch.eye(2))
    np.testing.assert_array_equal(found.boxes, GOOD)
    assert found.scores.tolist() == [0.5, 0.25]
    assert found.class_ids.tolist() == [2, 0]
    np.testing.assert_array_equal(found.embeddings, np.eye(2))
    assert found.take(torch.tensor([True, False])).class_ids.tolist() == [2]
    assert found.take(torch.tensor([1])).class_ids.tolist() == [0]


def test_arrays_are_taken_too_and_checked():
    found = Detections.from_xyxy(np.array(GOOD, np.float32), [0.5, 0.25], np.array([7.0, 8.0]))
    assert (found.boxes.dtype, found.class_ids.tolist()) == (np.float64, [7, 8])
    assert found.embeddings is None
    with pytest.raises(InputError, match=r"boxes\[1\].*convert from x, y, w, h"):
        Detections.from_xyxy([GOOD[0], [9, 9, 5, 5]], [0.5, 0.5])
    with pytest.raises(InputError, match=r"class_ids\[0\] is 0.5"):
        Detections.from_xyxy(GOOD, [0.5, 0.5], [0.5, 0])


def _supervision(confidence=(0.5, 0.25), class_id=(3, 4), xyxy=GOOD):
    as_array = [None if field is None else np.array(field) for field in (confidence, class_id)]
    return SimpleNamespace(xyxy=np.array(xyxy), confidence=as_array[0], class_id=as_array[1])


def test_from_supervision():
    found = Detections.from_supervision(_supervision())
    np.testing.assert_array_equal(found.boxes, GOOD)
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5, 0.25], [3, 4])
    assert Detections.from_supervision(_supervision(class_id=None)).class_ids.tolist() == [0, 0]
    nothing = _supervision(None, None, np.empty((0, 4)))
    assert len(Detections.from_supervision(nothing)) == 0
    with pytest.raises(InputError, match=r"confidence is None.*np\.ones\(len\(detections\)\)"):
        Detections.from_supervision(_supervision(confidence=None))
    with pytest.raises(InputError, match=r"a ndarray, which has no xyxy.*supervision\.Detections"):
        Detections.from_supervision(np.array(GOOD))


def test_from_the_real_supervision():
    supervision = pytest.importorskip("supervision")
    real = supervision.Detections(
        xyxy=np.array(GOOD), confidence=np.array([0.5, 0.25]), class_id=np.array([3, 4])
    )
    found = Detections.from_supervision(real)
    np.testing.assert_array_equal(found.boxes, GOOD)
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5, 0.25], [3, 4])
    assert len(Detections.from_supervision(supervision.Detections.empty())) == 0
    with pytest.raises(InputError, match="confidence is None"):
        Detections.from_supervision(supervision.Detections(xyxy=np.array(GOOD)))


def _ultralytics(as_tensor):
    columns = {"xyxy": GOOD, "conf": [0.5, 0.25], "cls": [3.0, 4.0]}
    return SimpleNamespace(boxes=SimpleNamespace(**{k: as_tensor(v) for k, v in columns.items()}))


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_from_ultralytics(kind):
    as_tensor = np.float32 if kind == "numpy" else pytest.importorskip("torch").tensor
    results = _ultralytics(as_tensor)
    found = Detections.from_ultralytics(results)
    np.testing.assert_array_equal(found.boxes, GOOD)
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5, 0.25], [3, 4])
    with pytest.raises(InputError, match=r"got a list of results.*results\[0\]"):
        Detections.from_ultralytics([results])
    with pytest.raises(InputError, match=r"boxes is None.*detect, segment or pose"):
        Detections.from_ultralytics(SimpleNamespace(boxes=None))
    with pytest.raises(InputError, match=r"a SimpleNamespace, which has no conf; give one image"):
        Detections.from_ultralytics(SimpleNamespace(boxes=SimpleNamespace(xyxy=GOOD)))


def test_from_the_real_ultralytics():
    results = pytest.importorskip("ultralytics.engine.results")
    torch = pytest.importorskip("torch")
    picture, names = np.zeros((64, 64, 3), np.uint8), {3: "car", 4: "dog"}
    rows = torch.tensor([[*GOOD[0], 0.5, 3], [*GOOD[1], 0.25, 4]])
    found = Detections.from_ultralytics(results.Results(picture, "a.jpg", names, boxes=rows))
    np.testing.assert_array_equal(found.boxes, GOOD)
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5, 0.25], [3, 4])
    nothing = results.Results(picture, "a.jpg", names, boxes=torch.empty(0, 6))
    assert len(Detections.from_ultralytics(nothing)) == 0
    with pytest.raises(InputError, match="boxes is None"):
        Detections.from_ultralytics(results.Results(picture, "a.jpg", names))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([2, 0], [2, 0]),
        ((1,), [1]),
        (np.array([1, 1], np.uint8), [1, 1]),
        ([True, False, True], [0, 2]),
        ([False] * 3, []),
        ([], []),
        (np.empty(0, int), []),
    ],
)
@pytest.mark.parametrize("embeds", [False, True])
def test_take(rows, kept, embeds):
    boxes = [[0, 0, size, size] for size in (1, 2, 3)]
    embeddings = np.eye(3) if embeds else None
    taken = Detections(boxes, [0.1, 0.2, 0.3], [4, 5, 6], embeddings).take(rows)
    assert taken.class_ids.tolist() == [4 + row for row in kept]
    assert taken.scores.tolist() == [[0.1, 0.2, 0.3][row] for row in kept]
    np.testing.assert_array_equal(taken.boxes[:, 2], [row + 1 for row in kept])
    if embeds:
        np.testing.assert_array_equal(taken.embeddings, np.eye(3)[kept])
    else:
        assert taken.embeddings is None


def test_take_from_nothing():
    assert len(Detections.empty().take([])) == 0
    assert len(Detections.empty().take(np.empty(0, bool))) == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([2], r"rows\[0\] is 2 of 2 detections; rows count from 0"),
        ([0, -1], r"rows\[1\] is -1.*tracks without a detection \(-1\)"),
        ([True], r"mask has shape \(1,\); give \(2,\)"),
        ([0.0, 1.0], r"type float64"),
        (1, r"shape \(\).*one dimension"),
        ([[0, 1]], r"shape \(1, 2\)"),
    ],
)
def test_rows_that_are_none_are_named(rows, message):
    with pytest.raises(InputError, match=message):
        Detections(GOOD, [0.5, 0.5]).take(rows)
