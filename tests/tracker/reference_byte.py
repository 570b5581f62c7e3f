"""BYTE as the original states it: an object a track, 8×8 matrices, lists searched from end to end.

Slow and obvious on purpose: it shares no line with `yolox.tracker` and serves to check it.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

TRACKED, LOST, REMOVED = "tracked", "lost", "removed"


class ReferenceTrack:
    def __init__(self, box, score):
        self.measured = _to_xyah(box)
        self.score = score
        self.confirmed = False

    def start(self, track_id, frame):
        height = self.measured[3]
        self.id = track_id
        self.state = TRACKED
        self.confirmed = frame == 1
        self.first_frame = self.last_frame = frame
        self.mean = np.concatenate([self.measured, np.zeros(4)])
        std = [height / 10, height / 10, 1e-2, height / 10]
        std += [height / 16, height / 16, 1e-5, height / 16]
        self.covariance = np.diag(np.square(std))

    def predict(self):
        if self.state != TRACKED:
            self.mean[7] = 0
        height = self.mean[3]
        std = [height / 20, height / 20, 1e-2, height / 20]
        std += [height / 160, height / 160, 1e-5, height / 160]
        motion = np.eye(8) + np.eye(8, k=4)
        self.mean = motion @ self.mean
        self.covariance = motion @ self.covariance @ motion.T + np.diag(np.square(std))

    def correct(self, detection, frame):
        observe = np.eye(4, 8)
        height = self.mean[3]
        noise = np.diag(np.square([height / 20, height / 20, 1e-1, height / 20]))
        innovation = observe @ self.covariance @ observe.T + noise
        gain = self.covariance @ observe.T @ np.linalg.inv(innovation)
        self.mean = self.mean + gain @ (detection.measured - observe @ self.mean)
        self.covariance = self.covariance - gain @ innovation @ gain.T
        self.state, self.confirmed = TRACKED, True
        self.score, self.last_frame = detection.score, frame

    def box(self):
        x, y, aspect, height = self.mean[:4]
        width = aspect * height
        return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


class ReferenceByte:
    def __init__(self, track_thresh=0.6, match_thresh=0.9, track_buffer=30, fuse_score=True):
        self.track_thresh, self.match_thresh = track_thresh, match_thresh
        self.track_buffer, self.fuse_score = track_buffer, fuse_score
        self.tracked, self.lost, self.removed = [], [], []
        self.frame = self.last_id = 0

    def update(self, boxes, scores):
        """Give `[(id, box, score)]` of the frame."""
        self.frame += 1
        found = list(zip(boxes, scores, strict=True))
        high = [ReferenceTrack(b, s) for b, s in found if s > self.track_thresh]
        low = [ReferenceTrack(b, s) for b, s in found if 0.1 < s < self.track_thresh]
        confirmed = [track for track in self.tracked if track.confirmed]
        unconfirmed = [track for track in self.tracked if not track.confirmed]
        pool = _union(confirmed, self.lost)
        for track in pool:
            track.predict()

        left, high = self._match(pool, high, self.match_thresh, self.fuse_score)
        left = [track for track in left if track.state == TRACKED]
        missed, _ = self._match(left, low, 0.5, False)
        for track in missed:
            track.state = LOST
        gone, high = self._match(unconfirmed, high, 0.7, self.fuse_score)
        for track in gone:
            track.state = REMOVED
        started = [d for d in high if d.score >= self.track_thresh + 0.1]
        for detection in started:
            self.last_id += 1
            detection.start(self.last_id, self.frame)

        newly_removed = list(gone)
        for track in self.lost:
            if self.frame - track.last_frame > self.track_buffer:
                track.state = REMOVED
                newly_removed.append(track)

        alive = _union(self.tracked, self.lost)
        self.tracked = [track for track in alive if track.state == TRACKED] + started
        self.lost = _without(_union(self.lost, missed), self.tracked)
        self.lost = _without(self.lost, self.removed)
        self.removed += newly_removed
        self._drop_duplicates()
        return [(t.id, t.box(), t.score) for t in self.tracked if t.confirmed]

    def _match(self, tracks, detections, limit, fuse):
        rows, columns = len(tracks), len(detections)
        # Leaving a row and a column unmatched costs `limit`; lap calls this padding extend_cost.
        cost = np.full((rows + columns, rows + columns), limit / 2)
        cost[rows:, columns:] = 0
        for i, track in enumerate(tracks):
            for j, detection in enumerate(detections):
                overlap = _pixel_iou(track.box(), _to_box(detection.measured))
                cost[i, j] = 1 - (overlap * detection.score if fuse else overlap)
        matched = [
            (i, j)
            for i, j in zip(*linear_sum_assignment(cost), strict=True)
            if i < rows and j < columns
        ]
        for i, j in matched:
            tracks[i].correct(detections[j], self.frame)
        taken_rows, taken_columns = {i for i, _ in matched}, {j for _, j in matched}
        return (
            [track for i, track in enumerate(tracks) if i not in taken_rows],
            [detection for j, detection in enumerate(detections) if j not in taken_columns],
        )

    def _drop_duplicates(self):
        drop = []
        for seen in self.tracked:
            for lost in self.lost:
                if 1 - _pixel_iou(seen.box(), lost.box()) < 0.15:
                    seen_age = seen.last_frame - seen.first_frame
                    lost_age = lost.last_frame - lost.first_frame
                    drop.append(lost if seen_age > lost_age else seen)
        self.tracked, self.lost = _without(self.tracked, drop), _without(self.lost, drop)


def _union(first, second):
    return first + [track for track in second if all(track is not other for other in first)]


def _without(tracks, others):
    return [track for track in tracks if all(track is not other for other in others)]


def _to_xyah(box):
    left, top, right, bottom = box
    height = bottom - top
    return np.array([(left + right) / 2, (top + bottom) / 2, (right - left) / height, height])


def _to_box(measured):
    x, y, aspect, height = measured
    width = aspect * height
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def _pixel_iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    if width <= 0 or height <= 0:
        return 0.0
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return width * height / (area_a + area_b - width * height)
