import contextlib
import io

import numpy as np
import pytest

from yolox.metrics.detection import score_detection_tables, score_detections
from yolox.structures import Detections, DetectionTable, InputError, TruthTable


def _truth(images=3, categories=(1,)):
    random = np.random.default_rng(0)
    annotations = []
    for image in range(1, images + 1):
        for box in random.uniform(10, 200, (6, 4)):
            number = len(annotations) + 1
            category = categories[number % len(categories)]
            annotations.append(
                {"id": number, "image_id": image, "category_id": category,
                 "bbox": box.tolist(), "area": float(box[2] * box[3]),
                 "iscrowd": int(number % 7 == 0), "track_id": 1}
            )  # fmt: skip
    return {
        "images": [{"id": i, "width": 640, "height": 480} for i in range(1, images + 1)],
        "annotations": annotations,
        "categories": [{"id": category, "name": str(category)} for category in categories],
    }


def _found(truth, shake, seed=1):
    random = np.random.default_rng(seed)
    categories = [record["id"] for record in truth["categories"]]
    found = {}
    for image in truth["images"]:
        own = [a for a in truth["annotations"] if a["image_id"] == image["id"]]
        boxes = np.array([a["bbox"] for a in own])
        boxes[:, 2:] += boxes[:, :2]
        boxes += random.normal(0, shake, boxes.shape)
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
        ids = np.array([categories.index(a["category_id"]) for a in own])
        found[image["id"]] = Detections(boxes, random.uniform(0.1, 1, len(own)), ids)
    return found


def test_perfect_detections():
    truth = _truth()
    assert score_detections(truth, _found(truth, 0.0)) == pytest.approx((1, 1, 1, 1))


@pytest.mark.parametrize("categories", [(1,), (3, 7)])
@pytest.mark.parametrize("shake", [4.0, 15.0])
def test_equals_pycocotools(categories, shake):
    coco = pytest.importorskip("pycocotools.coco")
    evaluate = pytest.importorskip("pycocotools.cocoeval")
    truth = _truth(categories=categories)
    found = _found(truth, shake)
    rows = [
        {"image_id": image, "category_id": categories[class_id], "score": float(score),
         "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]]}
        for image, detections in found.items()
        for box, score, class_id in zip(
            detections.boxes.tolist(), detections.scores, detections.class_ids, strict=True
        )
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        oracle = coco.COCO()
        oracle.dataset = truth
        oracle.createIndex()
        evaluation = evaluate.COCOeval(oracle, oracle.loadRes(rows), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    scores = score_detections(truth, found)
    assert 0.05 < scores.ap < 0.99
    assert scores[:3] == pytest.approx(evaluation.stats[:3], abs=1e-9)
    recall = evaluation.eval["recall"][0, :, 0, 2].mean()
    assert scores.recall50 == pytest.approx(recall, abs=1e-9)


def test_nothing_found_anywhere_or_in_some_images():
    truth = _truth()
    assert score_detections(truth, {}) == (0, 0, 0, 0)
    none = Detections(np.empty((0, 4)), np.empty(0))
    assert score_detections(truth, {1: none}) == (0, 0, 0, 0)
    some = _found(truth, 0.0)
    some[2] = none
    assert 0.5 < score_detections(truth, some).ap50 < 0.9


def test_unknown_images_and_classes():
    truth = _truth()
    one = Detections(np.array([[0, 0, 9, 9.0]]), np.array([0.5]), np.array([1]))
    with pytest.raises(InputError, match="detections of image 99"):
        score_detections(truth, {99: one})
    with pytest.raises(InputError, match="detections of class 1, the annotations have 1"):
        score_detections(truth, {1: one})


def test_annotations_may_be_numbered_from_0():
    truth = _truth()
    expected = score_detections(truth, _found(truth, 8.0))
    for record in truth["annotations"]:
        record["id"] -= 1
    assert score_detections(truth, _found(truth, 8.0)) == expected
    assert truth["annotations"][0]["id"] == 0  # the caller's document is left alone


def test_tables_of_sequences_are_scored_as_one_document():
    """Two sequences; in the second a person is missed, and a car and a sitter are no targets."""
    boxes = np.array([[0, 0, 10, 20], [50, 0, 60, 20], [90, 0, 99, 20]], dtype=np.float64)

    def truth(frames, class_ids, considered):
        count = len(frames)
        return TruthTable(
            frames=np.array(frames),
            boxes=boxes[:count],
            ids=np.arange(1, count + 1),
            considered=np.array(considered),
            class_ids=np.array(class_ids),
            visibility=np.ones(count),
        )

    def found(frames, rows):
        return DetectionTable(
            frames=np.array(frames, dtype=np.int64),
            boxes=boxes[rows],
            scores=np.linspace(0.9, 0.5, len(rows)),
            class_ids=np.zeros(len(rows), dtype=np.int64),
        )

    people = {
        "a": truth([1, 1, 2], [1, 1, 1], [True, True, True]),
        "b": truth([1, 1, 3], [1, 3, 1], [True, True, False]),
    }
    all_of_a = found([1, 1, 2], [0, 1, 2])
    nothing = found([], [])
    assert score_detection_tables(people, {"a": all_of_a, "b": found([1], [0])}).ap == (
        pytest.approx(1.0)
    )
    # Three of four, all right: precision is 1 up to a recall of 0.75, of which 76 of COCO's 101
    # recalls are.
    missed = score_detection_tables(people, {"a": all_of_a, "b": nothing})
    assert missed.ap50 == pytest.approx(76 / 101)
    # Detections of another class, of a sitter and beyond the last labelled frame are all wrong.
    wrong = score_detection_tables(people, {"a": nothing, "b": found([1, 3, 9], [1, 2, 0])})
    assert wrong.ap == 0
    with pytest.raises(InputError, match="b: has only detections or only ground truth; give both"):
        score_detection_tables(people, {"a": all_of_a})
