"""The command of each tracker's page, on a made-up sequence with embeddings."""

import re
import runpy
import shlex
import sys

import numpy as np
import pytest

from yolox.formats.mot import (
    SequenceInfo,
    read_tracks,
    write_detections,
    write_ground_truth,
    write_sequence_info,
)
from yolox.structures import DetectionTable, TruthTable

LENGTH = 40


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Two people who walk side by side through `datasets/mot/train/A`, found in `DETECTIONS`."""
    frames = np.repeat(np.arange(1, LENGTH + 1), 2)
    left = 3.0 * frames + np.tile([100, 300], LENGTH)
    boxes = np.c_[left, np.full(len(left), 100), left + 40, np.full(len(left), 200)]
    ids, ones = np.tile([1, 2], LENGTH), np.ones(2 * LENGTH)
    sequence = tmp_path / "datasets" / "mot" / "train" / "A"
    sequence.mkdir(parents=True)
    write_sequence_info(sequence / "seqinfo.ini", SequenceInfo("A", LENGTH, 30, 640, 480))
    write_ground_truth(
        sequence / "gt" / "gt.txt",
        TruthTable(frames=frames, ids=ids, boxes=boxes, considered=ones == 1,
                   class_ids=ones.astype(np.int64), visibility=ones),
    )  # fmt: skip
    (tmp_path / "DETECTIONS").mkdir()
    table = DetectionTable(
        frames=frames, boxes=boxes, scores=0.9 * ones, class_ids=ids - ids,
        embeddings=np.eye(8, dtype=np.float32)[ids],
    )  # fmt: skip
    write_detections(tmp_path / "DETECTIONS" / "A.txt", table)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["botsort", "cbiou", "covertrack", "deepsort", "strongsort"])
def test_the_command_runs(root, place, page, monkeypatch, capsys):
    text = (root / "docs" / "trackers" / f"{page}.md").read_text()
    commands = re.findall(r"`python (tools/track\.py [^`]*)`", text)
    assert len(commands) == (2 if page == "covertrack" else 1)
    for command in commands:
        tool, *words = shlex.split(command)
        name = words[words.index("--tracker") + 1]
        assert name in (page, f"{page}_reid")
        monkeypatch.setattr(sys, "argv", [tool, *words])
        runpy.run_path(str(root / tool), run_name="__main__")
        assert "HOTA" in capsys.readouterr().out
        tracks = read_tracks(place / "runs" / name / "A.txt")
        assert set(tracks.ids) == {1, 2}
        assert len(tracks) >= 2 * 17  # the second half has 19 frames; a start takes two at most
