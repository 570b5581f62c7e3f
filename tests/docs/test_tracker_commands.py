"""The commands of the trackers' pages, over a walk of two people who have embeddings."""

import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

from yolox.formats.mot import read_tracks, write_detections, write_ground_truth
from yolox.structures import DetectionTable, TruthTable

FRAMES, NAME = 41, "MOT17-02-FRCNN"
INFO = f"[Sequence]\nseqLength={FRAMES}\nimWidth=640\nimHeight=480\nframeRate=30\n"

# Options that the pages speak of.
ADDED = {
    "ocsort": [("--use-byte",), ("--inertia", "0")],
    "hybrid_sort": [("--score-weight", "0"), ("--inertia", "0"), ("--no-use-byte",)],
    "deep_ocsort": [("--appearance-weight", "0", "--appearance-bonus", "0")],
    "fairmot": [
        ("--track-thresh", "0.6", "--new-thresh", "0.7"),
        ("--tracker", "jde"),
        ("--tracker", "fairmot_byte"),
    ],
    "motdt": [("--predicted-thresh", "1")],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    frames, ids = np.repeat(np.arange(1, FRAMES + 1), 2), np.tile([1, 2], FRAMES)
    left = np.where(ids == 1, 50 + 4 * frames, 500 - 4 * frames)
    boxes = np.stack([left, 200 * ids, left + 40, 200 * ids + 120], axis=1)
    ones = np.ones(len(frames), dtype=np.int64)
    truth = TruthTable(frames=frames, boxes=boxes.astype(float), ids=ids, considered=ones == 1,
                       class_ids=ones, visibility=ones.astype(float))  # fmt: skip
    for tree in ("mot", "low_fps"):
        sequence = folder / "datasets" / tree / "train" / NAME
        sequence.mkdir(parents=True)
        (sequence / "seqinfo.ini").write_text(INFO)
        write_ground_truth(sequence / "gt" / "gt.txt", truth)
    for found in ("DETECTIONS", "runs/low_fps/found"):
        write_detections(
            folder / found / f"{NAME}.txt",
            DetectionTable(frames=frames, boxes=boxes.astype(float),
                           scores=np.full(len(frames), 0.9), class_ids=0 * ones,
                           embeddings=np.eye(8, dtype=np.float32)[ids]),
        )  # fmt: skip
    return folder


@pytest.mark.parametrize("page", ADDED)
def test_the_command_runs(root, place, page):
    text = (root / "docs" / "trackers" / f"{page}.md").read_text()
    (command,) = re.findall(r"`(python tools/track\.py[^`]*)`", text)
    _, tool, *words = shlex.split(command)
    for added in [(), *ADDED[page]]:
        done = subprocess.run(
            [sys.executable, str(root / tool), *words, *added], cwd=place, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        tracks = read_tracks(place / words[words.index("--output") + 1] / f"{NAME}.txt")
        assert set(tracks.ids.tolist()) == {1, 2}
