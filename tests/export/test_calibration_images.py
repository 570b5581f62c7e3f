import cv2
import numpy as np
import pytest

from yolox.export.calibration_images import read_batches
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT


@pytest.fixture
def folders(tmp_path):
    """Two folders of grey images: 10 from 0 on, and 4 from 100 on."""
    for name, first, count in (("a", 0, 10), ("b", 100, 4)):
        (tmp_path / name).mkdir()
        for k in range(count):
            image = np.full((32, 32, 3), first + k, dtype=np.uint8)
            cv2.imwrite(str(tmp_path / name / f"{k:02}.png"), image)
    return [tmp_path / "a", tmp_path / "b"]


def greys(batches):
    return [batch[:, 0, 0, 0].astype(int).tolist() for batch in batches]


@pytest.mark.parametrize(
    ("count", "batch", "expected"),
    [
        (4, 1, [[0], [5], [100], [102]]),
        (4, 2, [[0, 5], [100, 102]]),
        (5, 3, [[0, 5, 100], [101, 102, 101]]),
        (99, 16, [[*range(10), *range(100, 104), 0, 1]]),
    ],
)
def test_they_are_spread_evenly(folders, count, batch, expected):
    found = list(read_batches(folders, count, (batch, 32, 32), CURRENT))
    assert greys(found) == expected
    assert {one.shape for one in found} == {(batch, 3, 32, 32)}
    assert found[0].dtype == np.float32


def test_a_source_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        list(read_batches([tmp_path / "nowhere"], 4, (1, 32, 32), CURRENT))
