"""MOTChallenge's official scores, computed by TrackEval on arrays.

Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking" (2021), and the
CLEAR and Identity metrics. Preprocessing and metrics are TrackEval's own code; only the reading of
files is left out, since `yolox.formats` has done that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from trackeval.datasets import MotChallenge2DBox
from trackeval.metrics import CLEAR, HOTA, Identity

from yolox.metrics.mot_rules import check_rules
from yolox.metrics.scores import Curves, Scores
from yolox.structures import TrackTable, TruthTable
from yolox.structures.boxes import Array
from yolox.structures.tables import FrameTable

# How our benchmarks are called in TrackEval. DanceTrack is scored by MOT17's rules.
_TRACKEVAL_RULES = {
    "MOT15": "MOT15",
    "MOT16": "MOT16",
    "MOT17": "MOT17",
    "MOT20": "MOT20",
    "DanceTrack": "MOT17",
}

# Our name, TrackEval's metric and field, and whether it is a share given in percent.
_FIELDS = [
    ("HOTA", "HOTA", "HOTA", True),
    ("DetA", "HOTA", "DetA", True),
    ("AssA", "HOTA", "AssA", True),
    ("LocA", "HOTA", "LocA", True),
    ("MOTA", "CLEAR", "MOTA", True),
    ("MOTP", "CLEAR", "MOTP", True),
    ("IDF1", "Identity", "IDF1", True),
    ("IDP", "Identity", "IDP", True),
    ("IDR", "Identity", "IDR", True),
    ("IDSW", "CLEAR", "IDSW", False),
    ("FP", "CLEAR", "CLR_FP", False),
    ("FN", "CLEAR", "CLR_FN", False),
    ("Frag", "CLEAR", "Frag", False),
    ("MT", "CLEAR", "MT", False),
    ("PT", "CLEAR", "PT", False),
    ("ML", "CLEAR", "ML", False),
]

Partial = dict[str, Any]


class _InMemory(MotChallenge2DBox):  # type: ignore[misc]
    """TrackEval's MOTChallenge dataset for one sequence that is already in memory."""

    def __init__(self, benchmark: str, raw: dict[str, Any]) -> None:
        # The parent's constructor looks for folders of files, so it is not called; these are the
        # attributes that its preprocessing reads.
        self.benchmark = _TRACKEVAL_RULES[benchmark]
        self.do_preproc = True
        self.class_name_to_class_id = {
            "pedestrian": 1, "person_on_vehicle": 2, "car": 3, "bicycle": 4, "motorbike": 5,
            "non_mot_vehicle": 6, "static_person": 7, "distractor": 8, "occluder": 9,
            "occluder_on_ground": 10, "occluder_full": 11, "reflection": 12, "crowd": 13,
        }  # fmt: skip
        self.valid_class_numbers = list(self.class_name_to_class_id.values())
        self._raw = raw

    def _load_raw_file(self, tracker: str, seq: str, is_gt: bool) -> dict[str, Any]:
        return self._raw

    def _calculate_similarities(self, gt_dets_t: Array, tracker_dets_t: Array) -> Array:
        # From corners, as they stand in our tables: to widths and back would round.
        overlaps: Array = self._calculate_box_ious(gt_dets_t, tracker_dets_t, "x0y0x1y1")
        return overlaps


def score_sequence(
    name: str, truth: TruthTable, tracks: TrackTable, length: int, benchmark: str
) -> Partial:
    """Score one sequence; `summarise` makes numbers of the outcome.

    Raises:
        InputError: The tables break MOTChallenge's rules, for example by an unknown class.
    """
    data = _preprocess(name, truth, tracks, length, benchmark)
    return {type(metric).__name__: metric.eval_sequence(data) for metric in _metrics()}


def _preprocess(
    name: str, truth: TruthTable, tracks: TrackTable, length: int, benchmark: str
) -> dict[str, Any]:
    check_rules(name, truth, tracks, benchmark)
    dataset = _InMemory(benchmark, _raw_data(name, truth, tracks, length))
    data: dict[str, Any] = dataset.get_preprocessed_seq_data(
        dataset.get_raw_seq_data("", name), "pedestrian"
    )
    return data


def summarise(partials: Mapping[str, Partial], combined: str) -> Scores:
    """Give the numbers of the table: shares in percent, HOTA as the mean over its thresholds."""
    both = _with_total(partials, combined)
    return {name: _summary(partial) for name, partial in both.items()}


def curves(partials: Mapping[str, Partial], combined: str) -> Curves:
    """Give HOTA, DetA and AssA at each of `hota.THRESHOLDS`, in percent."""
    return {
        name: {curve: (100 * partial["HOTA"][curve]).tolist() for curve in ("HOTA", "DetA", "AssA")}
        for name, partial in _with_total(partials, combined).items()
    }


def _with_total(partials: Mapping[str, Partial], combined: str) -> dict[str, Partial]:
    total = {
        type(metric).__name__: metric.combine_sequences(
            {name: partial[type(metric).__name__] for name, partial in partials.items()}
        )
        for metric in _metrics()
    }
    return {**partials, combined: total}


def _summary(partial: Partial) -> dict[str, float]:
    summary: dict[str, float] = {}
    for name, metric, field, is_share in _FIELDS:
        value = float(np.mean(partial[metric][field]))
        summary[name] = 100 * value if is_share else int(value)
    return summary


def _metrics() -> list[Any]:
    quiet = {"PRINT_CONFIG": False}
    return [HOTA(), CLEAR(quiet), Identity(quiet)]


def _raw_data(name: str, truth: TruthTable, tracks: TrackTable, length: int) -> dict[str, Any]:
    """Lay both tables out as TrackEval does after reading its files: a list over the frames."""
    return {
        "seq": name,
        "num_timesteps": length,
        "gt_ids": _per_frame(truth, truth.ids, length),
        "gt_classes": _per_frame(truth, truth.class_ids, length),
        "gt_dets": _per_frame(truth, truth.boxes, length),
        "gt_extras": [
            {"zero_marked": considered}
            for considered in _per_frame(truth, truth.considered.astype(np.int64), length)
        ],
        "tracker_ids": _per_frame(tracks, tracks.ids, length),
        # MOTChallenge knows pedestrians only and ignores the class that a tracker gives.
        "tracker_classes": _per_frame(tracks, np.ones(len(tracks), dtype=np.int64), length),
        "tracker_confidences": _per_frame(tracks, tracks.scores, length),
        "tracker_dets": _per_frame(tracks, tracks.boxes, length),
    }


def _per_frame(table: FrameTable, column: Any, length: int) -> list[Any]:
    return np.split(column, np.searchsorted(table.frames, np.arange(2, length + 1)))
