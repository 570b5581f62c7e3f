import json

import pytest

from yolox.data.convert import convert
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import write_sequence
from yolox.engine.track_validation import score_tracking
from yolox.engine.tracking import track_sequence
from yolox.formats.coco import read_coco
from yolox.formats.mot import read_ground_truth
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.results.filtering import drop_odd_boxes
from yolox.tracker.byte_tracker import ByteTrack

FRAMES = 60


@pytest.fixture
def scenes(tmp_path):
    """Two videos as a COCO document with their detections, and MOTChallenge's way to the scores."""
    made = [make_scene(6, FRAMES, seed=seed, width=128, height=72) for seed in (1, 2)]
    for number, scene in enumerate(made):
        write_sequence(scene, f"scene-{number}", tmp_path)
    convert("synthetic", tmp_path, tmp_path)
    document = read_coco(tmp_path / "annotations" / "train.json")
    found, sequences = {}, {}
    for number, scene in enumerate(made):
        for image in document["images"]:
            if image["file_name"].split("/")[-3] == f"scene-{number}":
                found[image["id"]] = scene.detections.at(image["frame_id"])
        tracks = drop_odd_boxes(track_sequence(ByteTrack(), scene.detections, FRAMES))
        truth = read_ground_truth(tmp_path / "train" / f"scene-{number}" / "gt" / "gt.txt")
        sequences[str(number)] = ScoredSequence(truth, tracks, FRAMES)
    return document, found, evaluate(sequences, "trackeval", "MOT15")[COMBINED]


def test_the_scores_are_those_of_the_files(scenes):
    document, found, expected = scenes
    scores = score_tracking(document, found)
    for name in ("HOTA", "MOTA", "IDF1"):
        assert scores[name.lower()] == pytest.approx(expected[name] / 100, abs=1e-4)
    assert 0.1 < scores["hota"] < 1


def test_nothing_found_and_nobody_known(scenes):
    document, found, _ = scenes
    assert score_tracking(document, {})["idf1"] == 0
    nobody = json.loads(json.dumps(document))
    for record in nobody["annotations"]:
        record["track_id"] = -1
    assert score_tracking(nobody, found) == {}
