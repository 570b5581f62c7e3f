"""Other people's trackers behind one interface; each is optional and imported when it is started.

Only public interfaces are called. All get ByteTrack's settings for MOT17 as far as they have them;
`settings` says what these became, because a threshold of the same name can mean different things:
the largest cost here, the least overlap there.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from yolox.structures.boxes import Array

# What ByteTrack's paper sets for MOT17.
HIGH, NEW, LOW = 0.6, 0.7, 0.1
LARGEST_COST = 0.9
BUFFER = 30

# What it compares SORT with: least overlap of a match, and matches before a track is put out.
LEAST_IOU = 0.3
MIN_HITS = 3

FRAME_NS = 33_333_333

# Some containers ask for it; no result depends on it.
IMAGE_SIZE = (1080, 1920)


class Session(NamedTuple):
    """A tracker that has just been started.

    Attributes:
        update: Tracks one frame, and is what is timed: from `(N, 5)` float64 x1 y1 x2 y2 score in
            image pixels to whatever the library gives. Where embeddings are needed it is
            `(N, 5 + D)`, with one of D numbers and unit length behind each score.
        read: Turns that into `(K,)` ids of any type and `(K, 4)` xyxy boxes; not timed.
    """

    update: Callable[[Array], Any]
    read: Callable[[Any], tuple[Array, Array]]


class Contender(NamedTuple):
    """A tracker that can be started any number of times.

    Attributes:
        package: Name of the distribution that has it.
        start: Imports the library and starts the tracker.
        settings: What ByteTrack's settings became.
        needs_looks: Whether it needs embeddings.
    """

    package: str
    start: Callable[[], Session]
    settings: str
    needs_looks: bool = False


def _supervision_byte() -> Session:
    import supervision

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # deprecated, and gone in 0.31
        tracker = supervision.ByteTrack(
            track_activation_threshold=HIGH,
            minimum_matching_threshold=LARGEST_COST,
            lost_track_buffer=BUFFER,
        )

    def update(rows: Array) -> Any:
        detections = supervision.Detections(xyxy=rows[:, :4], confidence=rows[:, 4])
        return tracker.update_with_detections(detections)

    return Session(update, _read_supervision)


def _read_supervision(detections: Any) -> tuple[Array, Array]:
    named = detections.tracker_id >= 0  # −1 is a detection without a confirmed track
    return detections.tracker_id[named], detections.xyxy[named]


def _ultralytics_byte() -> Session:
    _keep_ultralytics_offline()
    from ultralytics.trackers.byte_tracker import BYTETracker

    return _ultralytics(BYTETracker(_ultralytics_options()))


def _ultralytics_botsort() -> Session:
    _keep_ultralytics_offline()
    from ultralytics.trackers.bot_sort import BOTSORT

    # The thresholds of appearance must be there, though nothing uses them without ReID.
    options = _ultralytics_options(
        gmc_method="none", with_reid=False, proximity_thresh=0.5, appearance_thresh=0.8
    )
    return _ultralytics(BOTSORT(options))


def _ultralytics_botsort_reid() -> Session:
    _keep_ultralytics_offline()
    from ultralytics.trackers.bot_sort import BOTSORT

    return _ultralytics(BOTSORT(_ultralytics_options(**_ULTRALYTICS_LOOKS)))


def _ultralytics_ocsort() -> Session:
    _keep_ultralytics_offline()
    from ultralytics.trackers.oc_sort import OCSORT

    return _ultralytics(OCSORT(_ultralytics_ocsort_options()))


def _ultralytics_deepocsort() -> Session:
    _keep_ultralytics_offline()
    from ultralytics.trackers.deep_oc_sort import DeepOCSORT

    options = _ultralytics_ocsort_options(alpha_fixed_emb=0.95, **_ULTRALYTICS_LOOKS)
    return _ultralytics(DeepOCSORT(options))


# Embeddings are given ("auto"), and count where they are as alike as ours have to be.
_ULTRALYTICS_LOOKS = {
    "gmc_method": "none",
    "with_reid": True,
    "model": "auto",
    "proximity_thresh": 0.5,
    "appearance_thresh": 0.5,
}


def _ultralytics_ocsort_options(**more: Any) -> SimpleNamespace:
    options = _ultralytics_options(delta_t=3, inertia=0.2, use_byte=False, **more)
    options.new_track_thresh, options.match_thresh, options.fuse_score = HIGH, 1 - LEAST_IOU, False
    return options


def _keep_ultralytics_offline() -> None:
    # Importing it would otherwise ask the network and install what it misses.
    os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="False")


def _ultralytics_options(**more: Any) -> SimpleNamespace:
    return SimpleNamespace(
        track_high_thresh=HIGH,
        track_low_thresh=LOW,
        new_track_thresh=NEW,
        match_thresh=LARGEST_COST,
        track_buffer=BUFFER,
        fuse_score=True,
        **more,
    )


def _ultralytics(tracker: Any) -> Session:
    from ultralytics.engine.results import Boxes

    def update(rows: Array) -> Any:
        looks = rows[:, 5:] if rows.shape[1] > 5 else None
        return tracker.update(Boxes(_with_class(rows[:, :5]), IMAGE_SIZE), None, looks)

    def read(result: Array) -> tuple[Array, Array]:
        rows = result.reshape(-1, 8)  # a frame without tracks comes with one dimension
        return rows[:, 4], rows[:, :4]

    return Session(update, read)


def _roboflow_byte() -> Session:
    import trackers

    tracker = trackers.ByteTrackTracker(
        high_conf_det_threshold=HIGH,
        track_activation_threshold=NEW,
        minimum_iou_threshold=1 - LARGEST_COST,
        lost_track_buffer=BUFFER,
    )
    return _roboflow(tracker, LOW)


def _roboflow_sort() -> Session:
    import trackers

    tracker = trackers.SORTTracker(
        track_activation_threshold=HIGH,
        minimum_iou_threshold=LEAST_IOU,
        minimum_consecutive_frames=MIN_HITS,
        lost_track_buffer=BUFFER,
    )
    return _roboflow(tracker, HIGH)


def _roboflow_ocsort() -> Session:
    import trackers

    tracker = trackers.OCSORTTracker(
        high_conf_det_threshold=HIGH,
        minimum_iou_threshold=LEAST_IOU,
        minimum_consecutive_frames=MIN_HITS,
        lost_track_buffer=BUFFER,
    )
    return _roboflow(tracker, HIGH)


def _roboflow_cbiou() -> Session:
    import trackers

    tracker = trackers.CBIoUTracker(
        high_conf_det_threshold=HIGH, track_activation_threshold=NEW, lost_track_buffer=BUFFER
    )
    return _roboflow(tracker, LOW)


def _roboflow_botsort() -> Session:
    import trackers

    tracker = trackers.BoTSORTTracker(
        high_conf_det_threshold=HIGH,
        track_activation_threshold=NEW,
        lost_track_buffer=BUFFER,
        enable_cmc=False,
    )
    return _roboflow(tracker, LOW)


def _roboflow(tracker: Any, least_score: float) -> Session:
    import supervision

    def update(rows: Array) -> Any:
        used = rows[rows[:, 4] > least_score]
        return tracker.update(supervision.Detections(xyxy=used[:, :4], confidence=used[:, 4]))

    return Session(update, _read_supervision)


def _pyxtrackers_byte() -> Session:
    import pyxtrackers

    tracker = pyxtrackers.BYTETracker(
        track_thresh=HIGH, match_thresh=LARGEST_COST, track_buffer=BUFFER
    )
    return Session(tracker.update, _read_fifth_column)


def _pyxtrackers_sort() -> Session:
    import pyxtrackers

    tracker = pyxtrackers.Sort(max_age=BUFFER, min_hits=MIN_HITS, iou_threshold=LEAST_IOU)

    def update(rows: Array) -> Any:
        return tracker.update(rows[rows[:, 4] > HIGH])

    return Session(update, _read_fifth_column)


def _pyxtrackers_ocsort() -> Session:
    import pyxtrackers

    tracker = pyxtrackers.OCSort(
        det_thresh=HIGH, iou_threshold=LEAST_IOU, min_hits=MIN_HITS, max_age=BUFFER
    )
    return Session(tracker.update, _read_fifth_column)


def _visiontrack_byte() -> Session:
    import visiontrack_cpp

    # A class costs it nothing here, as all are one; the gate is its own addition to BYTE.
    config = visiontrack_cpp.TrackerConfig(
        high_score_thresh=HIGH,
        low_score_thresh=LOW,
        new_track_thresh=NEW,
        match_iou_thresh=1 - LARGEST_COST,
        n_init=2,
        max_age=BUFFER,
        use_mahalanobis_gating=False,
        use_lapjv=True,
    )
    tracker = visiontrack_cpp.ByteTracker(config)

    def update(rows: Array) -> Any:
        return tracker.update(rows[:, :4], rows[:, 4])

    return Session(update, lambda result: result[:2])


def _ioutrack_byte() -> Session:
    import ioutrack

    tracker = ioutrack.ByteTrack(
        max_age=BUFFER,
        min_hits=2,
        iou_threshold=1 - LARGEST_COST,
        init_tracker_min_score=NEW,
        high_score_threshold=HIGH,
        low_score_threshold=LOW,
    )
    return Session(tracker.update, _read_fifth_column)


def _edgefirst_byte() -> Session:
    from edgefirst.tracker import ByteTrack

    tracker = ByteTrack(
        high_conf=NEW, iou=1 - LARGEST_COST, update=0.25, lifespan_ns=BUFFER * FRAME_NS
    )
    time = 0

    def update(rows: Array) -> Any:
        nonlocal time
        time += FRAME_NS
        floats = rows.astype(np.float32)
        labels = np.zeros(len(rows), dtype=np.uintp)
        return tracker.update(floats[:, :4], floats[:, 4], labels, time)

    def read(tracks: Any) -> tuple[Array, Array]:
        found = [track for track in tracks if track is not None]
        boxes = np.array([track.tracked_location for track in found]).reshape(-1, 4)
        return np.array([track.uuid for track in found]), boxes

    return Session(update, read)


def _boxmot_byte() -> Session:
    from boxmot import ByteTrack

    _hush_boxmot()
    tracker = ByteTrack(
        track_thresh=HIGH, min_conf=LOW, match_thresh=LARGEST_COST, track_buffer=BUFFER
    )
    return _boxmot(tracker)


def _boxmot_ocsort() -> Session:
    from boxmot import OcSort

    _hush_boxmot()
    tracker = OcSort(det_thresh=HIGH, iou_threshold=LEAST_IOU, min_hits=MIN_HITS, max_age=BUFFER)
    return _boxmot(tracker)


def _boxmot_botsort() -> Session:
    from boxmot import BotSort

    _hush_boxmot()
    return _boxmot(BotSort(use_embeddings=False, **_BOXMOT_BOTSORT))


def _boxmot_hybridsort() -> Session:
    from boxmot import HybridSort

    _hush_boxmot()
    tracker = HybridSort(
        track_thresh=HIGH,
        det_thresh=HIGH,
        iou_threshold=0.25,
        min_hits=MIN_HITS,
        max_age=BUFFER,
        cmc_method=None,
        use_embeddings=False,
        with_longterm_reid=False,
    )
    return _boxmot(tracker)


def _boxmot_botsort_reid() -> Session:
    from boxmot import BotSort

    _hush_boxmot()
    return _boxmot_with_looks(BotSort(**_BOXMOT_BOTSORT))


def _boxmot_deepocsort() -> Session:
    from boxmot import DeepOcSort

    _hush_boxmot()
    tracker = DeepOcSort(
        det_thresh=HIGH,
        iou_threshold=LEAST_IOU,
        min_hits=MIN_HITS,
        max_age=BUFFER,
        w_association_emb=0.75,
        cmc_off=True,
    )
    return _boxmot_with_looks(tracker)


_BOXMOT_BOTSORT = {
    "track_high_thresh": HIGH,
    "track_low_thresh": LOW,
    "new_track_thresh": NEW,
    "track_buffer": BUFFER,
    "fuse_first_associate": True,
    "use_cmc": False,
}


def _hush_boxmot() -> None:
    # It logs its settings whenever a tracker is started.
    logging.getLogger("boxmot").setLevel(logging.WARNING)


def _boxmot(tracker: Any) -> Session:
    def update(rows: Array) -> Any:
        return tracker.update(_with_class(rows))

    return Session(update, _read_fifth_column)


def _boxmot_with_looks(tracker: Any) -> Session:
    import torch
    from boxmot.structures import Boxes, Detections

    def update(rows: Array) -> Any:
        values = torch.from_numpy(rows).float()
        classes = torch.zeros(len(rows), dtype=torch.int64)
        boxes, scores, looks = (part.contiguous() for part in values.tensor_split([4, 5], dim=1))
        found = Detections(Boxes(boxes), scores[:, 0], classes, "frame", embeddings=looks)
        return tracker.update(found)

    def read(tracks: Any) -> tuple[Array, Array]:
        return tracks.track_ids.numpy(), tracks.geometry.values.numpy().astype(np.float64)

    return Session(update, read)


def _motpy() -> Session:
    import motpy

    tracker = motpy.MultiObjectTracker(
        dt=1 / 30,
        tracker_kwargs={"max_staleness": BUFFER},
        matching_fn_kwargs={"min_iou": LEAST_IOU},
        active_tracks_kwargs={"min_steps_alive": MIN_HITS, "max_staleness": 1},
    )

    def update(rows: Array) -> Any:
        used = rows[rows[:, 4] > HIGH]
        return tracker.step([motpy.Detection(row[:4], row[4]) for row in used])

    def read(tracks: Any) -> tuple[Array, Array]:
        boxes = np.array([track.box for track in tracks]).reshape(-1, 4)
        return np.array([track.id for track in tracks]), boxes

    return Session(update, read)


def _norfair() -> Session:
    import norfair

    tracker = norfair.Tracker(
        distance_function="iou",
        distance_threshold=1 - LEAST_IOU,
        hit_counter_max=BUFFER,
        initialization_delay=MIN_HITS - 1,
    )

    def update(rows: Array) -> Any:
        used = rows[rows[:, 4] > HIGH]
        detections = [norfair.Detection(row[:4].reshape(2, 2)) for row in used]
        return detections, tracker.update(detections)

    def read(result: Any) -> tuple[Array, Array]:
        given = {id(detection) for detection in result[0]}
        seen = [track for track in result[1] if id(track.last_detection) in given]
        boxes = np.array([track.estimate for track in seen]).reshape(-1, 4)
        return np.array([track.id for track in seen]), boxes

    return Session(update, read)


def _with_class(rows: Array) -> Array:
    return np.column_stack([rows, np.zeros(len(rows))])


def _read_fifth_column(result: Array) -> tuple[Array, Array]:
    return result[:, 4], result[:, :4]


PEERS = {
    "supervision-byte": Contender(
        "supervision",
        _supervision_byte,
        "track_activation_threshold .6 (new tracks .1 above it, low .1: fixed), "
        "minimum_matching_threshold .9 (largest cost), lost_track_buffer 30",
    ),
    "ultralytics-byte": Contender(
        "ultralytics",
        _ultralytics_byte,
        "track_high_thresh .6, new .7, low .1, match_thresh .9 (largest cost), fuse_score, "
        "track_buffer 30",
    ),
    "ultralytics-botsort": Contender(
        "ultralytics",
        _ultralytics_botsort,
        "as ultralytics-byte; gmc_method none, with_reid off",
    ),
    "ultralytics-ocsort": Contender(
        "ultralytics",
        _ultralytics_ocsort,
        "track_high_thresh and new .6, match_thresh .7 = 1 − .3 (largest cost), no fuse_score, "
        "inertia .2, delta_t 3, no use_byte, track_buffer 30",
    ),
    "ultralytics-botsort-reid": Contender(
        "ultralytics",
        _ultralytics_botsort_reid,
        "as ultralytics-botsort; embeddings given, proximity_thresh and appearance_thresh .5",
        needs_looks=True,
    ),
    "ultralytics-deepocsort": Contender(
        "ultralytics",
        _ultralytics_deepocsort,
        "as ultralytics-ocsort; embeddings given, proximity_thresh and appearance_thresh .5, "
        "alpha_fixed_emb .95",
        needs_looks=True,
    ),
    "roboflow-byte": Contender(
        "trackers",
        _roboflow_byte,
        "high_conf_det_threshold .6, track_activation_threshold .7, boxes up to .1 left out, "
        "minimum_iou_threshold .1 = 1 − .9 (in both associations), lost_track_buffer 30",
    ),
    "roboflow-sort": Contender(
        "trackers",
        _roboflow_sort,
        "boxes up to .6 left out, track_activation_threshold .6, minimum_iou_threshold .3, "
        "minimum_consecutive_frames 3, lost_track_buffer 30",
    ),
    "roboflow-ocsort": Contender(
        "trackers",
        _roboflow_ocsort,
        "boxes up to .6 left out, high_conf_det_threshold .6, minimum_iou_threshold .3, "
        "minimum_consecutive_frames 3, lost_track_buffer 30",
    ),
    "roboflow-cbiou": Contender(
        "trackers",
        _roboflow_cbiou,
        "high_conf_det_threshold .6, track_activation_threshold .7, boxes up to .1 left out, "
        "lost_track_buffer 30, buffers and overlaps as they are by default",
    ),
    "roboflow-botsort": Contender(
        "trackers",
        _roboflow_botsort,
        "as roboflow-cbiou; enable_cmc off",
    ),
    "pyxtrackers-byte": Contender(
        "pyxtrackers",
        _pyxtrackers_byte,
        "track_thresh .6 (new tracks .1 above it, low .1: fixed), match_thresh .9 (largest cost), "
        "track_buffer 30",
    ),
    "pyxtrackers-sort": Contender(
        "pyxtrackers",
        _pyxtrackers_sort,
        "boxes up to .6 left out, iou_threshold .3, min_hits 3, max_age 30",
    ),
    "pyxtrackers-ocsort": Contender(
        "pyxtrackers",
        _pyxtrackers_ocsort,
        "det_thresh .6, iou_threshold .3, min_hits 3, max_age 30",
    ),
    "visiontrack-byte": Contender(
        "visiontrack-cpp",
        _visiontrack_byte,
        "high_score_thresh .6, new_track_thresh .7, low_score_thresh .1, match_iou_thresh "
        ".1 = 1 − .9, n_init 2, max_age 30, no Mahalanobis gating, use_lapjv",
    ),
    "ioutrack-byte": Contender(
        "ioutrack-rs",
        _ioutrack_byte,
        "high_score_threshold .6, init_tracker_min_score .7, low_score_threshold .1, "
        "iou_threshold .1 = 1 − .9, min_hits 2, max_age 30",
    ),
    "edgefirst-byte": Contender(
        "edgefirst-tracker",
        _edgefirst_byte,
        "high_conf .7 (new tracks), iou .1 = 1 − .9, update .25 (of its filter: its default), "
        "lifespan_ns 30 frames; there is no low threshold",
    ),
    "boxmot-byte": Contender(
        "boxmot",
        _boxmot_byte,
        "track_thresh .6 (new tracks at it: fixed), min_conf .1, match_thresh .9 (largest cost), "
        "track_buffer 30",
    ),
    "boxmot-ocsort": Contender(
        "boxmot",
        _boxmot_ocsort,
        "det_thresh .6, iou_threshold .3, min_hits 3, max_age 30",
    ),
    "boxmot-botsort": Contender(
        "boxmot",
        _boxmot_botsort,
        "track_high_thresh .6, low .1, new .7, match_thresh .8, track_buffer 30, "
        "fuse_first_associate, no camera motion, no embeddings",
    ),
    "boxmot-hybridsort": Contender(
        "boxmot",
        _boxmot_hybridsort,
        "track_thresh .6, iou_threshold .25, min_hits 3, max_age 30, no camera motion, "
        "no embeddings",
    ),
    "boxmot-botsort-reid": Contender(
        "boxmot",
        _boxmot_botsort_reid,
        "as boxmot-botsort; embeddings given",
        needs_looks=True,
    ),
    "boxmot-deepocsort": Contender(
        "boxmot",
        _boxmot_deepocsort,
        "det_thresh .6, iou_threshold .3, min_hits 3, max_age 30, w_association_emb .75, cmc_off, "
        "embeddings given",
        needs_looks=True,
    ),
    "motpy": Contender(
        "motpy",
        _motpy,
        "boxes up to .6 left out, min_iou .3, min_steps_alive 3, max_staleness 30 (of the output "
        "1: seen in this frame)",
    ),
    "norfair": Contender(
        "norfair",
        _norfair,
        "boxes up to .6 left out, distance iou with threshold .7 = 1 − .3, hit_counter_max 30, "
        "initialization_delay 2; of the output what was seen in this frame",
    ),
}
