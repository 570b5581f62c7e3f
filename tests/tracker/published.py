"""Scores of a tracker on the published detections: second halves of MOT17, protocol trackeval."""

import pytest

from yolox.formats.camera_motion import read_camera_motion
from yolox.formats.mot import (
    half_frames,
    list_sequences,
    read_detections,
    read_sequence_info,
    write_tracks,
)
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.results.filtering import drop_odd_boxes


def check_scores(
    shared, output, algorithm, expected, *, camera=False, tolerance=0.02, options=lambda info: {}
):
    """Track all sequences into the folder `output`; expect scores by their names.

    `options` tells from a sequence's `seqinfo.ini` what the tracker is made with.
    """
    mot17 = shared / "mot17"
    folder = mot17 / "detections" / "yolox_x_ablation"
    names = list_sequences(folder)
    for name in names:
        info = read_sequence_info(mot17 / "train" / name / "seqinfo.ini")
        first, last = half_frames(info.length, "val")
        motion = None
        if camera:
            motion = read_camera_motion(mot17 / "camera_motion" / f"{name}.txt")[first - 1 : last]
        tracks = algorithm(**options(info)).update_all(
            read_detections(folder / f"{name}.txt").cut(first, last),
            last - first + 1,
            camera_motion=motion,
        )
        write_tracks(output / f"{name}.txt", drop_odd_boxes(tracks))
    scores = evaluate(load_sequences(mot17 / "train", output, names, "val"), "trackeval")[COMBINED]
    for metric, value in expected.items():
        assert scores[metric] == pytest.approx(value, abs=tolerance), metric
