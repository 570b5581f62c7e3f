"""CoverTrack: who is believed to be there unseen, what a track learns, and what a camera does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracker.published import check_scores
from tracker.random_scenes import random_scene

from yolox.formats.per_sequence import read_per_sequence
from yolox.formats.tracker_parameters import read_parameters
from yolox.structures import Detections, InputError
from yolox.tracker import covertrack
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.motion.kalman import POSITION_VAR, VELOCITY

NOBODY = Detections.empty()


def _frame(*lefts, score=0.8, class_id=0, top=100):
    """Detections of people given by their left edge; all are 40 × 100 pixels."""
    boxes = [[left, top, left + 40, top + 100] for left in lefts]
    return Detections(boxes, [score] * len(lefts), [class_id] * len(lefts))


def _with(found, *boxes, score=0.8):
    """Add boxes to the detections of a frame."""
    return Detections([*found.boxes, *boxes], [*found.scores, *[score] * len(boxes)])


def _track(tracker, frames):
    """Track all frames; give the tracks of the last."""
    for frame in frames:
        tracks = tracker.update(frame)
    return tracks


def _last_ids(frames, **options):
    """Track all frames; of the last give the id of each detection, in their order."""
    tracks = _track(CoverTrack(box_camera=False, **options), frames)
    ids = np.full(len(frames[-1]), -1)
    seen = tracks.detection_indices >= 0
    ids[tracks.detection_indices[seen]] = tracks.ids[seen]
    return ids.tolist()


def _unseen_scores(tracker, hider, frames):
    """Show a person of score 0.8, then only `hider`; list the person's scores while put out."""
    before = [_with(_frame(100), *hider)] * 5
    behind = Detections(hider, [0.8] * len(hider)) if hider else NOBODY
    assert _track(tracker, before).ids[0] == 1
    scores = []
    for _ in range(frames):
        tracks = tracker.update(behind)
        if 1 not in tracks.ids:
            break
        (row,) = np.flatnonzero(tracks.ids == 1)
        assert tracks.detection_indices[row] == -1
        np.testing.assert_allclose(tracks.boxes[row], _frame(100).boxes[0], atol=1e-6)
        scores.append(tracks.scores[row])
    return scores


@pytest.mark.parametrize(
    ("hider", "options", "expected"),
    [
        # In plain view a belief of 0.8 falls by a tenth a frame, and below 0.6 in the third.
        ([], {}, [0.72, 0.648]),
        ([], {"open_belief": 0.8}, [0.64]),
        ([], {"least_belief": 0.7}, [0.72]),
        ([], {"frame_rate": 15}, [0.648]),
        # Covered all over it stays, until 0.4 seconds are over.
        ([[90, 90, 150, 210]], {}, [0.8] * 12),
        ([[90, 90, 150, 210]], {"covered_belief": 0.9}, [0.72, 0.648]),
        ([[90, 90, 150, 210]], {"longest_unseen": 0.1}, [0.8] * 3),
        ([[90, 90, 150, 210]], {"longest_unseen": 0.1, "frame_rate": 60}, [0.8] * 6),
        ([[90, 90, 150, 210]], {"unseen_hits": 6}, []),
        # Half covered it falls by half as much.
        ([[120, 90, 180, 210]], {}, [0.8 * 0.95**frame for frame in range(1, 6)]),
        # Who stands farther away covers nobody.
        ([[120, 60, 180, 190]], {}, [0.72, 0.648]),
    ],
)
def test_who_is_believed_to_be_there(hider, options, expected):
    scores = _unseen_scores(CoverTrack(box_camera=False, **options), hider, 40)
    np.testing.assert_allclose(scores, expected)


def test_the_belief_follows_the_scores():
    tracker = CoverTrack(box_camera=False)
    _track(tracker, [_frame(100, score=0.9), _frame(100, score=0.7)])
    np.testing.assert_allclose(tracker._tracks["belief"], [0.9 - 0.1 * 0.2])


@pytest.mark.parametrize(
    ("left", "width", "shown"),
    [(-19, 500, True), (-21, 500, False), (-21, None, True), (479, 500, True), (481, 500, False)],
)
def test_who_left_the_image_is_not_put_out_unseen(left, width, shown):
    tracker = CoverTrack(box_camera=False, image_width=width)
    _track(tracker, [_frame(left)] * 4)
    assert len(tracker.update(NOBODY)) == shown


def test_surprise_is_learned_from_the_fourth_detection():
    """Who stands still never surprises: from 1 it falls by a tenth each time."""
    tracker = CoverTrack(box_camera=False)
    learned = []
    for _ in range(6):
        tracker.update(_frame(100))
        learned.append(tracker._tracks["surprise"][0])
    np.testing.assert_allclose(learned, [1, 1, 1, 0.9, 0.81, 0.729])
    tracker.update(NOBODY)
    tracker.update(_frame(100))  # after a gap nothing is learned
    np.testing.assert_allclose(tracker._tracks["surprise"], [0.729])


def test_who_is_hard_to_foresee_is_looked_for_in_a_wider_place():
    """One stands, one jumps to and fro; both were then not seen for as long."""
    for adaptation in (1.0, 0.0):
        tracker = CoverTrack(box_camera=False, adaptation=adaptation)
        for frame in range(30):
            tracker.update(_frame(100, 400 + 12 * (frame % 2)))
        tracker.update(NOBODY)
        calm, lively = tracker._tracks["motion"][:, POSITION_VAR, 0]
        if adaptation:
            assert lively > 2 * calm
        else:
            assert lively == pytest.approx(calm)


def test_covered_detections_count_less():
    """Half covered, a detection moves its track by less."""
    moved = []
    for cover_error in (0.0, 2.0):
        tracker = CoverTrack(box_camera=False, cover_error=cover_error, place_share=0)
        hider = [120, 90, 180, 210]
        _track(tracker, [_with(_frame(100), hider)] * 5)
        tracks = tracker.update(_with(_frame(106), hider))
        moved.append(tracks.boxes[0, 0] - 100)
    assert 0 < moved[1] < moved[0] < 6


def test_the_output_lies_between_filter_and_detection():
    found = Detections([[104, 100, 150, 208]], [0.8])
    boxes = {}
    for place, size in ((0, 0), (1, 1), (0.5, 0.5), (1, 0)):
        tracker = CoverTrack(box_camera=False, place_share=place, size_share=size)
        boxes[place, size] = _track(tracker, [*[_frame(100)] * 3, found]).boxes[0]
    np.testing.assert_allclose(boxes[1, 1], found.boxes[0])
    np.testing.assert_allclose(boxes[0.5, 0.5], (boxes[0, 0] + boxes[1, 1]) / 2)
    centre, size = boxes[1, 0][:2] + boxes[1, 0][2:], boxes[1, 0][2:] - boxes[1, 0][:2]
    np.testing.assert_allclose(centre, [254, 308])
    np.testing.assert_allclose(size, boxes[0, 0][2:] - boxes[0, 0][:2])


@pytest.mark.parametrize(("missed", "expected"), [(0, [1]), (2, [1]), (3, [-1])])
def test_who_was_just_lost_may_get_a_low_score(missed, expected):
    frames = [*[_frame(100)] * 4, *[NOBODY] * missed, _frame(100, score=0.3)]
    assert _last_ids(frames) == expected
    assert _last_ids(frames, low_score_wait=3) == [1]
    assert _last_ids(frames, low_thresh=0.4) == [-1]


@pytest.mark.parametrize(("missed", "expected"), [(30, [1]), (31, [-1])])
def test_a_lost_track_is_kept_for_the_buffer(missed, expected):
    frames = [*[_frame(100)] * 4, *[NOBODY] * missed, _frame(100)]
    assert _last_ids(frames) == expected
    assert _last_ids(frames, track_buffer=60, frame_rate=15) == expected


def test_a_new_track_is_confirmed_by_a_second_detection():
    lone = [_frame(100), _frame(100, 500), _frame(100), _frame(100, 500), _frame(100, 500)]
    assert _last_ids(lone[:2]) == [1, -1]
    assert _last_ids(lone[:4]) == [1, -1]
    assert _last_ids(lone) == [1, 2]  # a track that nothing confirmed took no id
    weak = [_frame(100), *[_frame(100, 500, score=0.55)] * 3]
    assert _last_ids(weak) == [1, -1]
    assert _last_ids(weak, new_thresh=0.55) == [1, 2]
    # IoU 0.6 · 0.8 costs 0.52.
    moved = [_frame(500), _frame(100, 500), _frame(110, 500)]
    assert _last_ids(moved, new_match_thresh=0.53) == [2, 1]
    assert _last_ids(moved, new_match_thresh=0.51) == [-1, 1]
    # However much may be paid, who is elsewhere is somebody else.
    elsewhere = [NOBODY, _frame(100), _frame(900)]
    assert _last_ids(elsewhere, new_match_thresh=1.5) == [-1]


def test_a_second_detection_of_somebody_starts_no_track():
    """40 × 100 beside 40 × 100, 8 further: IoU 32 / 48."""
    twice = [_frame(100), *[_frame(100, 108)] * 3]
    assert _last_ids(twice) == [1, -1]
    assert _last_ids(twice, new_overlap=0.7) == [1, 2]


def test_two_tracks_in_one_place_are_one():
    """Who was lost at 100 is taken for whoever was started there since, if the boxes are equal."""
    frames = [*[_frame(100)] * 6, _frame(100, score=0.05), *[_frame(160)] * 2]
    for limit, count in ((0.0, 2), (0.3, 1)):
        tracker = CoverTrack(box_camera=False, duplicate_limit=limit)
        _track(tracker, frames)
        tracker._tracks["motion"][1] = tracker._tracks["motion"][0]
        tracker._drop_duplicates()
        assert len(tracker._tracks) == count
    assert tracker._tracks["id"].tolist() == [1]  # the longer lived


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [-1]),
        ({"last_box": 0.9}, [1]),
        ({"last_box": 0.1}, [-1]),  # 1 - 0.1 · 0.95 is above the limit
    ],
)
def test_who_stopped_unseen_is_found_where_they_were(options, expected):
    walk = [_frame(100 + 10 * step, score=0.95) for step in range(10)]
    frames = [*walk, *[NOBODY] * 9, _frame(190, score=0.95)]
    assert _last_ids(frames, lost_distance_cost=0, **options) == expected


def test_lost_tracks_are_looked_for_beside_their_place():
    """Boxes of 40 that are 44 apart meet if both are a fifth wider on each side."""
    frames = [*[_frame(100)] * 6, *[NOBODY] * 3, _frame(144)]
    assert _last_ids(frames, match_thresh=1, lost_distance_cost=0) == [1]
    assert _last_ids(frames, match_thresh=1, lost_distance_cost=0, lost_margin=0) == [-1]
    assert _last_ids(frames, match_thresh=1) == [-1]  # and are dear if their place is known well


def test_another_height_is_dearer():
    taller = Detections([[100, 100, 140, 140]], [0.8])
    frames = [*[_frame(100)] * 5, taller]
    # IoU and overlap in height are 0.4: 0.4 · 0.8 leaves a cost of 0.68, 0.16 · 0.8 one of 0.87.
    for power, limit in ((0, 0.68), (1, 0.872)):
        for margin, expected in ((-0.001, [-1]), (0.001, [1])):
            options = {"height_power": power, "match_thresh": limit + margin, "distance_cost": 0}
            assert _last_ids(frames, **options) == expected


def test_distances_make_a_match_dearer():
    high, low = _frame(120, score=0.9), _frame(112, score=0.4)
    start = [_frame(100, score=0.9)] * 8
    assert _last_ids([*start, high], distance_cost=0) == [1]
    assert _last_ids([*start, high], distance_cost=1) == [-1]
    assert _last_ids([*start, low], low_distance_cost=0) == [1]
    assert _last_ids([*start, low], low_distance_cost=1) == [-1]
    assert _last_ids([*start, low], low_distance_cost=0, low_match_thresh=0.4) == [-1]


def test_the_class_counts_if_asked_to():
    frames = [_frame(100), _frame(100), _frame(100, class_id=1)]
    assert _last_ids(frames) == [1]
    assert _last_ids(frames, class_aware=True) == [-1]
    # Two of different classes may be in one place.
    frames = [_frame(100), *[_with_class(_frame(100), _frame(102))] * 3]
    assert _last_ids(frames) == [1, -1]
    assert _last_ids(frames, class_aware=True) == [1, 2]


def _with_class(found, other):
    boxes, scores = np.r_[found.boxes, other.boxes], np.r_[found.scores, other.scores]
    return Detections(boxes, scores, [0, 1])


PLACES = (0, 130, 250, 420, 540)


def _pan(way, count):
    return [_frame(*(left + way * frame for left in PLACES)) for frame in range(count)]


@pytest.mark.parametrize("way", [5, -35, 70])
def test_a_camera_that_pans_keeps_the_ids(way):
    """At 70 pixels a frame everybody is nearer to where their neighbour was."""
    frames = [*_pan(0, 4), *_pan(way, 12)]
    tracks = _track(CoverTrack(), frames)
    assert tracks.ids.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(tracks.boxes[:, 0], frames[-1].boxes[:, 0], atol=2)
    if abs(way) > 40:
        assert _track(CoverTrack(box_camera=False), frames).ids.tolist() != [1, 2, 3, 4, 5]


def test_tracks_and_camera_do_not_drift_apart(monkeypatch):
    """Tracks that all run one way under a camera that runs the other come to rest."""
    for share, rest in ((covertrack.COMMON_SHARE, True), (0.0, False)):
        monkeypatch.setattr(covertrack, "COMMON_SHARE", share)
        tracker = CoverTrack()
        _track(tracker, _pan(0, 5))
        tracker._tracks["motion"][:, VELOCITY, 0] = 10
        _track(tracker, _pan(0, 1) * 200)
        assert (abs(np.median(tracker._tracks["motion"][:, VELOCITY, 0])) < 1) == rest


def test_a_given_camera_is_not_estimated():
    tracker = CoverTrack()
    still = np.eye(2, 3)
    for frame in _pan(3, 6):
        tracker.update(frame, camera_motion=still)
    assert not tracker._camera_shift.any()
    assert np.median(tracker._tracks["motion"][:, VELOCITY, 0]) > 1


@pytest.mark.parametrize("seed", range(30))
def test_frames_left_out_are_a_lower_frame_rate(seed):
    table, length = random_scene(np.random.default_rng(seed))
    steps, slow = CoverTrack(frame_rate=30), CoverTrack(frame_rate=10)
    for frame in range(1, length + 1):
        found, expected = steps.update(table.at(frame), dt=3), slow.update(table.at(frame))
        np.testing.assert_array_equal(found.ids, expected.ids)
        np.testing.assert_allclose(found.boxes, expected.boxes, atol=1e-6)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-9)


@given(st.lists(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2, *[st.floats(0, 1e4)] * 2))))
def test_any_detections_give_sound_tracks(video):
    tracker = CoverTrack(track_buffer=2, last_box=0.5)
    for frame in video:
        array = np.array(frame).reshape(-1, 4)
        boxes = np.c_[array[:, :2], array[:, :2] + array[:, 2:]]
        tracks = tracker.update(Detections(boxes, np.full(len(boxes), 0.9)), dt=0.01)
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert np.isfinite(tracks.boxes).all()


OUT_OF_RANGE = {
    **dict.fromkeys(
        ["track_thresh", "low_thresh", "new_thresh", "last_box", "new_overlap", "duplicate_limit",
         "place_share", "size_share", "belief_rate", "open_belief", "covered_belief",
         "least_belief", "score_trust"], 2,
    ),
    **dict.fromkeys(
        ["match_thresh", "low_match_thresh", "new_match_thresh", "track_buffer", "frame_rate",
         "image_width", "adaptation", "height_power", "lost_margin", "distance_cost",
         "lost_distance_cost", "low_distance_cost", "cover_error", "low_score_wait",
         "longest_unseen", "unseen_hits", "position_noise", "velocity_noise", "size_noise",
         "size_velocity_noise", "position_error", "size_error"], -1,
    ),
}  # fmt: skip


def test_parameters_out_of_range():
    switches = {"class_aware", "box_camera"}
    assert set(OUT_OF_RANGE) | switches == set(CoverTrack.parameters())
    for name, value in OUT_OF_RANGE.items():
        with pytest.raises(InputError, match=rf"^{name} is {value}; give a number"):
            CoverTrack(**{name: value})


def test_the_stored_parameters_are_the_trackers(root):
    folder = root / "exps" / "trackers"
    assert CoverTrack.create(_tuned(folder)).noise.position == 0.0143
    folds = read_per_sequence(folder / "covertrack_mot17_folds.ini")
    assert len(folds) == 7
    for texts in folds.values():
        CoverTrack.create(_parsed(texts))


def _tuned(folder):
    stored = read_parameters(folder / "covertrack_mot17.json")
    assert stored.tracker == "covertrack"
    return stored.parameters


def _parsed(texts):
    return {name: CoverTrack.parse_parameter(name, text) for name, text in texts.items()}


@pytest.mark.data
@pytest.mark.parametrize(
    ("parameters", "camera", "expected"),
    [
        ("default", False, {"HOTA": 71.06, "MOTA": 80.01, "IDF1": 84.08}),
        ("default", True, {"HOTA": 71.24, "MOTA": 80.12, "IDF1": 84.26}),
        ("tuned", False, {"HOTA": 71.77, "MOTA": 80.72, "IDF1": 85.44}),
        ("tuned", True, {"HOTA": 72.85, "MOTA": 81.26, "IDF1": 86.80}),
        ("folds", False, {"HOTA": 70.53, "MOTA": 79.56, "IDF1": 83.66}),
        ("folds", True, {"HOTA": 70.81, "MOTA": 79.86, "IDF1": 84.00}),
    ],
)
def test_published_result(published_detections, root, tmp_path, parameters, camera, expected):
    folder = root / "exps" / "trackers"
    folds = read_per_sequence(folder / "covertrack_mot17_folds.ini")
    tuned = _tuned(folder)

    def options(info):
        chosen = {"default": {}, "tuned": tuned, "folds": _parsed(folds[info.name])}[parameters]
        return {**chosen, "frame_rate": info.frame_rate, "image_width": info.width}

    check_scores(
        published_detections, tmp_path, CoverTrack, expected, camera=camera, options=options
    )
