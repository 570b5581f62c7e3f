"""BYTE: associate every detection box, the high scores first and then the low ones.

Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box" (2022).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Protocol

import numpy as np

from yolox.structures import Detections, InputError, Track, Tracks, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import (
    Assignment,
    assign,
    fuse_score,
    gate_by_class,
    gate_by_motion,
    iou_cost,
)
from yolox.tracker.base import TRACK_FIELDS, MotionModel, Range, Tracker, report
from yolox.tracker.motion import xyah
from yolox.tracker.parameters import (
    ClassAware,
    FrameRate,
    FuseScore,
    HighThresh,
    LowThresh,
    MatchThresh,
    NewThresh,
    TrackBuffer,
)

# A track is new until its second detection, then tracked or lost.
NEW, TRACKED, LOST = range(3)

# Largest costs of the second and third association, and of two tracks that are one (the original).
LOW_SCORE_LIMIT = 0.5
NEW_TRACK_LIMIT = 0.7
DUPLICATE_LIMIT = 0.15


class BoxFilter(MotionModel, Protocol):
    """What BYTE asks of a motion model; `xyah` tells each in full."""

    def initiate(self, boxes: Array) -> Array:
        """Start tracks from boxes."""

    def predict(self, state: Array, held: Array, /, *, dt: float = 1.0) -> Array:
        """Move tracks ahead in time; those `held` do not change in size."""

    def update(self, state: Array, boxes: Array) -> Array:
        """Correct tracks by one box each."""

    def squared_mahalanobis(self, state: Array, boxes: Array) -> Array:
        """Compute how unlikely each box is for each track."""


class ByteTrack(Tracker):
    """BYTE with the behaviour of the published code; `docs/trackers/byte.md` tells it in full."""

    name = "byte"
    motion_model: ClassVar[BoxFilter] = xyah
    # In the first frame there is nothing to confirm a track against.
    trusts_first_frame: ClassVar[bool] = True
    track_dtype = np.dtype(
        [*TRACK_FIELDS, ("state", np.int8), ("start_time", np.float64), ("expired", np.bool_)]
    )

    def __init__(
        self,
        *,
        track_thresh: HighThresh = 0.6,
        low_thresh: LowThresh = 0.1,
        new_thresh: NewThresh = None,
        match_thresh: MatchThresh = 0.9,
        track_buffer: TrackBuffer = 30,
        frame_rate: FrameRate = 30.0,
        fuse_score: FuseScore = True,
        class_aware: ClassAware = False,
        motion_gate: Annotated[
            bool, "forbid matches that the motion model finds unlikely", Range(0, 1)
        ] = False,
        legacy: Annotated[
            bool, "keep the original's quirks, on which its published numbers rest"
        ] = True,
    ) -> None:
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, track_thresh=track_thresh, low_thresh=low_thresh)
        check_range(0, 1, match_thresh=match_thresh)
        check_range(0, 1e6, track_buffer=track_buffer)
        check_range(1e-3, 1e6, frame_rate=frame_rate)
        if new_thresh is None:
            new_thresh = track_thresh + 0.1
        else:
            check_range(0, 1, new_thresh=new_thresh)
        self.track_thresh = track_thresh
        self.low_thresh = low_thresh
        self.new_thresh = new_thresh
        self.match_thresh = match_thresh
        self.longest_loss = int(frame_rate / 30 * track_buffer)
        self.fuse_score = fuse_score
        self.class_aware = class_aware
        self.motion_gate = motion_gate
        self.legacy = legacy
        # The original counts pixels with both borders inclusive.
        self._pixel = 1.0 if legacy else 0.0
        super().__init__()

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, low = self._split_by_score(detections.scores)
        self._predict(dt)

        state = self._tracks["state"]
        confirmed, new = np.flatnonzero(state != NEW), np.flatnonzero(state == NEW)
        first = self._associate(confirmed, detections, high, self.match_thresh, strong=True)
        just_seen = state[first.free_tracks] == TRACKED
        second = self._associate(
            first.free_tracks[just_seen], detections, low, LOW_SCORE_LIMIT, strong=False
        )
        third = self._associate(
            new, detections, first.free_detections, NEW_TRACK_LIMIT, strong=True
        )
        unseen = np.sort(np.concatenate([first.free_tracks[~just_seen], second.free_tracks]))
        fourth = self._recover(unseen, detections, third.free_detections)

        self._correct((first, second, third, fourth), detections)
        state[fourth.free_tracks] = LOST
        self._drop(third.free_tracks)
        self._start_tracks(detections, fourth.free_detections)
        self._drop_expired()
        self._drop_duplicates()
        return self._report()

    def _split_by_score(self, scores: Array) -> tuple[Array, Array]:
        if self.legacy:  # a score equal to either threshold is in neither set
            high, low = scores > self.track_thresh, scores < self.track_thresh
            return np.flatnonzero(high), np.flatnonzero(low & (scores > self.low_thresh))
        high = scores >= self.track_thresh
        return np.flatnonzero(high), np.flatnonzero(~high & (scores >= self.low_thresh))

    def _predict(self, dt: float) -> None:
        tracks = self._tracks
        # The original leaves new tracks where they were first seen.
        moved = tracks["state"] != NEW if self.legacy else slice(None)
        lost = tracks["state"][moved] == LOST
        tracks["motion"][moved] = self.motion_model.predict(tracks["motion"][moved], lost, dt=dt)

    def _associate(
        self,
        rows: Array,
        detections: Detections,
        candidates: Array,
        limit: float,
        *,
        strong: bool,
    ) -> Assignment:
        """Assign candidate detections, of high scores if `strong`, to the tracks in `rows`."""
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        cost = self._cost(rows, detections, candidates, strong=strong)
        if self.motion_gate:
            motion, boxes = self._tracks["motion"][rows], detections.boxes[candidates]
            cost = gate_by_motion(cost, self.motion_model.squared_mahalanobis(motion, boxes))
        if self.class_aware:
            classes = self._tracks["class_id"][rows]
            cost = gate_by_class(cost, classes, detections.class_ids[candidates])
        return assign(cost, limit).of(rows, candidates)

    def _cost(
        self, rows: Array, detections: Detections, candidates: Array, *, strong: bool
    ) -> Array:
        boxes = self.motion_model.to_boxes(self._tracks["motion"][rows])
        cost = iou_cost(boxes, detections.boxes[candidates], offset=self._pixel)
        if strong and self.fuse_score:
            cost = fuse_score(cost, detections.scores[candidates])
        return cost

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Give unseen tracks what nobody wanted; BYTE knows no other way, and finds nobody."""
        return Assignment.none(unseen, free)

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        """Update matched tracks by their detections; a lost or new track is tracked from here."""
        tracks = self._tracks
        rows = np.concatenate([matches.tracks for matches in stages])
        matched = np.concatenate([matches.detections for matches in stages])
        tracks["motion"][rows] = self.motion_model.update(
            tracks["motion"][rows], detections.boxes[matched]
        )
        tracks["state"][rows] = TRACKED
        self._record(tracks, rows, detections, matched)
        if not self.legacy:  # the original numbers a track at birth, so its ids have gaps
            unnamed = np.sort(rows[tracks["id"][rows] == 0])
            tracks["id"][unnamed] = self._take_ids(len(unnamed))

    def _start_tracks(self, detections: Detections, free: Array) -> None:
        strong = free[detections.scores[free] >= self.new_thresh]
        if not len(strong):
            return
        tracks = self._new_tracks(detections, strong)
        tracks["motion"] = self.motion_model.initiate(detections.boxes[strong])
        tracks["start_time"] = self.time
        at_once = self.frame == 1 and self.trusts_first_frame
        tracks["state"] = TRACKED if at_once else NEW
        if self.legacy or at_once:
            tracks["id"] = self._take_ids(len(tracks))
        self._tracks = np.concatenate([self._tracks, tracks])

    def _drop_expired(self) -> None:
        tracks = self._tracks
        lost = tracks["state"] == LOST
        unseen = self.time - tracks["last_time"]
        if not self.legacy:
            self._drop(lost & (unseen > self.longest_loss))
            return
        # The original can still find a track in the frame after it expired, but drops it as soon as
        # it is lost again; and a track does not expire in the very frame in which it is lost.
        gone = lost & tracks["expired"]
        tracks["expired"] |= lost & (unseen > max(self.longest_loss, 1))
        self._drop(gone)

    def _drop_duplicates(self) -> None:
        boxes = self.motion_model.to_boxes(self._tracks["motion"])
        doubled = duplicates(
            self._tracks, boxes, DUPLICATE_LIMIT, offset=self._pixel, class_aware=self.class_aware
        )
        self._drop(doubled)

    def _report(self) -> Tracks:
        seen = self._tracks[self._tracks["state"] == TRACKED]
        return report(seen, self.motion_model.to_boxes(seen["motion"]))


def duplicates(
    tracks: Array, boxes: Array, limit: float, *, offset: float = 0.0, class_aware: bool
) -> Array:
    """Find the tracks to drop where a seen and a lost one are in one place.

    The longer lived stays, at a tie the lost one.

    Args:
        tracks: `(T,)` rows of a track table.
        boxes: Their `(T, 4)` xyxy.
        limit: Largest `1 - IoU` of two that are one.
        offset: As in `box_iou`.
        class_aware: Tracks of different classes are not one.

    Returns:
        Rows, in any order, some perhaps more than once.
    """
    unseen = tracks["state"] == LOST
    seen, lost = np.flatnonzero(~unseen), np.flatnonzero(unseen)
    if not len(seen) or not len(lost):
        return np.empty(0, dtype=np.int64)
    same = iou_cost(boxes[seen], boxes[lost], offset=offset) < limit
    if class_aware:
        same &= tracks["class_id"][seen][:, None] == tracks["class_id"][lost]
    pair_seen, pair_lost = np.nonzero(same)
    age = tracks["last_time"] - tracks["start_time"]
    seen_older = age[seen[pair_seen]] > age[lost[pair_lost]]
    return np.where(seen_older, lost[pair_lost], seen[pair_seen])


class BYTETracker:
    """ByteTrack's documented calls, so that code written against them keeps working.

    ```python
    tracker = BYTETracker(args)
    for image in images:
        dets, info_imgs = detector(image)
        online_targets = tracker.update(dets, info_imgs, img_size)
    ```
    """

    def __init__(self, args: Any, frame_rate: float = 30) -> None:
        """Take the options from an object such as an `argparse.Namespace`.

        Args:
            args: Has `track_thresh`, `track_buffer`, `match_thresh` and, if wanted, `mot20`, which
                turns score fusion off.
            frame_rate: Frames a second; scales `track_buffer`.

        Raises:
            InputError: An option is missing or out of range.
        """
        wanted = ("track_thresh", "track_buffer", "match_thresh")
        missing = [name for name in wanted if not hasattr(args, name)]
        if missing:
            raise InputError(f"args has no {', '.join(missing)}; it needs {', '.join(wanted)}")
        self._tracker = ByteTrack(
            track_thresh=args.track_thresh,
            match_thresh=args.match_thresh,
            track_buffer=args.track_buffer,
            frame_rate=frame_rate,
            fuse_score=not getattr(args, "mot20", False),
        )

    def update(
        self, output_results: Any, img_info: tuple[float, ...], img_size: tuple[int, ...]
    ) -> list[Track]:
        """Track one frame.

        Args:
            output_results: Array or tensor in network pixels, or None for a frame without any
                detection: `(N, 5)` x1 y1 x2 y2 score, or YOLOX's `(N, 7 + D)` x1 y1 x2 y2
                objectness class-score class-id and an embedding of D numbers. Not changed.
            img_info: Height and width of the image, first.
            img_size: Height and width of the network input.

        Returns:
            Tracks with `.tlwh`, `.tlbr` (image pixels), `.track_id` and `.score`.

        Raises:
            InputError: A detection is malformed; the tracker's state is unchanged.
        """
        scale = min(img_size[0] / float(img_info[0]), img_size[1] / float(img_info[1]))
        return list(self._tracker.update(_read_yolox_output(output_results, scale)))


def _read_yolox_output(output: Any, scale: float) -> Detections:
    if output is None:
        return Detections.empty()
    if hasattr(output, "detach"):  # a torch tensor, wherever it lives
        output = output.detach().cpu().numpy()
    rows = np.asarray(output, dtype=np.float64)
    if not rows.size:
        return Detections.empty()
    if rows.ndim != 2 or (rows.shape[1] != 5 and rows.shape[1] < 7):
        raise InputError(
            f"detections have shape {rows.shape}; give (N, 5): x1, y1, x2, y2, score, "
            "or YOLOX's (N, 7): x1, y1, x2, y2, objectness, class score, class id"
        )
    boxes = rows[:, :4] / scale
    if rows.shape[1] == 5:
        return Detections(boxes, rows[:, 4])
    return Detections(boxes, rows[:, 4] * rows[:, 5], rows[:, 6])
