import numpy as np
import pytest

from yolox.data.preprocess import letterbox, preprocess
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY


def test_letterbox_pads_right_and_below():
    image = np.full((50, 100, 3), 7, np.uint8)
    padded, fitted = letterbox(image, (64, 64))
    assert fitted.scale == 0.64
    assert (padded[:32] == 7).all()
    assert (padded[32:] == 114).all()
    np.testing.assert_allclose(fitted.to_image(np.array([[0, 0, 64, 32.0]])), [[0, 0, 100, 50]])


def test_the_two_conventions():
    blue = np.zeros((8, 8, 3), np.uint8)
    blue[..., 0] = 255  # OpenCV's order is BGR
    legacy, _ = preprocess(blue, (8, 8), LEGACY)
    current, _ = preprocess(blue, (8, 8), CURRENT)
    expected = [(0 - 0.485) / 0.229, (0 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    np.testing.assert_allclose(legacy[:, 0, 0], expected, rtol=1e-5)
    assert current[:, 0, 0].tolist() == [255, 0, 0]
    assert legacy.dtype == current.dtype == np.float32


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)]
)
def test_what_is_no_image_is_refused(image):
    with pytest.raises(InputError, match=r"give uint8 \(height, width, 3\)"):
        letterbox(image, (8, 8))


def test_an_image_that_was_not_read_is_named():
    with pytest.raises(InputError, match="image is NoneType; was it read"):
        preprocess(None, (8, 8), CURRENT)
