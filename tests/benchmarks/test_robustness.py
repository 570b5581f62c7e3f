"""The benchmark of worse detections runs, and does to them what it says."""

import dataclasses
import importlib.util

import numpy as np
import pytest
from in_process import run_here

from yolox.structures import DetectionTable


@pytest.fixture(scope="module")
def robustness(root):
    spec = importlib.util.spec_from_file_location("robustness", root / "benchmarks/robustness.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def found():
    """Two hundred frames of ten people, 20 by 50 pixels each."""
    frames, person = np.repeat(np.arange(1, 201), 10), np.tile(np.arange(10), 200)
    corner = np.column_stack([100.0 * person, np.full(len(person), 40.0)])
    return DetectionTable(
        frames=frames,
        boxes=np.column_stack([corner, corner[:, 0] + 20, corner[:, 1] + 50]),
        scores=np.tile(np.linspace(0.05, 0.95, 10), 200),
        class_ids=np.zeros(len(frames), dtype=np.int64),
    )


def test_every_option(root, tmp_path):
    made = ["--output", "scene", "--people", 8, "--frames", 60, "--no-images"]
    done = run_here(tmp_path, root / "tools" / "make_synthetic.py", *made)
    assert done.returncode == 0, done.stderr
    words = ["--detections", "scene/detections/train", "--gt", "scene/train", "--half", "val",
             "--trackers", "byte", "sort", "--seed", 1]  # fmt: skip
    done = run_here(tmp_path, root / "benchmarks" / "robustness.py", *words)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [word.strip() for word in lines[0].split("|")[1:-1]] == [
        "HOTA / MOTA / IDF1", "byte", "sort",
    ]  # fmt: skip
    assert len(lines) == 2 + 12


def test_missed(robustness, found):
    random = np.random.default_rng(0)
    assert len(robustness.missed(found, random)) / len(found) == pytest.approx(0.8, abs=0.03)
    kept = robustness.missed_in_spells(found, random)
    assert len(kept) / len(found) == pytest.approx(6 / 7, abs=0.05)
    # Of somebody who stands still five frames are there or none; the first spell has four.
    rows = kept.boxes[:, 0] == 300
    assert set(np.bincount(kept.frames[rows] // 5)) <= {0, 1, 4, 5}


def test_boxes_and_scores(robustness, found):
    random = np.random.default_rng(0)
    moved = robustness.shaken(found, random).boxes - found.boxes
    assert moved.std() == pytest.approx(0.04 * 50, rel=0.05)
    assert robustness.enlarged(found, random).boxes[0].tolist() == [-2, 37.5, 22, 92.5]
    assert robustness.low_scores(found, random).scores[9] == pytest.approx(0.8 * 0.95)
    assert set(robustness.no_scores(found, random).scores) == {1.0}
    assert len(robustness.no_scores(found, random)) == 5 * 200
    noise = robustness.random_scores(found, random).scores - found.scores
    assert noise[np.tile(np.arange(10), 200) == 5].std() == pytest.approx(0.2, rel=0.1)


def test_false_ones(robustness, found):
    more = robustness.made_up(found, np.random.default_rng(0))
    assert len(more) / len(found) == pytest.approx(1.1, abs=0.02)
    assert (np.diff(more.frames) >= 0).all()
    np.testing.assert_allclose(more.boxes[:, 2:] - more.boxes[:, :2], [[20, 50]] * len(more))


def test_embeddings_stay_with_their_boxes(robustness, found):
    looks = np.arange(len(found), dtype=np.float32)[:, None]
    seen = dataclasses.replace(found, embeddings=looks)
    for title, (worsen, _) in robustness.ROWS.items():
        worse = worsen(seen, np.random.default_rng(0))
        assert worse.embeddings is not None, title
        assert len(worse.embeddings) == len(worse), title
    more = robustness.made_up(seen, np.random.default_rng(0))
    true = (more.boxes[:, None, 0] == 100.0 * np.arange(10)).any(axis=1)
    np.testing.assert_array_equal(more.embeddings[true], looks)
    lent = more.embeddings[~true][:, 0]
    assert set(lent) <= set(looks[:, 0])
    # Row r of the table is of frame 1 + r // 10.
    assert (lent // 10 + 1 != more.frames[~true]).mean() > 0.95
    # Made up or not, boxes and scores are the same.
    np.testing.assert_array_equal(
        more.boxes, robustness.made_up(found, np.random.default_rng(0)).boxes
    )
