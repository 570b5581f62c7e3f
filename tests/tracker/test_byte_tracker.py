import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracker.reference_byte import ReferenceByte

from yolox.data.synthetic import make_scene
from yolox.structures import Detections, InputError
from yolox.tracker.byte_tracker import ByteTrack, BYTETracker

BOX = [100.0, 100.0, 140.0, 200.0]


def _one(box=BOX, score=0.9, class_id=0):
    return Detections([box], [score], [class_id])


def _nothing():
    return Detections.empty()


def _far(count, score=0.9):
    """Boxes that never meet each other."""
    return Detections([[200.0 * i, 0, 200.0 * i + 40, 100] for i in range(count)], [score] * count)


def _ids(tracker, frames):
    return [tracker.update(frame).ids.tolist() for frame in frames]


def _seen_then_gone_for(gap, **options):
    """Ids before and after a track was last seen in frame 5 and seen again `gap` frames later."""
    tracker = ByteTrack(**options)
    before = _ids(tracker, [_one()] * 5)[-1]
    after = _ids(tracker, [_nothing()] * (gap - 1) + [_one()] * 2)[-2:]
    return before, after, tracker


# --- the paper's steps, by hand -------------------------------------------------------------------


def test_low_score_keeps_a_track_alive_but_starts_none():
    tracker = ByteTrack()
    assert _ids(tracker, [_one(), _one(score=0.3), _one(score=0.3)]) == [[1], [1], [1]]
    assert _ids(ByteTrack(), [_one(score=0.3)] * 3) == [[], [], []]
    assert _ids(tracker, [_one(score=0.05)]) == [[]]  # under low_thresh it does not exist


def test_low_score_does_not_recover_a_lost_track():
    tracker = ByteTrack()
    assert _ids(tracker, [_one(), _nothing(), _one(score=0.3), _one()]) == [[1], [], [], [1]]


def test_a_track_needs_a_second_detection_after_the_first_frame():
    assert _ids(ByteTrack(), [_nothing(), _one(), _one()]) == [[], [], [1]]
    assert _ids(ByteTrack(), [_nothing(), _one(), _nothing(), _one()]) == [[], [], [], []]


def test_only_strong_detections_start_tracks():
    boxes = [[0, 0, 40, 100], [200, 0, 240, 100], [400, 0, 440, 100]]
    found = Detections(boxes, [0.60, 0.65, 0.70])
    assert ByteTrack().update(found).detection_indices.tolist() == [2]


def test_output_names_its_detection_and_class():
    tracker = ByteTrack()
    tracker.update(_far(3))
    found = _far(3)
    shuffled = Detections(found.boxes[[2, 0, 1]], [0.9, 0.8, 0.7], [5, 6, 7])
    tracks = tracker.update(shuffled)
    assert tracks.ids.tolist() == [1, 2, 3]
    assert tracks.detection_indices.tolist() == [1, 2, 0]
    assert tracks.class_ids.tolist() == [6, 7, 5]
    assert tracks.scores.tolist() == [0.8, 0.7, 0.9]


def test_score_fusion_makes_weak_overlaps_dearer():
    moved = [124.0, 100.0, 164.0, 200.0]  # IoU 0.25 with BOX: cost 0.75, fused with 0.7: 0.825
    options = {"match_thresh": 0.8}
    assert _ids(ByteTrack(**options), [_one(), _one(moved, 0.7)])[1] == []
    assert _ids(ByteTrack(**options, fuse_score=False), [_one(), _one(moved, 0.7)])[1] == [1]


def test_class_aware_tracks_never_change_class():
    agnostic, aware = ByteTrack(), ByteTrack(class_aware=True)
    frames = [_one(class_id=0), _one(class_id=1), _one(class_id=1)]
    assert _ids(agnostic, frames) == [[1], [1], [1]]
    assert _ids(aware, frames) == [[1], [], [2]]
    assert aware.update(_one(class_id=1)).class_ids.tolist() == [1]


def test_motion_gate_forbids_a_leap():
    leap = [BOX[0], BOX[1] - 45, BOX[2], BOX[3] - 45]  # IoU 0.38, but half a height away
    frames = [_one()] * 20 + [_one(leap)]
    assert _ids(ByteTrack(), frames)[-1] == [1]
    assert _ids(ByteTrack(motion_gate=True), frames)[-1] == []


def _third_stage(cost, score=1.0, **options):
    """Whether a new track takes a detection of that geometric cost in its second frame."""
    shift = 40 * cost / (2 - cost)  # of a box 40 wide: 1 − IoU is `cost`
    moved = [BOX[0] + shift, BOX[1], BOX[2] + shift, BOX[3]]
    tracker = ByteTrack(legacy=False, **options)
    return _ids(tracker, [_nothing(), _one(), _one(moved, score)])[-1] != []


def test_new_tracks_match_below_seven_tenths():
    assert _third_stage(0.69, fuse_score=False)
    assert not _third_stage(0.71, fuse_score=False)
    assert _third_stage(0.6)
    assert not _third_stage(0.6, score=0.7)  # fused: 1 − 0.4 · 0.7 = 0.72


def _lost_and_newcomer(newcomer, lost_for=1, frames_of_lost=3):
    """Ids after a track was lost and somebody new, who is not matched with it, stands there."""
    tracker = ByteTrack(match_thresh=0.0)  # no first-stage match at all
    _ids(tracker, [_one()] * 1)
    tracker._tracks["last_time"] += frames_of_lost - 1
    tracker.frame += frames_of_lost - 1
    _ids(tracker, [_nothing()] * lost_for)
    tracker.update(_one(newcomer))
    return tracker._tracks["id"].tolist()


def test_of_two_tracks_in_one_place_the_longer_lived_stays():
    assert _lost_and_newcomer(BOX) == [1]
    assert _lost_and_newcomer(BOX, frames_of_lost=1) == [1]  # a tie: the lost one stays
    assert _lost_and_newcomer([x + 10 for x in BOX]) == [1, 2]


def test_nothing_starts_where_the_threshold_is_above_one():
    assert _ids(ByteTrack(track_thresh=0.95), [_one(score=1.0)]) == [[]]
    assert ByteTrack(track_thresh=0.95).new_thresh == pytest.approx(1.05)


def test_reset_starts_over():
    tracker = ByteTrack()
    first = _ids(tracker, [_one(), _one(), _nothing()])
    tracker.reset()
    assert _ids(tracker, [_one(), _one(), _nothing()]) == first
    assert tracker.frame == 3


# --- the original, row for row --------------------------------------------------------------------


@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 12),
    track_buffer=st.sampled_from([0, 1, 3, 30]),
    fuse_score=st.booleans(),
    blackout=st.integers(0, 8),
)
def test_equals_the_reference_row_for_row(seed, people, track_buffer, fuse_score, blackout):
    scene = make_scene(people, 40, width=500, height=400, seed=seed)
    options = {"track_buffer": track_buffer, "fuse_score": fuse_score, "match_thresh": 0.8}
    tracker, reference = ByteTrack(**options), ReferenceByte(**options)
    for frame in range(1, scene.length + 1):
        found = scene.detections.at(frame)
        if 15 <= frame < 15 + blackout or 26 <= frame < 26 + blackout // 2:
            found = Detections.empty()
        expected = sorted(reference.update(found.boxes, found.scores), key=lambda row: row[0])
        tracks = tracker.update(found)
        assert tracks.ids.tolist() == [row[0] for row in expected]
        assert tracks.scores.tolist() == [row[2] for row in expected]
        if expected:
            np.testing.assert_allclose(tracks.boxes, [row[1] for row in expected], atol=1e-6)


# --- each known defect of the original: mended, or kept under `legacy` ----------------------------


@pytest.mark.parametrize(("gap", "same"), [(30, True), (31, True), (32, True), (33, False)])
def test_legacy_recovers_two_frames_after_the_buffer(gap, same):
    before, after, _ = _seen_then_gone_for(gap)
    assert (after == [before, before]) == same


@pytest.mark.parametrize(("gap", "same"), [(30, True), (31, True), (32, False)])
def test_mended_buffer_is_exact(gap, same):
    before, after, _ = _seen_then_gone_for(gap, legacy=False)
    assert (after == [before, before]) == same


def test_legacy_drops_at_once_a_track_that_once_expired():
    for legacy, expected in ((True, [2]), (False, [1])):
        gap = 32 if legacy else 31
        *_, tracker = _seen_then_gone_for(gap, legacy=legacy)
        assert _ids(tracker, [_nothing()] * 2 + [_one()] * 2)[-1] == expected


def test_legacy_ignores_a_score_on_the_threshold():
    for legacy, expected in ((True, []), (False, [1])):
        tracker = ByteTrack(legacy=legacy)
        assert _ids(tracker, [_one(), _one(score=0.6)])[1] == expected
        assert _ids(ByteTrack(legacy=legacy), [_one(), _one(score=0.1)])[1] == expected


def test_legacy_does_not_predict_new_tracks():
    """With the original's pixel overlap a new track has no velocity: only its noise differs."""
    spread = {}
    for legacy in (True, False):
        tracker = ByteTrack(legacy=legacy)
        frames = [_nothing(), _one(), _one([110, 100, 150, 200])]
        spread[legacy] = [tracker.update(frame) for frame in frames][-1].boxes[0, 0]
    assert spread[True] < spread[False] < 110  # predicted: less sure, so nearer the detection


def test_legacy_counts_pixels():
    small, beside = [0, 0, 3, 3], [3.5, 0, 6.5, 3]
    for legacy, expected in ((True, [1]), (False, [])):
        tracker = ByteTrack(legacy=legacy, fuse_score=False, match_thresh=1.0)
        assert _ids(tracker, [_one(small), _one(beside)])[1] == expected


def test_legacy_ids_have_gaps():
    flash = Detections([BOX, [500, 0, 540, 100]], [0.9, 0.9])
    newcomer = Detections([BOX, [900, 0, 940, 100]], [0.9, 0.9])
    for legacy, expected in ((True, [1, 3]), (False, [1, 2])):
        frames = [_one(), flash, _one(), newcomer, newcomer]
        assert _ids(ByteTrack(legacy=legacy), frames)[-1] == expected


def test_ids_belong_to_the_instance():
    assert ByteTrack().update(_one()).ids.tolist() == [1]
    assert ByteTrack().update(_one()).ids.tolist() == [1]


def test_a_frame_without_detections_is_a_frame():
    tracker = ByteTrack(track_buffer=3)
    assert _ids(tracker, [_one()] + [_nothing()] * 5 + [_one()] * 2)[-1] == [2]
    assert tracker.frame == 8


def test_input_is_not_changed():
    rows = np.array([[*BOX, 0.9]])
    kept = rows.copy()
    tracker = BYTETracker(SimpleNamespace(track_thresh=0.5, match_thresh=0.8, track_buffer=30))
    tracker.update(rows, (800, 1440), (400, 720))
    np.testing.assert_array_equal(rows, kept)


def test_memory_does_not_grow():
    tracker, seconds = ByteTrack(track_buffer=5), []
    tracemalloc.start()
    for frame in range(3000):  # everybody is new every tenth frame
        shift = 50.0 * (frame // 10 % 40)
        tracker.update(Detections([[shift, 0, shift + 40, 100]], [0.9]))
        if frame % 1000 == 999:
            seconds.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert len(tracker._tracks) < 10
    assert seconds[2] - seconds[1] < 20_000


# --- contracts for any input ----------------------------------------------------------------------

numbers = st.floats(-1e4, 1e4)
boxes = st.tuples(numbers, numbers, st.floats(0, 1e4), st.floats(0, 1e4))
detections = st.lists(st.tuples(boxes, st.floats(0, 1), st.integers(0, 2)), max_size=6)
videos = st.lists(detections, min_size=1, max_size=12)


def _detections(rows):
    if not rows:
        return Detections.empty()
    xywh, scores, classes = zip(*rows, strict=True)
    array = np.array(xywh)
    return Detections(np.c_[array[:, :2], array[:, :2] + array[:, 2:]], scores, classes)


@given(videos, st.booleans(), st.booleans(), st.booleans())
def test_any_detections_give_sound_tracks(video, legacy, class_aware, motion_gate):
    tracker = ByteTrack(
        legacy=legacy, class_aware=class_aware, motion_gate=motion_gate, track_buffer=2
    )
    class_of = {}
    for frame in video * 3:
        found = _detections(frame)
        tracks = tracker.update(found)
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()
        assert (tracks.ids >= 1).all()
        assert len(set(tracks.detection_indices.tolist())) == len(tracks)
        np.testing.assert_array_equal(tracks.scores, found.scores[tracks.detection_indices])
        assert len(tracker._tracks) <= 5 * 6  # detections a frame × frames that anything lives
        for track in tracks if class_aware else ():
            assert class_of.setdefault(track.track_id, track.class_id) == track.class_id


@given(videos, videos)
def test_trackers_do_not_touch_each_other(first_video, second_video):
    alone = [
        [ByteTrack.update(tracker, _detections(frame)) for frame in video]
        for video in (first_video, second_video)
        for tracker in [ByteTrack()]
    ]
    first, second = ByteTrack(), ByteTrack()
    together: list[list] = [[], []]
    for i in range(max(len(first_video), len(second_video))):
        for tracker, video, kept in zip(
            (first, second), (first_video, second_video), together, strict=True
        ):
            if i < len(video):
                kept.append(tracker.update(_detections(video[i])))
    for expected, found in zip(alone, together, strict=True):
        for a, b in zip(expected, found, strict=True):
            np.testing.assert_array_equal(a.ids, b.ids)
            np.testing.assert_array_equal(a.boxes, b.boxes)


def test_bad_detections_leave_the_state_unchanged():
    args = SimpleNamespace(track_thresh=0.5, match_thresh=0.8, track_buffer=30)
    tracker = BYTETracker(args)
    tracker.update(np.array([[*BOX, 0.9]]), (800, 1440), (800, 1440))
    with pytest.raises(InputError, match=r"boxes\[0\]"):
        tracker.update(np.array([[np.nan, 0, 1, 1, 0.9]]), (800, 1440), (800, 1440))
    assert tracker._tracker.frame == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"track_thresh": 60}, "track_thresh is 60; give a number from 0 to 1"),
        ({"match_thresh": -0.1}, "match_thresh"),
        ({"track_buffer": -1}, "track_buffer"),
        ({"frame_rate": 0}, "frame_rate"),
        ({"track_buffer": "30"}, "track_buffer is '30'; give a number"),
        ({"low_thresh": float("nan")}, "low_thresh"),
    ],
)
def test_parameters_out_of_range(parameters, message):
    with pytest.raises(InputError, match=message):
        ByteTrack(**parameters)


# --- ByteTrack's documented interface -------------------------------------------------------------


def test_documented_snippet():
    args = SimpleNamespace(track_thresh=0.6, track_buffer=30, match_thresh=0.9, mot20=False)
    tracker = BYTETracker(args)
    info_imgs, img_size = [1080, 1920], [800, 1440]
    scale = min(img_size[0] / info_imgs[0], img_size[1] / info_imgs[1])
    for _ in range(2):
        dets = np.array([[x * scale for x in BOX] + [0.9]])
        online_targets = tracker.update(dets, info_imgs, img_size)
    (target,) = online_targets
    assert (target.track_id, target.score) == (1, 0.9)
    np.testing.assert_allclose(target.tlwh, [100, 100, 40, 100])
    np.testing.assert_allclose(target.tlbr, BOX)


class _Tensor:
    """Quacks like a torch tensor on another device."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.array


def test_yolox_rows_multiply_objectness_and_class_score():
    args = SimpleNamespace(track_thresh=0.6, track_buffer=30, match_thresh=0.9)
    rows = _Tensor(np.array([[*BOX, 0.9, 0.9, 3, 0.1, 0.2]], np.float32))
    (target,) = BYTETracker(args).update(rows, (800, 1440), (800, 1440))
    assert target.score == pytest.approx(0.81)
    assert target.class_id == 3


def test_wrong_kinds_of_input_are_named():
    with pytest.raises(InputError, match=r"update got a list; give it Detections"):
        ByteTrack().update([BOX])
    with pytest.raises(InputError, match="args has no track_buffer, match_thresh; it needs"):
        BYTETracker(SimpleNamespace(track_thresh=0.6))


@pytest.mark.parametrize("nothing", [None, np.empty((0, 5)), []])
def test_nothing_detected(nothing):
    args = SimpleNamespace(track_thresh=0.6, track_buffer=30, match_thresh=0.9)
    assert BYTETracker(args).update(nothing, (800, 1440), (800, 1440)) == []


def test_mot20_turns_fusion_off_and_shape_is_checked():
    args = SimpleNamespace(track_thresh=0.6, track_buffer=30, match_thresh=0.9, mot20=True)
    tracker = BYTETracker(args, frame_rate=60)
    assert tracker._tracker.fuse_score is False
    assert tracker._tracker.longest_loss == 60
    with pytest.raises(InputError, match=r"shape \(1, 6\)"):
        tracker.update(np.zeros((1, 6)), (800, 1440), (800, 1440))
