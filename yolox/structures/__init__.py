"""The nouns that travel: plain arrays with names, checked at the door."""

from yolox.structures.boxes import box_area, box_iou, xywh_to_xyxy, xyxy_to_xywh
from yolox.structures.correspondence import Correspondence
from yolox.structures.detections import Detections
from yolox.structures.errors import InputError, check_range
from yolox.structures.moments import Moment
from yolox.structures.tables import DetectionTable, TrackTable, TruthTable
from yolox.structures.tracks import Track, Tracks

__all__ = [
    "Correspondence",
    "DetectionTable",
    "Detections",
    "InputError",
    "Moment",
    "Track",
    "TrackTable",
    "Tracks",
    "TruthTable",
    "box_area",
    "box_iou",
    "check_range",
    "xywh_to_xyxy",
    "xyxy_to_xywh",
]
