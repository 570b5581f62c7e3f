"""The trackers in C++ against their definitions."""

import subprocess
import sys

import numpy as np
import pytest
from tracker.random_scenes import has_tie, panned, random_options, random_scene

from yolox.formats.camera_motion import read_camera_motion
from yolox.formats.mot import (
    half_frames,
    list_sequences,
    read_detections,
    read_sequence_info,
    read_tracks,
)
from yolox.structures import Detections, DetectionTable, InputError
from yolox.tracker import Tracker, find_tracker
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.covertrack import CoverTrack
from yolox.tracker.native import NativeByteTrack, NativeCoverTrack, is_built

pytestmark = pytest.mark.skipif(
    not is_built(), reason="the C++ tracker is not built: python setup.py build_ext --inplace"
)

BOX = [100.0, 100.0, 140.0, 200.0]


NATIVE = [NativeByteTrack, NativeCoverTrack]


@pytest.fixture(params=NATIVE, ids=lambda each: each.name)
def native(request):
    return request.param


@pytest.fixture
def definition(native):
    return find_tracker(native.name)


def _far(count, score=0.9):
    """Boxes that never meet each other."""
    return Detections([[200.0 * i, 0, 200.0 * i + 40, 100] for i in range(count)], [score] * count)


def _no_detections():
    none = np.empty(0, dtype=np.int64)
    return DetectionTable(frames=none, boxes=np.empty((0, 4)), scores=np.empty(0), class_ids=none)


def _assert_same(ours, theirs):
    np.testing.assert_array_equal(ours.ids, theirs.ids)
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(ours.class_ids, theirs.class_ids)
    np.testing.assert_allclose(ours.boxes, theirs.boxes, rtol=0, atol=1e-6)


def _random_steps(rng, length):
    """What the frames have beside their detections; in half of the scenes nothing."""
    if rng.random() < 0.5:
        return [{}] * length
    return [
        {
            "dt": float(rng.choice([1, 2, 0.5, 1.3])),
            "camera_motion": np.hstack(
                [np.eye(2) + rng.normal(0, 0.02, (2, 2)), rng.normal(0, 5, (2, 1))]
            )
            if rng.random() < 0.7
            else None,
        }
        for _ in range(length)
    ]


def _differs(definition, native, table, steps):
    """Give the first frame whose tracks differ, 0 if none does."""
    for frame, step in enumerate(steps, start=1):
        expected = definition.update(table.at(frame), **step)
        found = native.update(table.at(frame), **step)
        same = (
            np.array_equal(expected.ids, found.ids)
            and np.array_equal(expected.detection_indices, found.detection_indices)
            and np.array_equal(expected.class_ids, found.class_ids)
            and np.allclose(expected.scores, found.scores, rtol=0, atol=1e-9)
            and np.allclose(expected.boxes, found.boxes, rtol=0, atol=1e-6)
        )
        if not same or native._core.track_count != len(definition._tracks):
            return frame
    return 0


def _fuzz(definition, native, seeds):
    """Give the seeds of scenes whose tracks differ, and how many others differ by a tie."""
    wrong, ties = [], 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        options, (table, length) = random_options(definition, rng), random_scene(rng)
        steps = _random_steps(rng, length)
        if rng.random() < 0.3:
            table = panned(rng, table)
        frame = _differs(definition(**options), native(**options), table, steps)
        if frame and has_tie(definition, options, table, frame, steps):
            ties += 1
        elif frame:
            wrong.append(seed)
    return wrong, ties


def _half_val(folder):
    """Give name, detections, length and camera motion of the second halves of MOT17."""
    mot17 = folder / "mot17"
    for name in list_sequences(mot17 / "golden_byte_half_val"):
        info = read_sequence_info(mot17 / "train" / name / "seqinfo.ini")
        first, last = half_frames(info.length, "val")
        found = read_detections(mot17 / "detections" / "yolox_x_ablation" / f"{name}.txt")
        camera = read_camera_motion(mot17 / "camera_motion" / f"{name}.txt")[first - 1 : last]
        yield name, found.cut(first, last), last - first + 1, camera


# --- the definition, row for row ------------------------------------------------------------------


def test_equals_the_definition_in_random_scenes(definition, native):
    wrong, ties = _fuzz(definition, native, range(400))
    assert wrong == []
    assert ties <= 8  # one scene of ten has rounded numbers


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))  # for as many processes
def test_equals_the_definition_in_ten_thousand_scenes(definition, native, part):
    wrong, ties = _fuzz(definition, native, range(part * 2500, (part + 1) * 2500))
    assert wrong == []
    assert ties <= 50
    print(f"{ties} scenes differ by a tie")


@pytest.mark.data
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"legacy": False},
        {"motion_gate": True},
        {"fuse_score": False},
        {"class_aware": True, "legacy": False, "motion_gate": True, "track_buffer": 7},
    ],
)
def test_golden_rows(published_detections, options):
    rows = 0
    for name, found, length, _ in _half_val(published_detections):
        tracks = NativeByteTrack(**options).update_all(found, length)
        expected = ByteTrack(**options).update_all(found, length)
        np.testing.assert_array_equal(tracks.frames, expected.frames)
        _assert_same(tracks, expected)
        rows += len(tracks)
        if not options:
            folder = published_detections / "mot17" / "golden_byte_half_val"
            golden = read_tracks(folder / f"{name}.txt")
            order = np.lexsort((golden.ids, golden.frames))
            np.testing.assert_array_equal(tracks.frames, golden.frames[order])
            np.testing.assert_array_equal(tracks.ids, golden.ids[order])
            np.testing.assert_allclose(tracks.boxes, golden.boxes[order], atol=0.01)
    assert options or rows == 47_871


@pytest.mark.data
@pytest.mark.parametrize(
    ("options", "given"),
    [
        ({}, True),
        ({}, False),
        ({"last_box": 0.8, "box_camera": False, "covered_belief": 0.99}, False),
    ],
)
def test_covertrack_on_real_detections(published_detections, options, given):
    options = {**options, "image_width": 1920.0}
    for _, found, length, camera in _half_val(published_detections):
        camera = camera if given else None
        tracks = NativeCoverTrack(**options).update_all(found, length, camera_motion=camera)
        expected = CoverTrack(**options).update_all(found, length, camera_motion=camera)
        np.testing.assert_array_equal(tracks.frames, expected.frames)
        _assert_same(tracks, expected)


def test_a_thousand_people_are_the_same(definition, native):
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 1000, (1000, 2))
    expected, tracker = definition(), native()
    for _ in range(4):
        corner = corner + rng.normal(0, 3, corner.shape)
        found = Detections(np.c_[corner, corner + np.array([20, 50])], rng.uniform(0, 1, 1000))
        _assert_same(tracker.update(found), expected.update(found))


def test_everybody_in_one_place_is_the_same(definition, native):
    """Every track overlaps every detection: the assignment is as full as it can be."""
    rng = np.random.default_rng(1)
    expected, tracker = definition(), native()
    for _ in range(10):
        corner = rng.normal(0, 4, (60, 2))
        found = Detections(np.c_[corner, corner + np.array([40, 90])], rng.uniform(0.2, 1, 60))
        _assert_same(tracker.update(found), expected.update(found))


# --- every way to hand the detections over --------------------------------------------------------


def test_the_whole_sequence_at_once_is_frame_after_frame(native):
    rng = np.random.default_rng(7)
    table, length = random_scene(rng)
    one, other = native(), native()
    expected = Tracker.update_all(one, table, length)
    found = other.update_all(table, length)
    np.testing.assert_array_equal(found.frames, expected.frames)
    _assert_same(found, expected)
    assert one.frame == other.frame == length
    _assert_same(other.update(_far(2)), one.update(_far(2)))  # and they go on alike


def test_the_whole_sequence_at_once_with_a_camera_at_half_the_rate(native):
    rng = np.random.default_rng(8)
    table, length = random_scene(rng)
    camera = np.eye(2, 3) + rng.normal(0, [0.01, 0.01, 3], (length, 2, 3))
    one, other = native(), native()
    expected = Tracker.update_all(one, table, length, dt=2, camera_motion=camera)
    found = other.update_all(table, length, dt=2, camera_motion=camera)
    np.testing.assert_array_equal(found.frames, expected.frames)
    _assert_same(found, expected)
    assert one.time == other.time == 2 * length


@pytest.mark.parametrize("source", ["native", "numpy"])
@pytest.mark.parametrize("target", ["native", "numpy"])
def test_a_state_goes_from_one_to_the_other(definition, source, target):
    rng = np.random.default_rng(9)
    table, length = random_scene(rng)
    table = panned(rng, table)
    whole = definition()
    first, second = (find_tracker(definition.name, backend)() for backend in (source, target))
    for frame in range(1, length + 1):
        expected = whole.update(table.at(frame))
        if frame <= length // 2:
            first.update(table.at(frame))
            continue
        if frame == length // 2 + 1:
            second.restore(first.state())
        _assert_same(second.update(table.at(frame)), expected)
    assert (second.frame, second.time) == (whole.frame, whole.time)


def test_rows_are_detections(native):
    found = _far(3, 0.8)
    rows = native().update_rows(np.c_[found.boxes, found.scores])
    tracks = native().update(found)
    columns = [tracks.boxes, tracks.ids, tracks.scores, tracks.class_ids, tracks.detection_indices]
    np.testing.assert_array_equal(rows, np.column_stack(columns))


@pytest.mark.parametrize("form", ["float32", "strided", "fortran", "list"])
def test_rows_of_any_form(native, form):
    rows = np.array([[*BOX, 0.75], [300, 100, 340, 200, 0.875]])
    given = {
        "float32": rows.astype(np.float32),
        "strided": np.repeat(rows, 2, axis=0)[::2],
        "fortran": np.asfortranarray(rows),
        "list": rows.tolist(),
    }[form]
    np.testing.assert_array_equal(native().update_rows(given), native().update_rows(rows))


def test_an_empty_frame_is_a_frame(native):
    tracker = native(track_buffer=3)
    tracker.update(_far(1))
    for nothing in (np.empty((0, 5)), np.empty((0, 5), np.float32), []):
        assert tracker.update_rows(nothing).shape == (0, 8)
    assert len(tracker.update(Detections.empty())) == 0
    assert tracker.frame == tracker._core.frame == 5
    assert tracker.update_all(_no_detections(), 3).ids.tolist() == []


def test_input_is_not_changed(native):
    rows = np.array([[*BOX, 0.9]])
    kept = rows.copy()
    native().update_rows(rows)
    np.testing.assert_array_equal(rows, kept)


def test_output_is_the_callers(native):
    tracker = native()
    first = tracker.update(_far(2))
    kept = first.boxes.copy()
    tracker.update(Detections.empty())
    tracker.update(_far(3))
    np.testing.assert_array_equal(first.boxes, kept)
    first.boxes[:] = 0  # and may be written


# --- ids, reset, memory ---------------------------------------------------------------------------


def test_ids_belong_to_the_instance(native):
    assert native().update(_far(1)).ids.tolist() == [1]
    assert native().update(_far(1)).ids.tolist() == [1]


def test_reset_starts_over(native):
    tracker = native()
    first = [tracker.update(_far(count)).ids.tolist() for count in (1, 2, 2)]
    tracker.reset()
    assert tracker.frame == 0
    assert [tracker.update(_far(count)).ids.tolist() for count in (1, 2, 2)] == first


# The process is its own, so that nothing else moves its memory.
FLAT = """
import numpy as np, resource, sys
from yolox.tracker import find_tracker
tracker, peaks = find_tracker(sys.argv[1], "native")(track_buffer=5), []
for frame in range(100_000):  # everybody is new every tenth frame
    shift = 50.0 * (frame // 10 % 40) + 100 * np.arange(10)[:, None]
    tracker.update_rows(np.hstack([shift, 0 * shift, shift + 40, 0 * shift + 100, 0 * shift + 0.9]))
    if frame in (10_000, 99_999):
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
assert tracker._core.track_count <= 10 * 8, tracker._core.track_count
assert peaks[1] - peaks[0] < 500, peaks
"""


def test_memory_does_not_grow(native):
    subprocess.run([sys.executable, "-c", FLAT, native.name], check=True)


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[np.nan, 0, 1, 1, 0.9]], r"boxes\[0\] is \[nan, 0, 1, 1\]; coordinates are finite"),
        ([[*BOX, 0.9], [0, 0, np.inf, 1, 0.9]], r"boxes\[1\] is \[0, 0, inf, 1\]; coordinates"),
        ([[5, 0, 1, 1, 0.9]], r"boxes\[0\] is \[5, 0, 1, 1\]; x2 and y2 may not be smaller"),
        ([[*BOX, 90]], r"scores\[0\] is 90; scores lie in \[0, 1\]: divide"),
        ([[*BOX]], r"give \(N, 5\): x1, y1, x2, y2, score"),
    ],
)
def test_a_wrong_row_leaves_the_state_unchanged(native, rows, message):
    tracker = native()
    tracker.update(_far(1))
    with pytest.raises(InputError, match=message):
        tracker.update_rows(np.array(rows, dtype=float))
    assert tracker.frame == tracker._core.frame == 1


@pytest.mark.parametrize("algorithm", [ByteTrack, *NATIVE])
@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"dt": 0}, r"dt is 0; give a number from 1e-06 to 1e\+06"),
        ({"dt": float("nan")}, "dt is nan"),
        ({"camera_motion": np.eye(3)}, r"camera_motion has shape \(3, 3\); give \(2, 3\)"),
        ({"camera_motion": np.full((2, 3), np.nan)}, "finite numbers that neither mirror"),
        ({"camera_motion": np.diag([1, -1, 0])[:2]}, "neither mirror nor flatten"),
    ],
)
def test_a_wrong_step_leaves_the_state_unchanged(algorithm, step, message):
    tracker = algorithm()
    with pytest.raises(InputError, match=message):
        tracker.update(_far(1), **step)
    assert (tracker.frame, tracker.time) == (0, 0)


@pytest.mark.parametrize("algorithm", [ByteTrack, *NATIVE])
@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"dt": -1}, "dt is -1; give a number"),
        ({"camera_motion": np.zeros((2, 2, 3))}, r"shape \(2, 2, 3\); give \(3, 2, 3\): a map for"),
        ({"camera_motion": [np.eye(2, 3), np.eye(2, 3), np.zeros((2, 3))]},
         r"camera_motion\[2\] is \[\[0.0, 0.0, 0.0\], .*; give finite numbers that neither mirror"),
        ({"camera_motion": np.full((3, 2, 3), np.inf)}, r"camera_motion\[0\] is \[\[inf"),
    ],
)  # fmt: skip
def test_a_wrong_sequence_leaves_the_state_unchanged(algorithm, step, message):
    tracker, one = algorithm(), _far(1)
    table = DetectionTable(
        frames=np.ones(1, int), boxes=one.boxes, scores=one.scores, class_ids=one.class_ids
    )
    with pytest.raises(InputError, match=message):
        tracker.update_all(table, 3, **step)
    assert (tracker.frame, tracker.state()["frame"], len(tracker.state()["tracks"])) == (0, 0, 0)


def test_wrong_parameters_are_the_definitions_errors(native):
    with pytest.raises(InputError, match="track_thresh is 60; give a number from 0 to 1"):
        native(track_thresh=60)
    with pytest.raises(InputError, match="update got a list; give it Detections"):
        native().update([BOX])


@pytest.mark.parametrize("tracker", [ByteTrack, *NATIVE])
def test_detections_beyond_the_end(tracker):
    table, _ = random_scene(np.random.default_rng(3))
    with pytest.raises(InputError, match=f"reach frame {table.last_frame} of 2; give the length"):
        tracker().update_all(table, 2)


def test_the_core_checks_for_itself(native):
    """It serves programs without Python too."""
    core = native()._core
    none = np.empty(0, dtype=np.int64)
    with pytest.raises(InputError, match="shapes do not fit"):
        core.update(np.zeros((2, 4)), np.zeros(1), none)
    with pytest.raises(InputError, match=r"frames\[1\] is 1 of 3 frames; order the rows"):
        core.track_sequence(
            np.array([2, 1]), np.zeros((2, 4)), np.zeros(2), np.zeros(2, np.int64), 3
        )
    with pytest.raises(InputError, match=r"low_thresh is 1\.5; give a number from 0 to 1"):
        type(core)(low_thresh=1.5)
    with pytest.raises(InputError, match="dt is 0; give a number"):
        core.update_rows([], dt=0)
    with pytest.raises(InputError, match="mirrors or flattens the image"):
        core.update_rows([], camera_motion=np.zeros((2, 3)))
    with pytest.raises(InputError, match=r"give \(length, 2, 3\)"):
        core.track_sequence(none, np.zeros((0, 4)), np.zeros(0), none, 3, 1, np.zeros((2, 2, 3)))


def test_parameters_are_the_definitions(definition, native):
    assert native.parameters() == definition.parameters()
