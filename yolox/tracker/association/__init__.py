"""Pure functions from which every tracker's matching is put together."""

from yolox.tracker.association.assignment import (
    Assignment,
    assign,
    assign_each_class,
    assign_in_turn,
    assign_then_keep,
)
from yolox.tracker.association.cost import (
    buffered_iou_cost,
    height_iou,
    height_modulated_iou,
    iou_cost,
)
from yolox.tracker.association.cover import cover
from yolox.tracker.association.fusion import (
    fuse_appearance,
    fuse_motion,
    fuse_score,
    standing_out,
)
from yolox.tracker.association.gating import gate_by_class, gate_by_motion

__all__ = [
    "Assignment",
    "assign",
    "assign_each_class",
    "assign_in_turn",
    "assign_then_keep",
    "buffered_iou_cost",
    "cover",
    "fuse_appearance",
    "fuse_motion",
    "fuse_score",
    "gate_by_class",
    "gate_by_motion",
    "height_iou",
    "height_modulated_iou",
    "iou_cost",
    "standing_out",
]
