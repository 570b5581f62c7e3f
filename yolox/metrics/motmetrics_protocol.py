"""The scores of ByteTrack's own scripts, computed by py-motmetrics.

Only ground truth that is flagged as considered counts, and nothing is done about tracks on people
who are not: a track on a sitting person is a false positive here and is forgiven by TrackEval.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import motmetrics
import numpy as np

from yolox.metrics.scores import Scores
from yolox.structures import TrackTable, TruthTable, box_iou

# Our name, motmetrics' name, and whether it is a share given in percent.
_FIELDS = [
    ("MOTA", "mota", True),
    ("MOTP", "motp", True),
    ("IDF1", "idf1", True),
    ("IDP", "idp", True),
    ("IDR", "idr", True),
    ("IDSW", "num_switches", False),
    ("FP", "num_false_positives", False),
    ("FN", "num_misses", False),
    ("Frag", "num_fragmentations", False),
    ("MT", "mostly_tracked", False),
    ("PT", "partially_tracked", False),
    ("ML", "mostly_lost", False),
]
_LEAST_IOU = 0.5

Partial = Any  # a motmetrics.MOTAccumulator


def score_sequence(
    name: str, truth: TruthTable, tracks: TrackTable, length: int, benchmark: str
) -> Partial:
    """Match one sequence frame by frame; `name` and `benchmark` make no difference here."""
    del name, benchmark
    truth = truth.take(truth.considered)
    accumulator = motmetrics.MOTAccumulator()
    with motmetrics.lap.set_default_solver("scipy"):
        for frame in range(1, length + 1):
            people, found = truth.rows_of(frame), tracks.rows_of(frame)
            # motmetrics' own IoU calls a function that NumPy 2 has dropped, so it gets distances.
            distance = 1 - box_iou(truth.boxes[people], tracks.boxes[found])
            distance[distance > 1 - _LEAST_IOU] = np.nan
            accumulator.update(truth.ids[people], tracks.ids[found], distance, frameid=frame)
    return accumulator


def summarise(partials: Mapping[str, Partial], combined: str) -> Scores:
    """Give the numbers of the table: shares in percent, MOTP as mean overlap of the matches."""
    host = motmetrics.metrics.create()
    with motmetrics.lap.set_default_solver("scipy"):
        table = host.compute_many(
            list(partials.values()),
            names=list(partials),
            metrics=[field for _, field, _ in _FIELDS],
            generate_overall=True,
        )
    table["motp"] = 1 - table["motp"]  # motmetrics gives the mean distance
    return {
        combined if name == "OVERALL" else name: {
            # Undefined without any match; 0 then, as TrackEval has it.
            ours: 100 * float(np.nan_to_num(row[field])) if is_share else int(row[field])
            for ours, field, is_share in _FIELDS
        }
        for name, row in table.iterrows()
    }
