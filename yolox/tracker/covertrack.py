"""CoverTrack: BYTE's association with a belief, for each track, that the person is still there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

import numpy as np

from yolox.structures import Detections, Tracks, box_iou, check_range
from yolox.structures.boxes import Array
from yolox.tracker.association import (
    Assignment,
    assign,
    buffered_iou_cost,
    cover,
    fuse_score,
    gate_by_class,
    height_iou,
    iou_cost,
)
from yolox.tracker.base import TRACK_FIELDS, MotionModel, Range, Tracker, report
from yolox.tracker.byte_tracker import LOST, NEW, TRACKED, duplicates
from yolox.tracker.motion import camera, track_camera, xtwh
from yolox.tracker.motion.kalman import POSITION, VELOCITY
from yolox.tracker.parameters import ClassAware

# Tens that a squared distance counts at most, so that a far pair can still be the best there is.
LARGEST_DISTANCE = 4.0

# How fast a track learns its own noise, from which detection on, and within which limits.
SURPRISE_RATE, SURPRISE_HITS, LEAST_SURPRISE, LARGEST_SURPRISE = 0.1, 3, 0.05, 20.0

# Share of the velocity common to all that goes from the tracks to the camera at a step.
COMMON_SHARE = 0.02

# Share of the width that must be inside the image, for somebody unseen to be put out.
LEAST_INSIDE = 0.5


class CoverTrack(Tracker):
    """BYTE with cover, belief and noise of each track's own; see `docs/trackers/covertrack.md`."""

    name = "covertrack"
    counts_in_seconds = True
    motion_model: ClassVar[MotionModel] = xtwh
    track_dtype = np.dtype(
        [
            *TRACK_FIELDS,
            ("state", np.int8),
            ("start_time", np.float64),
            ("hits", np.int64),
            ("last_box", np.float64, (4,)),
            ("cover", np.float64),
            ("surprise", np.float64),
            ("belief", np.float64),
        ]
    )

    def __init__(
        self,
        *,
        track_thresh: Annotated[
            float, "score from which a detection is a high-score one", Range(0.3, 0.8)
        ] = 0.5,
        low_thresh: Annotated[
            float, "score from which a detection is used at all", Range(0.05, 0.4)
        ] = 0.1,
        new_thresh: Annotated[float, "score that starts a track", Range(0.4, 0.9)] = 0.6,
        match_thresh: Annotated[
            float, "cost below which a high-score match is allowed", Range(0.5, 1.3)
        ] = 0.9,
        low_match_thresh: Annotated[
            float, "cost below which a low-score match is allowed", Range(0.2, 1)
        ] = 0.5,
        new_match_thresh: Annotated[
            float, "cost below which a new track's second detection is one", Range(0.3, 1)
        ] = 0.7,
        track_buffer: Annotated[
            int, "frames that a lost track is kept, at 30 frames a second", Range(10, 90)
        ] = 30,
        frame_rate: Annotated[float, "frames a second, to which times and speeds refer"] = 30.0,
        image_width: Annotated[
            float | None, "pixels; who is half out of the image is then not put out unseen"
        ] = None,
        class_aware: ClassAware = False,
        box_camera: Annotated[
            bool, "estimate the camera's motion from the boxes where it is not given"
        ] = True,
        position_noise: Annotated[
            float, "unforeseen motion in 1/30 s, as a share of the height", Range(0.01, 0.2)
        ] = 0.05,
        velocity_noise: Annotated[
            float, "unforeseen change of the speed a frame, likewise", Range(0.001, 0.03)
        ] = 0.006,
        size_noise: Annotated[
            float, "unforeseen change of width and height in 1/30 s, likewise", Range(0.005, 0.1)
        ] = 0.025,
        size_velocity_noise: Annotated[
            float, "unforeseen change of their speed a frame, likewise", Range(0.0003, 0.01)
        ] = 0.0015,
        position_error: Annotated[
            float, "error of a detection's place, as a share of the height", Range(0.02, 0.2)
        ] = 0.07,
        size_error: Annotated[
            float, "error of a detection's width and height, likewise", Range(0.02, 0.2)
        ] = 0.07,
        score_trust: Annotated[
            float, "by how much a score of 1 makes these errors smaller", Range(0, 0.9)
        ] = 0.3,
        cover_error: Annotated[
            float, "by how much being covered all over makes them larger", Range(0, 2)
        ] = 0.5,
        adaptation: Annotated[
            float, "how far the noise follows a track's own surprises; 0: not", Range(0, 1.5)
        ] = 1.0,
        height_power: Annotated[
            float, "power of the overlap in height that an overlap is multiplied by", Range(0, 1.5)
        ] = 0.3,
        lost_margin: Annotated[
            float, "share of its size that boxes grow by on every side for lost tracks",
            Range(0, 0.4),
        ] = 0.2,
        last_box: Annotated[
            float, "share that a lost track's overlap with its last detection counts", Range(0, 1)
        ] = 0.0,
        distance_cost: Annotated[
            float, "cost of a squared Mahalanobis distance of 10", Range(0, 0.4)
        ] = 0.05,
        lost_distance_cost: Annotated[float, "the same for lost tracks", Range(0, 0.8)] = 0.2,
        low_distance_cost: Annotated[float, "the same for low scores", Range(0, 0.8)] = 0.3,
        low_score_wait: Annotated[
            float, "thirtieths of a second that a track may be lost and still get a low score",
            Range(0, 10),
        ] = 2.0,
        new_overlap: Annotated[
            float, "IoU with a track above which a detection does not start one", Range(0.4, 1)
        ] = 0.6,
        duplicate_limit: Annotated[
            float, "1 - IoU below which a seen and a lost track are one", Range(0, 0.3)
        ] = 0.08,
        place_share: Annotated[
            float, "share of the detection in the place put out, beside the filter's", Range(0, 1)
        ] = 0.5,
        size_share: Annotated[float, "the same for width and height", Range(0, 1)] = 0.5,
        belief_rate: Annotated[
            float, "share of a new score in the belief", Range(0.02, 0.6)
        ] = 0.1,
        open_belief: Annotated[
            float, "share of the belief left after 1/30 s unseen in plain view", Range(0.5, 1)
        ] = 0.9,
        covered_belief: Annotated[
            float, "the same for who is covered all over", Range(0.9, 1)
        ] = 1.0,
        least_belief: Annotated[
            float, "belief down to which who is not seen is put out", Range(0.3, 1)
        ] = 0.6,
        longest_unseen: Annotated[
            float, "seconds for which who is not seen is put out at most", Range(0, 2)
        ] = 0.4,
        unseen_hits: Annotated[int, "detections before one may be put out unseen"] = 2,
    ) -> None:  # fmt: skip
        """Check and take the parameters.

        Raises:
            InputError: A parameter is out of range.
        """
        check_range(0, 1, track_thresh=track_thresh, low_thresh=low_thresh, new_thresh=new_thresh)
        check_range(0, 10, match_thresh=match_thresh, low_match_thresh=low_match_thresh)
        check_range(0, 10, new_match_thresh=new_match_thresh, lost_margin=lost_margin)
        check_range(0, 1e6, track_buffer=track_buffer, low_score_wait=low_score_wait)
        check_range(1e-3, 1e6, frame_rate=frame_rate)
        if image_width is not None:
            check_range(1, 1e6, image_width=image_width)
        check_range(1e-6, 10, position_noise=position_noise, velocity_noise=velocity_noise)
        check_range(1e-6, 10, size_noise=size_noise, size_velocity_noise=size_velocity_noise)
        check_range(1e-6, 10, position_error=position_error, size_error=size_error)
        check_range(0, 0.99, score_trust=score_trust)
        check_range(0, 10, cover_error=cover_error, height_power=height_power)
        check_range(0, 10, adaptation=adaptation)
        check_range(0, 1, last_box=last_box, new_overlap=new_overlap)
        check_range(0, 1, duplicate_limit=duplicate_limit, place_share=place_share)
        check_range(0, 10, distance_cost=distance_cost, lost_distance_cost=lost_distance_cost)
        check_range(0, 10, low_distance_cost=low_distance_cost)
        check_range(0, 1, size_share=size_share, belief_rate=belief_rate)
        check_range(0, 1, open_belief=open_belief, covered_belief=covered_belief)
        check_range(0, 1, least_belief=least_belief)
        check_range(0, 1e6, longest_unseen=longest_unseen, unseen_hits=unseen_hits)
        self.track_thresh = track_thresh
        self.low_thresh = low_thresh
        self.new_thresh = new_thresh
        self.match_thresh = match_thresh
        self.low_match_thresh = low_match_thresh
        self.new_match_thresh = new_match_thresh
        self.longest_loss = frame_rate / 30 * track_buffer
        self.image_width = image_width
        self.class_aware = class_aware
        self.box_camera = box_camera
        self.noise = xtwh.Noise(
            position=position_noise,
            size=size_noise,
            velocity=velocity_noise,
            size_velocity=size_velocity_noise,
            measured_position=position_error,
            measured_size=size_error,
        )
        self.score_trust = score_trust
        self.cover_error = cover_error
        self.adaptation = adaptation
        self.height_power = height_power
        self.lost_margin = lost_margin
        self.last_box = last_box
        self.distance_cost = distance_cost
        self.lost_distance_cost = lost_distance_cost
        self.low_distance_cost = low_distance_cost
        self.low_score_wait = low_score_wait
        self.new_overlap = new_overlap
        self.duplicate_limit = duplicate_limit
        self.place_share = place_share
        self.size_share = size_share
        self.belief_rate = belief_rate
        self.open_belief = open_belief
        self.covered_belief = covered_belief
        self.least_belief = least_belief
        self.longest_unseen = longest_unseen * frame_rate
        self.unseen_hits = unseen_hits
        self.pace = 30 / frame_rate  # thirtieths of a second a frame
        super().__init__()

    def reset(self) -> None:
        """Forget everything: the next frame is the first, the next id is 1."""
        super().reset()
        self._camera_shift = np.zeros(2)

    def state(self) -> dict[str, Any]:
        """Copy out all that `update` changes; see `Tracker.state`."""
        return {**super().state(), "camera_shift": self._camera_shift.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a tracker of the same name and parameters stood; see `Tracker.restore`."""
        super().restore(state)
        self._camera_shift = state["camera_shift"].copy()

    def _take_in(self, detections: Detections, dt: float, warp: Array | None) -> Tracks:
        self._predict(dt)
        if warp is None and self.box_camera:
            warp = self._estimate_camera(detections, dt)
        if warp is not None:
            self._move_camera(warp)
        return self._associate_frame(detections, dt)

    def _associate_frame(self, detections: Detections, dt: float) -> Tracks:
        high, low = self._split_by_score(detections.scores)
        tracks, state = self._tracks, self._tracks["state"]
        tracks["cover"] = self._cover()

        known, new = np.flatnonzero(state != NEW), np.flatnonzero(state == NEW)
        first = self._associate(known, detections, high, self._high_cost, self.match_thresh)
        lost_for = self.time - tracks["last_time"] - dt
        recent = (state == TRACKED) | (lost_for * self.pace <= self.low_score_wait)
        recent = recent[first.free_tracks]
        second = self._associate(
            first.free_tracks[recent], detections, low, self._low_cost, self.low_match_thresh
        )
        third = self._associate(
            new, detections, first.free_detections, self._new_cost, self.new_match_thresh
        )
        unseen = np.sort(np.concatenate([first.free_tracks[~recent], second.free_tracks]))
        fourth = self._recover(unseen, detections, third.free_detections)

        self._correct((first, second, third, fourth), detections)
        state[fourth.free_tracks] = LOST
        self._drop(third.free_tracks)
        self._start_tracks(detections, fourth.free_detections)
        tracks = self._tracks
        unseen = tracks["state"] == LOST
        self._drop(unseen & (self.time - tracks["last_time"] > self._patience()))
        self._drop_duplicates()
        self._doubt(dt)
        return self._report(detections)

    def _patience(self) -> float:
        """Say for how many frames a lost track is kept."""
        return self.longest_loss

    def _split_by_score(self, scores: Array) -> tuple[Array, Array]:
        high = scores >= self.track_thresh
        return np.flatnonzero(high), np.flatnonzero(~high & (scores >= self.low_thresh))

    def _predict(self, dt: float) -> None:
        """Move all tracks ahead; those that were hard to foresee become uncertain faster."""
        tracks = self._tracks
        tracks["motion"] = xtwh.predict(
            tracks["motion"],
            tracks["state"] == LOST,
            self.noise,
            noise_share=np.maximum(tracks["surprise"], LEAST_SURPRISE) ** self.adaptation,
            dt=dt,
            pace=self.pace,
        )

    def _estimate_camera(self, detections: Detections, dt: float) -> Array:
        tracks = self._tracks
        followed = (tracks["state"] == TRACKED) & (tracks["hits"] > 1)
        # A velocity that all share is rather the camera's; left alone, the two would drift apart.
        common = track_camera.common_velocity(tracks["motion"][followed]) * COMMON_SHARE
        tracks["motion"][:, VELOCITY, :2] -= common
        tracks["motion"][:, POSITION, :2] -= common * dt
        high, _ = self._split_by_score(detections.scores)
        warp = track_camera.estimate(
            xtwh.to_boxes(tracks["motion"][followed]),
            detections.boxes[high],
            previous=self._camera_shift,
        )
        self._camera_shift = warp[:, 2]
        return warp

    def _move_camera(self, warp: Array) -> None:
        super()._move_camera(warp)
        self._tracks["last_box"] = camera.move_boxes(self._tracks["last_box"], warp)

    def _cover(self) -> Array:
        """Compute how much of each track's box lies behind somebody who was seen last."""
        boxes = xtwh.to_boxes(self._tracks["motion"])
        return cover(boxes, boxes[self._tracks["state"] == TRACKED])

    def _associate(
        self,
        rows: Array,
        detections: Detections,
        candidates: Array,
        cost_of: Callable[[Array, Detections], Array],
        limit: float,
    ) -> Assignment:
        """Assign candidate detections to the tracks in `rows`.

        `cost_of` computes a cost `(T, D)` of tracks and detections.
        """
        if not len(rows) or not len(candidates):
            return Assignment.none(rows, candidates)
        tracks, found = self._tracks[rows], detections.take(candidates)
        cost = cost_of(tracks, found)
        if self.class_aware:
            cost = gate_by_class(cost, tracks["class_id"], found.class_ids)
        return assign(cost, limit).of(rows, candidates)

    def _high_cost(self, tracks: Array, found: Detections) -> Array:
        boxes = found.boxes
        predicted, lost = xtwh.to_boxes(tracks["motion"]), tracks["state"] == LOST
        overlap = box_iou(predicted, boxes)
        if lost.any():
            overlap[lost] = self._wide_overlap(predicted[lost], boxes)
        if lost.any() and self.last_box:  # who is not seen may have stopped
            stood = self.last_box * self._wide_overlap(tracks["last_box"][lost], boxes)
            overlap[lost] = np.maximum(overlap[lost], stood)
        overlap *= height_iou(predicted, boxes) ** self.height_power
        weight = np.where(lost, self.lost_distance_cost, self.distance_cost)
        cost = fuse_score(1 - overlap, found.scores) + weight[:, None] * self._motion_distance(
            tracks, boxes
        )
        return np.asarray(np.where(overlap > 0, cost, np.inf))

    def _wide_overlap(self, boxes: Array, found: Array) -> Array:
        overlap: Array = 1 - buffered_iou_cost(boxes, found, buffer=self.lost_margin)
        return overlap

    def _low_cost(self, tracks: Array, found: Detections) -> Array:
        cost = iou_cost(xtwh.to_boxes(tracks["motion"]), found.boxes)
        dear = cost + self.low_distance_cost * self._motion_distance(tracks, found.boxes)
        return np.where(cost < 1, dear, np.inf)

    def _new_cost(self, tracks: Array, found: Detections) -> Array:
        cost = iou_cost(xtwh.to_boxes(tracks["motion"]), found.boxes)
        return np.where(cost < 1, fuse_score(cost, found.scores), np.inf)

    def _recover(self, unseen: Array, detections: Detections, free: Array) -> Assignment:
        """Give unseen tracks what nobody wanted; without looks nobody is found."""
        return Assignment.none(unseen, free)

    def _motion_distance(self, tracks: Array, boxes: Array) -> Array:
        """Compute squared Mahalanobis distances, in tens."""
        error_share = self._error_share(tracks, 0.0)
        squared = xtwh.squared_mahalanobis(
            tracks["motion"], boxes, self.noise, error_share=error_share
        )
        return np.minimum(squared / 10, LARGEST_DISTANCE)

    def _error_share(self, tracks: Array, scores: Array | float) -> Array:
        """Say how much larger than usual the error of each track's detection is."""
        share: Array = (1 - self.score_trust * scores) * (1 + self.cover_error * tracks["cover"])
        return share

    def _correct(self, stages: tuple[Assignment, ...], detections: Detections) -> None:
        """Update matched tracks by their detections; a lost or new track is tracked from here."""
        rows = np.concatenate([matches.tracks for matches in stages])
        matched = np.concatenate([matches.detections for matches in stages])
        tracks, boxes, scores = self._tracks[rows], detections.boxes[matched], detections.scores
        error_share = self._error_share(tracks, scores[matched])
        motion = tracks["motion"]
        surprise = xtwh.surprise(motion, boxes, self.noise, error_share=error_share)
        change = SURPRISE_RATE * (np.minimum(surprise, LARGEST_SURPRISE) - tracks["surprise"])
        # After a gap, and while its speed is unknown, a track is bound to be surprised.
        steady = (tracks["state"] == TRACKED) & (tracks["hits"] >= SURPRISE_HITS)
        tracks["surprise"] += np.where(steady, change, 0)
        tracks["motion"] = xtwh.update(motion, boxes, self.noise, error_share=error_share)
        tracks["belief"] += self.belief_rate * (scores[matched] - tracks["belief"])
        tracks["last_box"] = boxes
        tracks["hits"] += 1
        tracks["state"] = TRACKED
        self._record(tracks, slice(None), detections, matched)
        self._tracks[rows] = tracks
        unnamed = np.sort(rows[tracks["id"] == 0])
        self._tracks["id"][unnamed] = self._take_ids(len(unnamed))

    def _start_tracks(self, detections: Detections, free: Array) -> None:
        strong = free[detections.scores[free] >= self.new_thresh]
        seen = self._tracks[self._tracks["state"] == TRACKED]
        overlap = box_iou(detections.boxes[strong], xtwh.to_boxes(seen["motion"]))
        if self.class_aware:
            overlap[detections.class_ids[strong][:, None] != seen["class_id"]] = 0
        strong = strong[overlap.max(axis=1, initial=0) <= self.new_overlap]
        if not len(strong):
            return
        tracks = self._new_tracks(detections, strong)
        boxes = detections.boxes[strong]
        tracks["motion"] = xtwh.initiate(boxes, self.noise, pace=self.pace)
        tracks["last_box"] = boxes
        tracks["start_time"] = self.time
        tracks["hits"], tracks["surprise"] = 1, 1
        tracks["belief"] = tracks["score"]
        # In the first frame there is nothing to confirm a track against.
        if self.frame == 1:
            tracks["state"] = TRACKED
            tracks["id"] = self._take_ids(len(tracks))
        else:
            tracks["state"] = NEW
        self._tracks = np.concatenate([self._tracks, tracks])

    def _drop_duplicates(self) -> None:
        boxes = xtwh.to_boxes(self._tracks["motion"])
        self._drop(
            duplicates(self._tracks, boxes, self.duplicate_limit, class_aware=self.class_aware)
        )

    def _doubt(self, dt: float) -> None:
        """Believe less in tracks that are not seen, the less of them is covered."""
        tracks = self._tracks
        tracks["cover"] = self._cover()
        kept = self.open_belief + (self.covered_belief - self.open_belief) * tracks["cover"]
        unseen = tracks["state"] == LOST
        tracks["belief"] *= np.where(unseen, kept ** (dt * self.pace), 1)

    def _report(self, detections: Detections) -> Tracks:
        """Put out who is seen, and who is believed to be hidden."""
        tracks = self._tracks
        boxes, seen = xtwh.to_boxes(tracks["motion"]), tracks["state"] == TRACKED
        found = detections.boxes[tracks["detection"][seen]]
        boxes[seen] = self._blend(boxes[seen], found)
        believed = (tracks["state"] == LOST) & (tracks["hits"] >= self.unseen_hits)
        believed &= tracks["belief"] >= self.least_belief
        believed &= self.time - tracks["last_time"] <= self.longest_unseen
        if self.image_width is not None:
            believed &= _share_inside(boxes, self.image_width) >= LEAST_INSIDE
        out = seen | believed
        told = tracks[out]
        hidden = told["state"] == LOST
        told["score"][hidden], told["detection"][hidden] = told["belief"][hidden], -1
        return report(told, boxes[out])

    def _blend(self, filtered: Array, found: Array) -> Array:
        """Give boxes between those of the filter and those detected."""
        shares = (self.place_share, self.size_share)
        parts = [(1 - share) * filtered + share * found for share in shares]
        centre = (parts[0][:, :2] + parts[0][:, 2:]) / 2
        half = (parts[1][:, 2:] - parts[1][:, :2]) / 2
        return np.concatenate([centre - half, centre + half], axis=1)


def _share_inside(boxes: Array, image_width: float) -> Array:
    """Compute which share of the width of `(N, 4)` boxes lies inside the image; 0 of none."""
    left, right = boxes[:, 0], boxes[:, 2]
    inside = np.maximum(np.minimum(right, image_width) - np.maximum(left, 0), 0)
    width = right - left
    share: Array = np.divide(inside, width, out=np.zeros_like(inside), where=width > 0)
    return share
