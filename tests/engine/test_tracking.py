import dataclasses
import os
import signal

import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.engine.tracking import plan_jobs, run_job, run_jobs, summarise, track_sequence
from yolox.formats.camera_motion import write_camera_motion
from yolox.formats.mot import (
    SequenceInfo,
    read_detections,
    read_tracks,
    write_detections,
    write_sequence_info,
)
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import DetectionTable, InputError
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.motion.box_camera import estimate_sequence


@pytest.fixture
def scenes(tmp_path):
    for seed, name in enumerate(("a", "b", "c")):
        scene = make_scene(5, 60, width=640, height=480, seed=seed)
        write_detections(tmp_path / "detections" / f"{name}.txt", scene.detections)
        info = SequenceInfo(name, 62, 640, 480, 15.0)  # the last two frames show nobody
        write_sequence_info(tmp_path / "gt" / name / "seqinfo.ini", info)
    return tmp_path


def test_workers_make_no_difference(scenes):
    for workers, output in ((1, "one"), (3, "three")):
        jobs = plan_jobs(scenes / "detections", scenes / output)
        outcomes = list(run_jobs(jobs, workers))
        assert sorted(outcome.name for outcome in outcomes) == ["a", "b", "c"]
        assert "3 sequences, 180 frames" in summarise(outcomes)
    for name in ("a", "b", "c"):
        one = (scenes / "one" / f"{name}.txt").read_bytes()
        assert one == (scenes / "three" / f"{name}.txt").read_bytes()
        assert one


def test_sequence_info_gives_length_and_frame_rate(scenes):
    options = {"truth": scenes / "gt", "use_sequence_frame_rate": True}
    (job,) = plan_jobs(scenes / "detections", scenes / "out", sequences=["a"], **options)
    assert job.parameters == {"frame_rate": 15.0}
    assert run_job(job).frames == 62


@pytest.mark.parametrize("tracker", ["covertrack", "covertrack_reid"])
def test_who_counts_in_seconds_has_the_frame_rate_unless_told_another(scenes, tracker):
    options = {"tracker": tracker, "sequences": ["a"]}
    where = scenes / "detections", scenes / "out"
    (job,) = plan_jobs(*where, truth=scenes / "gt", **options)
    assert job.parameters["frame_rate"] == 15.0
    (job,) = plan_jobs(*where, truth=scenes / "gt", parameters={"frame_rate": 20.0}, **options)
    assert job.parameters["frame_rate"] == 20.0
    (job,) = plan_jobs(*where, **options)
    assert job.parameters == {}


def test_halves_join_to_the_whole(scenes):
    counts = {}
    for half in ("train", "val"):
        jobs = plan_jobs(scenes / "detections", scenes / half, truth=scenes / "gt", half=half)
        counts[half] = run_job(jobs[0]).frames
        assert read_tracks(scenes / half / "a.txt").frames.min() == 1
    assert counts == {"train": 32, "val": 30}


def test_per_sequence_parameters_win(scenes):
    jobs = plan_jobs(
        scenes / "detections",
        scenes / "out",
        parameters={"track_buffer": 5, "track_thresh": 0.5},
        per_sequence={"b": {"track_buffer": "14"}},
    )
    assert [job.parameters["track_buffer"] for job in jobs] == [5, 14, 5]
    assert jobs[1].parameters["track_thresh"] == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tracker": "bite"}, "no tracker is called 'bite'; there are byte"),
        ({"parameters": {"max_age": 3}}, "tracker byte has no parameter max_age"),
        ({"parameters": {"track_thresh": 3}}, "track_thresh is 3"),
        ({"per_sequence": {"a": {"track_buffer": "long"}}}, r"\[a\] track_buffer is 'long'"),
        ({"half": "val"}, r"needs seqinfo\.ini; give the ground truth \(--gt\)"),
        (
            {"parameters": {"frame_rate": 25.0}, "use_sequence_frame_rate": True},
            "choose one",
        ),
        ({"sequences": ["MOT*"]}, r"fits 'MOT\*'"),
    ],
)
def test_everything_is_checked_before_any_work(scenes, options, message):
    with pytest.raises(InputError, match=message):
        plan_jobs(scenes / "detections", scenes / "out", **options)
    assert not (scenes / "out").exists()


def test_a_tracker_that_takes_no_frame_rate_says_which_option_to_leave_out(scenes):
    options = {"truth": scenes / "gt", "use_sequence_frame_rate": True}
    with pytest.raises(
        InputError, match=r"sort counts in frames .* leave --use-sequence-frame-rat"
    ):
        plan_jobs(scenes / "detections", scenes / "out", tracker="sort", **options)


def test_odd_boxes_are_dropped_unless_told_otherwise(scenes):
    wide = "".join(f"{frame},-1,0,0,200,100,0.9\n" for frame in range(1, 5))
    (scenes / "wide").mkdir()
    (scenes / "wide" / "a.txt").write_text(wide)
    counts = []
    for options in ({}, {"max_aspect_ratio": 0.0}, {"max_aspect_ratio": 2.1}):
        (job,) = plan_jobs(scenes / "wide", scenes / "out", **options)
        assert job.min_box_area == 100
        counts.append(run_job(job).boxes)
    assert counts == [0, 4, 4]


def test_a_worker_that_is_killed(scenes, monkeypatch):
    monkeypatch.setattr("yolox.engine.tracking.run_job", _die)
    jobs = plan_jobs(scenes / "detections", scenes / "out")
    with pytest.raises(InputError, match="ended from outside"):
        list(run_jobs(jobs, 2))


def _die(job):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_never_replace_the_input(scenes):
    detections, truth = scenes / "detections", scenes / "gt"
    before = {path: path.read_bytes() for path in detections.iterdir()}
    with pytest.raises(InputError, match="which the results would replace"):
        plan_jobs(detections, scenes / "out" / ".." / "detections")
    with pytest.raises(InputError, match="lies in the ground truth folder"):
        plan_jobs(detections, truth / "out", truth=truth)
    with pytest.raises(InputError, match="is a file; give a folder"):
        plan_jobs(detections, detections / "a.txt")
    assert before == {path: path.read_bytes() for path in detections.iterdir()}


def test_detections_of_another_half_are_noted(scenes):
    write_detections(
        scenes / "detections" / "a.txt", read_detections(scenes / "detections" / "a.txt").cut(1, 20)
    )
    jobs = plan_jobs(scenes / "detections", scenes / "out", truth=scenes / "gt", half="val")
    assert "ends with frame 20, before half 'val' begins with 33" in run_job(jobs[0]).note
    assert run_job(jobs[1]).note is None


def test_a_broken_file_leaves_the_other_results_whole(scenes):
    (scenes / "detections" / "c.txt").write_text("1,-1,0,0,5,x,1\n")
    jobs = plan_jobs(scenes / "detections", scenes / "out")
    with pytest.raises(InputError, match=r"c\.txt:1: column 6 is 'x'"):
        list(run_jobs(jobs, 1))
    assert sorted(path.name for path in (scenes / "out").iterdir()) == ["a.txt", "b.txt"]


def test_detections_beyond_the_sequence(scenes):
    info = SequenceInfo("a", 40, 640, 480, 30.0)
    write_sequence_info(scenes / "gt" / "a" / "seqinfo.ini", info)
    jobs = plan_jobs(scenes / "detections", scenes / "out", truth=scenes / "gt", sequences=["a"])
    with pytest.raises(InputError, match=r"reach frame 60, but seqinfo\.ini gives the sequence 40"):
        run_job(jobs[0])


def test_frames_without_detections_pass_in_the_tracker():
    scene = make_scene(3, 20, seed=1)
    tracker = ByteTrack()
    emptied = scene.detections.take(scene.detections.frames % 2 == 1)
    tracks = track_sequence(tracker, emptied, 20)
    assert tracker.frame == 20
    assert set(np.unique(tracks.frames)) <= set(range(1, 20, 2))


def _run(scenes, output, **options):
    (job,) = plan_jobs(
        scenes / "detections", scenes / output, truth=scenes / "gt", sequences=["a"], **options
    )
    return run_job(job), read_tracks(scenes / output / "a.txt")


def test_a_lower_rate_is_time_between_frames(scenes):
    outcome, tracks = _run(scenes, "third", frame_step=3)
    assert outcome.frames == 21  # 1, 4, …, 61
    assert set(tracks.frames % 3) == {1}
    tracker, detections = ByteTrack(), read_detections(scenes / "detections" / "a.txt")
    for frame in range(1, 62, 3):
        expected = drop_odd_boxes(tracker.update(detections.at(frame), dt=3))
        assert tracks.ids[tracks.rows_of(frame)].tolist() == expected.ids.tolist()


def test_camera_motion_reaches_the_tracker(scenes):
    """The detections jump by 150 pixels in frame 30, and a file says so."""
    path = scenes / "detections" / "a.txt"
    table = read_detections(path)
    jump = np.where(table.frames >= 30, 150.0, 0)[:, None]
    write_detections(path, dataclasses.replace(table, boxes=table.boxes + jump * [1, 0, 1, 0]))
    warps = np.tile(np.eye(2, 3), (62, 1, 1))
    warps[29, 0, 2] = 150
    (scenes / "camera").mkdir()
    write_camera_motion(scenes / "camera" / "a.txt", warps)
    known, tracks = _run(scenes, "known", camera_motion=scenes / "camera")
    unknown, _ = _run(scenes, "unknown")
    before, after = (set(tracks.ids[tracks.rows_of(frame)]) for frame in (29, 30))
    assert len(before & after) >= len(before) - 1
    assert unknown.ids > known.ids
    whole, _ = _run(scenes, "train", camera_motion=scenes / "camera", half="train")
    assert whole.ids <= known.ids  # the jump, of frame 30, is in this half
    write_camera_motion(scenes / "camera" / "a.txt", warps[:50])
    with pytest.raises(
        InputError, match=r"a\.txt: has 50 frames, the sequence 62; give the camera"
    ):
        _run(scenes, "short", camera_motion=scenes / "camera")
    warps[40, 0, 0] = -1
    write_camera_motion(scenes / "camera" / "a.txt", warps)
    with pytest.raises(InputError, match=r"a\.txt: camera_motion\[40\] is .*; give finite numbers"):
        _run(scenes, "mirrored", camera_motion=scenes / "camera")
    with pytest.raises(InputError, match=r"a\.txt: no such file; give the folder of camera motion"):
        _run(scenes, "elsewhere", camera_motion=scenes)


def test_camera_motion_from_the_boxes(scenes):
    """Five people stand; the camera jerks by more than their width, and back five frames later."""
    frames = np.repeat(np.arange(1, 61), 5)
    left = np.tile([10.0, 130, 250, 370, 490], 60) + np.where(frames // 5 % 2, 40, 0)
    table = DetectionTable(
        frames=frames,
        boxes=np.c_[left, np.full(300, 100.0), left + 30, np.full(300, 220.0)],
        scores=np.full(300, 0.9),
        class_ids=np.zeros(300, dtype=np.int64),
    )
    write_detections(scenes / "detections" / "a.txt", table)
    told, _ = _run(scenes, "told", camera_motion="boxes")
    unknown, _ = _run(scenes, "unknown")
    assert (told.ids, told.boxes) == (5, 300)
    assert unknown.ids > 5
    halved = track_sequence(ByteTrack(), table, 62, camera_motion="boxes", frame_step=2)
    expected = ByteTrack().update_all(
        table.every(2), 31, dt=2, camera_motion=estimate_sequence(table.every(2), 31, dt=2)
    )
    np.testing.assert_array_equal(halved.boxes, expected.boxes)


def test_embeddings_from_another_folder(scenes):
    rows = len(read_detections(scenes / "detections" / "a.txt"))
    (scenes / "looks").mkdir()
    with pytest.raises(InputError, match=r"looks/a\.npy: no such file; give a folder"):
        _run(scenes, "out", tracker="byte_reid", embeddings=scenes / "looks")
    same = np.tile(np.eye(4, dtype=np.float32)[:1], (rows, 1))
    np.save(scenes / "looks" / "a.npy", same)
    outcome, _ = _run(scenes, "out", tracker="byte_reid", embeddings=scenes / "looks")
    assert outcome.ids
