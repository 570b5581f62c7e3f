"""Average precision by COCO's rules, computed by faster-coco-eval."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from yolox.formats.coco import Document
from yolox.structures import Detections, DetectionTable, InputError, TruthTable, xyxy_to_xywh

_PEDESTRIAN = 1  # among MOTChallenge's classes


class DetectionScores(NamedTuple):
    """Average precision and recall in [0, 1]; −1 where there is nothing to find.

    Attributes:
        ap: Mean over the overlaps 0.50, 0.55, … 0.95.
        ap50: At an overlap of 0.50.
        ap75: At an overlap of 0.75.
        recall50: Share found at an overlap of 0.50, by at most 100 detections an image.
    """

    ap: float
    ap50: float
    ap75: float
    recall50: float


def score_detections(truth: Document, found: Mapping[int, Detections]) -> DetectionScores:
    """Score what was found in the images of a COCO document.

    Args:
        truth: The document; crowds count neither for nor against.
        found: Detections in image pixels by image id; class i is the i-th category by id. Images
            without an entry are images in which nothing was found.

    Raises:
        InputError: A detection is of an image or a class that the document does not have.
    """
    known = {record["id"] for record in truth["images"]}
    categories = sorted(record["id"] for record in truth["categories"])
    rows = []
    for image, detections in found.items():
        if image not in known:
            raise InputError(f"detections of image {image}, which the annotations do not have")
        if len(detections) and detections.class_ids.max() >= len(categories):
            raise InputError(
                f"detections of class {detections.class_ids.max()}, the annotations have "
                f"{len(categories)}; train and validate on the same classes"
            )
        rows.append(
            np.column_stack(
                [
                    np.full(len(detections), image),
                    xyxy_to_xywh(detections.boxes),
                    detections.scores,
                    np.array(categories)[detections.class_ids],
                ]
            )
        )
    table = np.concatenate(rows) if rows else np.empty((0, 7))
    if not len(table):
        return DetectionScores(0.0, 0.0, 0.0, 0.0)
    # To the library an annotation 0 is one that is not matched.
    numbered = [{**record, "id": row} for row, record in enumerate(truth["annotations"], start=1)]
    # It tells of its progress on stdout.
    with contextlib.redirect_stdout(io.StringIO()):
        coco: Any = COCO({**truth, "annotations": numbered})
        evaluation: Any = COCOeval_faster(coco, coco.loadRes(table), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # (overlaps, classes, sizes, most detections): the least overlap, any size, the most detections.
    recalls = evaluation.eval["recall"][0, :, 0, -1]
    recall = float(recalls[recalls >= 0].mean()) if (recalls >= 0).any() else -1.0
    ap, ap50, ap75 = evaluation.stats[:3].tolist()
    return DetectionScores(ap, ap50, ap75, recall)


def score_detection_tables(
    truth: Mapping[str, TruthTable], found: Mapping[str, DetectionTable]
) -> DetectionScores:
    """Score the detections of MOTChallenge sequences, all classes as one.

    Args:
        truth: Ground truth by sequence; what is not a considered pedestrian is no target.
        found: Detections by sequence, frames numbered alike; each counts as a pedestrian.

    Raises:
        InputError: A sequence has only one of the two.
    """
    lone = sorted(found.keys() ^ truth.keys())
    if lone:
        raise InputError(f"{lone[0]}: has only detections or only ground truth; give both")
    document: Document = {"images": [], "annotations": [], "categories": [{"id": 1, "name": ""}]}
    by_image: dict[int, Detections] = {}
    for name, people in truth.items():
        people = people.take(people.considered & (people.class_ids == _PEDESTRIAN))
        table = found[name]
        for frame in range(1, max(people.last_frame, table.last_frame) + 1):
            image = len(document["images"]) + 1
            document["images"].append({"id": image})
            one = table.at(frame)
            by_image[image] = Detections(one.boxes, one.scores)
            for box in xyxy_to_xywh(people.boxes[people.rows_of(frame)]).tolist():
                document["annotations"].append(
                    {
                        "image_id": image,
                        "category_id": 1,
                        "bbox": box,
                        "area": box[2] * box[3],
                        "iscrowd": 0,
                    }
                )
    return score_detections(document, by_image)
