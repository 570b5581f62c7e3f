"""BYTE on the published detections, against what the original put out."""

import json

import numpy as np
import pytest

from yolox.engine.tracking import plan_jobs, run_jobs, track_sequence
from yolox.formats.mot import (
    half_frames,
    list_sequences,
    read_detections,
    read_sequence_info,
    read_tracks,
)
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.structures import Detections, box_iou
from yolox.tracker.byte_tracker import ByteTrack

pytestmark = pytest.mark.data


def test_golden_rows(published_detections):
    mot17 = published_detections / "mot17"
    rows = 0
    for name in list_sequences(mot17 / "golden_byte_half_val"):
        golden = read_tracks(mot17 / "golden_byte_half_val" / f"{name}.txt")
        info = read_sequence_info(mot17 / "train" / name / "seqinfo.ini")
        first, last = half_frames(info.length, "val")
        found = read_detections(mot17 / "detections" / "yolox_x_ablation" / f"{name}.txt")
        tracks = track_sequence(ByteTrack(), found.cut(first, last), last - first + 1)
        order = np.lexsort((golden.ids, golden.frames))
        np.testing.assert_array_equal(tracks.frames, golden.frames[order])
        np.testing.assert_array_equal(tracks.ids, golden.ids[order])
        np.testing.assert_allclose(tracks.boxes, golden.boxes[order], atol=0.01)
        np.testing.assert_allclose(tracks.scores, golden.scores[order], atol=1e-4)
        rows += len(tracks)
    assert rows == 47_871


@pytest.fixture(scope="module")
def results(published_detections, tmp_path_factory):
    folder = tmp_path_factory.mktemp("byte")
    mot17 = published_detections / "mot17"
    jobs = plan_jobs(
        mot17 / "detections" / "yolox_x_ablation", folder, truth=mot17 / "train", half="val"
    )
    assert sum(outcome.frames for outcome in run_jobs(jobs)) == 2652
    return load_sequences(mot17 / "train", folder, [job.name for job in jobs], "val")


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("motmetrics", {"MOTA": 76.56, "IDF1": 79.38, "IDSW": 161}),
        ("trackeval", {"HOTA": 67.79, "MOTA": 77.82, "IDF1": 79.91, "IDSW": 167}),
    ],
)
def test_published_result(results, protocol, expected):
    scores = evaluate(results, protocol)[COMBINED]
    for metric, value in expected.items():
        assert scores[metric] == pytest.approx(value, abs=1 if metric == "IDSW" else 0.02), metric
    truth = [sequence.truth for sequence in results.values()]
    assert sum(int(table.considered.sum()) for table in truth) == 53_890
    assert sum(len(set(table.ids[table.considered].tolist())) for table in truth) == 339


def test_sort_scores_as_the_original(published_detections, tmp_path):
    mot17 = published_detections / "mot17"
    folder = mot17 / "detections" / "yolox_x_ablation"
    jobs = plan_jobs(folder, tmp_path, tracker="sort", truth=mot17 / "train", half="val")
    list(run_jobs(jobs))
    scores = evaluate(load_sequences(mot17 / "train", tmp_path, [job.name for job in jobs], "val"))
    expected = {"HOTA": 66.36, "MOTA": 74.61, "IDF1": 77.52, "IDSW": 232}
    for metric, value in expected.items():
        assert scores[COMBINED][metric] == pytest.approx(value, abs=0.02), metric


def test_palace_ids_are_those_of_the_cpp_tracker(shared_data):
    found = _by_frame(shared_data / "palace" / "detection_results.json")
    golden = _by_frame(shared_data / "palace" / "tracking_results.json")
    tracker = ByteTrack(track_thresh=0.5, new_thresh=0.6, match_thresh=0.8, fuse_score=False)
    for frame in range(115):
        rows = found.get(frame, [])
        boxes = np.array([_box(row) for row in rows]).reshape(-1, 4)
        tracks = tracker.update(Detections(boxes, [float(row["prob"]) for row in rows]))
        expected = {int(row["track_id"]): _box(row) for row in golden.get(frame, [])}
        assert tracks.ids.tolist() == sorted(expected), frame
        same = np.array([expected[track.track_id] for track in tracks])
        # The C++ program smooths some boxes otherwise; that it is the same person is what counts.
        assert np.diag(box_iou(tracks.boxes, same)).min() > 0.7


def _by_frame(path):
    frames = {}
    for row in json.loads(path.read_text())["results"]:
        frames.setdefault(int(row["frame_id"]), []).append(row)
    return frames


def _box(row):
    x, y, width, height = (float(row[key]) for key in ("x", "y", "width", "height"))
    return [x, y, x + width, y + height]
