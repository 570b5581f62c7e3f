import numpy as np
import pytest

from yolox.formats.camera_motion import read_camera_motion, write_camera_motion
from yolox.structures import InputError

STILL = "0 1 0 0 0 1 0\n"


def test_rows_are_maps_of_points(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(STILL + "1\t1.1\t-0.2\t3\t0.2\t1.1\t-4\t\n\n")
    motion = read_camera_motion(path)
    assert motion.shape == (2, 2, 3)
    assert (motion[1] @ [10, 20, 1]).tolist() == [10, 20]


def test_what_is_written_reads_back(tmp_path):
    motion = np.random.default_rng(0).normal(0, 5, (30, 2, 3))
    write_camera_motion(tmp_path / "a.txt", motion)
    np.testing.assert_allclose(read_camera_motion(tmp_path / "a.txt"), motion, atol=1e-9)
    assert (tmp_path / "a.txt").read_text().split("\n")[3].startswith("3 ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.txt: holds no camera motion"),
        (STILL + "1 1 0 0 0 1\n", r"a\.txt:2: has 6 columns; give frame a11"),
        (STILL + "1,1,0,0,0,1,0\n", r"a\.txt:2: has 1 columns"),
        (STILL + "1 1 0 x 0 1 0\n", r"a\.txt:2: could not convert .*'x'; give numbers"),
        (STILL + "1 1 0 nan 0 1 0\n", r"a\.txt:2: .*give finite numbers"),
        (STILL + "2 1 0 0 0 1 0\n", r"a\.txt:2: frame is 2, 1 is due"),
        ("1 1 0 0 0 1 0\n", r"a\.txt:1: frame is 1, 0 is due; frames count from 0"),
    ],
)
def test_bad_files_are_named(tmp_path, text, message):
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_camera_motion(path)


@pytest.mark.data
def test_the_real_files_read(shared_data):
    for path in sorted((shared_data / "mot17" / "camera_motion").glob("*.txt")):
        motion = read_camera_motion(path)
        np.testing.assert_array_equal(motion[0], np.eye(3)[:2])
        # Similarities near the identity: a camera does not jump.
        assert (np.abs(np.linalg.det(motion[:, :, :2]) - 1) < 0.3).all()
