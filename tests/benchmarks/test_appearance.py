"""The benchmark of appearance runs, and better looks do not make it worse."""

import json

from in_process import run_here


def test_every_option(root, tmp_path):
    made = ["--output", "scene", "--people", 8, "--frames", 60, "--no-images"]
    done = run_here(tmp_path, root / "tools" / "make_synthetic.py", *made)
    assert done.returncode == 0, done.stderr
    (name,) = (path.name for path in (tmp_path / "scene" / "train").iterdir())
    (tmp_path / "camera").mkdir()
    rows = [f"{frame} 1 0 0 0 1 0\n" for frame in range(60)]
    (tmp_path / "camera" / f"{name}.txt").write_text("".join(rows))
    words = ["--detections", "scene/detections/train", "--gt", "scene/train", "--half", "val",
             "--camera-motion", "camera", "--trackers", "byte", "byte_reid", "--seed", 1,
             "--slow-noise", 0.5, "--length", 16, "--json", "looks.json"]  # fmt: skip
    done = run_here(tmp_path, root / "benchmarks" / "appearance.py", *words)
    assert done.returncode == 0, done.stderr
    assert "| HOTA at rank-1" in done.stdout
    assert "| IDF1 at rank-1" in done.stdout
    scores = json.loads((tmp_path / "looks.json").read_text())
    titles = ["nothing", "0.50", "0.65", "0.80", "0.90", "0.95"]
    assert [list(by_quality) for by_quality in scores.values()] == [titles, titles]
    # BYTE does not look.
    assert len({each["HOTA"] for each in scores["byte"].values()}) == 1
    assert scores["byte_reid"]["0.95"]["IDF1"] >= scores["byte_reid"]["nothing"]["IDF1"]


def test_a_share_out_of_range(root, tmp_path):
    made = ["--output", "scene", "--people", 4, "--frames", 5, "--no-images"]
    assert run_here(tmp_path, root / "tools" / "make_synthetic.py", *made).returncode == 0
    words = ["--detections", "scene/detections/train", "--gt", "scene/train", "--slow-noise", 2]
    done = run_here(tmp_path, root / "benchmarks" / "appearance.py", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("error: slow_noise is 2")
