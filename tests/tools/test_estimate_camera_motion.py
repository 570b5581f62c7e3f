"""tools/estimate_camera_motion.py as a user types it."""

import json
import re
import shlex

import numpy as np
import pytest

from yolox.formats.camera_motion import read_camera_motion


@pytest.fixture
def scenes(call, tmp_path):
    """Two sequences of 6 frames that `tools/make_synthetic.py` drew."""
    done = call("make_synthetic", "--output", "s", "--preset", "moving_camera", "--frames", 6,
                "--width", 320, "--height", 180, "--sequences", 2)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tmp_path / "s"


def test_a_tree_becomes_a_folder_that_trackers_take(call, scenes, tmp_path):
    words = ["--images", "s/train", "--detections", "s/detections/train", "--output", "out",
             "--method", "sparse_flow", "--height", 120]  # fmt: skip
    one = call("estimate_camera_motion", *words, "--workers", 1, "--sequences", "*-000")
    assert one.returncode == 0, one.stderr
    assert one.stdout == "moving_camera-000: 6 frames\ncamera motion in out\n"
    (tmp_path / "out/moving_camera-000.txt").rename(tmp_path / "kept.txt")
    both = call("estimate_camera_motion", *words, "--workers", 2)
    assert both.returncode == 0, both.stderr
    for name in ("moving_camera-000", "moving_camera-001"):
        assert f"{name}: 6 frames" in both.stdout
        warps = read_camera_motion(tmp_path / f"out/{name}.txt")
        truth = read_camera_motion(scenes / f"camera_motion/train/{name}.txt")
        np.testing.assert_allclose(warps[:, :, 2], truth[:, :, 2], atol=2)
    kept = (tmp_path / "kept.txt").read_bytes()
    assert kept == (tmp_path / "out/moving_camera-000.txt").read_bytes()
    (tmp_path / "out/moving_camera-001.txt").unlink()
    resumed = call("estimate_camera_motion", *words)
    assert "moving_camera-000: already there" in resumed.stdout
    assert "moving_camera-001: 6 frames" in resumed.stdout
    tracked = call("track", "--detections", "s/detections/train", "--gt", "s/train",
                   "--camera-motion", "out", "--output", "tracks")  # fmt: skip
    assert tracked.returncode == 0, tracked.stderr


def test_frames_that_tell_nothing_are_noted(call, scenes, tmp_path):
    from PIL import Image

    for path in (scenes / "train/moving_camera-000/img1").glob("*.jpg"):
        Image.new("RGB", (320, 180), "grey").save(path)
    done = call("estimate_camera_motion", "--images", "s/train", "--output", "out", "--sequences",
                "*-000", "--method", "ecc")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "note: moving_camera-000: 5 frames tell too little; the camera is taken to" in (
        done.stderr
    )
    warps = read_camera_motion(tmp_path / "out/moving_camera-000.txt")
    np.testing.assert_array_equal(warps, np.tile(np.eye(2, 3), (6, 1, 1)))


def test_faults_in_one_line(fail, call, scenes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tool, images = "estimate_camera_motion", ["--images", "s/train"]
    assert "s/train: holds the input; give another" in fail(tool, *images, "--output", "s/train")
    (tmp_path / "file").write_text("")
    assert "file: is a file; give a folder" in fail(tool, *images, "--output", "file")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/a.txt").write_text("0 1 0 0 0 1 0\n")
    message = "old/a.txt: was not made from these files with these settings; give another folder"
    assert message in fail(tool, *images, "--output", "old")
    note = {"method": "orb"}
    (tmp_path / "old/made_by.json").write_text(json.dumps(note))
    assert message in fail(tool, *images, "--output", "old")
    assert json.loads((tmp_path / "old/made_by.json").read_text()) == note
    assert "holds no <sequence>/seqinfo.ini that fits 'x'" in fail(
        tool, *images, "--output", "out", "--sequences", "x"
    )
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong/moving_camera-000.txt").write_text("7,-1,1,1,5,5,0.9\n")
    assert "reach frame 7, but seqinfo.ini gives the sequence 6 frames" in fail(
        tool, *images, "--output", "out", "--detections", "wrong", "--sequences", "*-000"
    )
    assert "--height: must be at least 32, got 3" in fail(
        tool, *images, "--output", "out", "--height", 3
    )
    (tmp_path / "s/train/moving_camera-000/img1/000004.jpg").write_bytes(b"\xff\xd8")
    assert "000004.jpg" in fail(tool, *images, "--output", "out", "--workers", 1)
    assert not list((tmp_path / "out").glob("*-000.txt"))


def test_the_commands_of_the_page(root, call, scenes, tmp_path):
    """Those of docs/trackers/camera_motion.md, with the folders of this scene."""
    text = (root / "docs/trackers/camera_motion.md").read_text()
    commands = re.findall(r"^python tools/(\S+)\.py (.*)$", text.replace("\\\n", " "), re.MULTILINE)
    assert {tool for tool, _ in commands} == {"estimate_camera_motion", "track"}
    for tool, line in commands:
        line = line.replace("datasets/mot/train", "s/train")
        words = shlex.split(line.replace("DETECTIONS", "s/detections/train"))
        done = call(tool, *words)
        assert done.returncode == 0, done.stderr
