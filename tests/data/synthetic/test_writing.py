import cv2
import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import is_written, write_sequence
from yolox.formats.camera_motion import read_camera_motion
from yolox.formats.mot import read_detections, read_ground_truth, read_sequence_info
from yolox.structures import InputError


def _scene(**options):
    return make_scene(
        6, 4, **{"preset": "moving_camera", "width": 160, "height": 96, "seed": 2, **options}
    )


def test_everything_reads_back(tmp_path):
    scene = _scene()
    calls = []
    written = write_sequence(scene, "a-01", tmp_path, on_frame=lambda: calls.append(1))
    assert (written.frames, written.boxes, len(calls)) == (4, len(scene.truth), 4)
    folder = tmp_path / "train" / "a-01"
    truth = read_ground_truth(folder / "gt" / "gt.txt")
    np.testing.assert_array_equal(truth.ids, scene.truth.ids)
    np.testing.assert_allclose(truth.boxes, scene.truth.boxes, atol=0.02)
    info = read_sequence_info(folder / "seqinfo.ini")
    assert (info.name, info.length, info.width, info.height) == ("a-01", 4, 160, 96)
    for number in range(1, 5):
        assert cv2.imread(str(folder / "img1" / f"{number:06d}.jpg")).shape == (96, 160, 3)
    rows = (folder / "det" / "det.txt").read_bytes()
    assert rows == (tmp_path / "detections" / "train" / "a-01.txt").read_bytes()
    found = read_detections(tmp_path / "detections" / "train" / "a-01.txt")
    assert len(found) == len(scene.detections)
    motion = read_camera_motion(tmp_path / "camera_motion" / "train" / "a-01.txt")
    np.testing.assert_allclose(motion, scene.camera_motion, atol=1e-8)


def test_the_same_seed_gives_the_same_files(tmp_path):
    for output in ("one", "two"):
        write_sequence(_scene(), "a", tmp_path / output)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes()
         for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    )  # fmt: skip
    assert one == two
    assert len(one) == 4 + 5


def test_a_whole_sequence_is_known_and_a_broken_one_is_made_again(tmp_path):
    scene = _scene()
    assert not is_written(scene, "a", tmp_path)
    write_sequence(scene, "a", tmp_path, images=False)
    assert is_written(scene, "a", tmp_path, images=False)
    assert not is_written(scene, "a", tmp_path)
    write_sequence(scene, "a", tmp_path)
    assert is_written(scene, "a", tmp_path)
    with pytest.raises(InputError, match="a: holds another scene; remove it or give another"):
        is_written(_scene(seed=3), "a", tmp_path)


def test_a_run_that_stops_leaves_no_ground_truth(tmp_path):
    scene = _scene()
    write_sequence(scene, "a", tmp_path)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sequence(scene, "a", tmp_path, on_frame=stop)
    left = {path.name for path in (tmp_path / "train" / "a").rglob("*.*")}
    assert left == {"000001.jpg", "det.txt"}
    assert not is_written(scene, "a", tmp_path)


def test_a_scene_that_shows_nobody_and_a_split_that_is_no_name_are_refused(tmp_path):
    scene = _scene()
    nobody = scene._replace(truth=scene.truth.take(np.zeros(len(scene.truth), bool)))
    with pytest.raises(InputError, match="a shows nobody"):
        write_sequence(nobody, "a", tmp_path)
    with pytest.raises(InputError, match=r"split is '\.\./x'; give the name of one folder"):
        write_sequence(scene, "a", tmp_path, split="../x")
    with pytest.raises(InputError, match=r"split is '\.\.'"):
        write_sequence(scene, "a", tmp_path, split="..")
    assert not list(tmp_path.iterdir())
