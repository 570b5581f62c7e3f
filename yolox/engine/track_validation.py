"""Tracking metrics of a validation set: BYTE over what was found in its videos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from yolox.formats.coco import Document
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import Detections, TrackTable, TruthTable
from yolox.structures.boxes import xywh_to_xyxy
from yolox.tracker.byte_tracker import ByteTrack


def score_tracking(document: Document, found: Mapping[int, Detections]) -> dict[str, float]:
    """Track the videos of a COCO document for video by BYTE with its defaults.

    Args:
        document: Its images have `video_id` and `frame_id`, its annotations `track_id`; those below
            0 and crowds are left out.
        found: Detections in image pixels by image id.

    Returns:
        `hota`, `mota` and `idf1` of protocol `trackeval` as shares, all classes as one; nothing if
        nobody in the document has an identity.
    """
    people: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in document["annotations"]:
        if record.get("track_id", -1) >= 0 and not record.get("iscrowd"):
            people[record["image_id"]].append(record)
    videos: dict[int, dict[int, int]] = defaultdict(dict)
    for image in document["images"]:
        videos[image["video_id"]][image["frame_id"]] = image["id"]
    sequences = {}
    for video, images in videos.items():
        truth = _truth({frame: people[image] for frame, image in images.items()})
        if len(truth):
            length = max(images)
            tracker = ByteTrack()
            tracks = TrackTable.from_frames(
                tracker.update(found.get(images.get(frame, -1), Detections.empty()))
                for frame in range(1, length + 1)
            )
            sequences[str(video)] = ScoredSequence(truth, drop_odd_boxes(tracks), length)
    if not sequences:
        return {}
    # MOT15's rules know no classes.
    scores = evaluate(sequences, "trackeval", "MOT15")[COMBINED]
    return {name.lower(): scores[name] / 100 for name in ("HOTA", "MOTA", "IDF1")}


def _truth(by_frame: Mapping[int, list[dict[str, Any]]]) -> TruthTable:
    rows = [(frame, record) for frame in sorted(by_frame) for record in by_frame[frame]]
    boxes = np.array([record["bbox"] for _, record in rows], dtype=np.float64).reshape(-1, 4)
    return TruthTable(
        frames=np.array([frame for frame, _ in rows], dtype=np.int64),
        boxes=xywh_to_xyxy(boxes),
        ids=np.array([record["track_id"] for _, record in rows], dtype=np.int64),
        considered=np.ones(len(rows), dtype=np.bool_),
        class_ids=np.ones(len(rows), dtype=np.int64),
        visibility=np.ones(len(rows)),
    )
