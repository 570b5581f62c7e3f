import numpy as np

from yolox.data.crops import cut_crops, to_network_input
from yolox.structures.preprocessing import LEGACY, Preprocessing


def _image():
    """Blue is the column, green the row, red 7."""
    image = np.full((40, 60, 3), 7, np.uint8)
    image[..., 0], image[..., 1] = np.arange(60), np.arange(40)[:, None]
    return image


def test_a_crop_is_what_the_box_covers():
    image = _image()
    crops = cut_crops(image, np.array([[10.0, 5, 20, 25], [10.2, 5.9, 19.5, 24.1]]), (20, 10))
    np.testing.assert_array_equal(crops[0], image[5:25, 10:20])
    np.testing.assert_array_equal(crops[1], image[5:25, 10:20])
    stretched = cut_crops(image, np.array([[0.0, 0, 60, 40]]), (8, 4))
    assert stretched.shape == (1, 8, 4, 3)


def test_what_is_outside_is_left_out():
    image = _image()
    boxes = np.array([
        [-30.0, -10, 10, 20],  # half outside
        [55, 30, 99, 99],
        [200, 10, 230, 20],  # to the right of it
        [-9, -9, -1, -1],
        [30, 20, 30, 20],  # without area
    ])  # fmt: skip
    found = cut_crops(image, boxes, (20, 10))
    np.testing.assert_array_equal(found[0], image[0:20, 0:10])
    assert found[1][..., 0].min() == 55
    assert found[1][..., 1].min() == 30
    assert (found[2][..., 0] == 59).all()
    assert (found[3][..., :2] == 0).all()
    assert (found[4] == image[20, 30]).all()
    assert cut_crops(image, np.empty((0, 4)), (20, 10)).shape == (0, 20, 10, 3)


def test_network_input_by_hand():
    crops = np.array([[[[0, 51, 255]]]], np.uint8)  # one pixel: blue, green, red
    rgb = to_network_input(crops, LEGACY)
    assert (rgb.shape, rgb.dtype) == ((1, 3, 1, 1), np.float32)
    expected = [(1 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    np.testing.assert_allclose(rgb[0, :, 0, 0], expected, rtol=1e-5)
    plain = Preprocessing("reid", "bgr", 1.0, (0, 0, 0), (1, 1, 1))
    np.testing.assert_array_equal(to_network_input(crops, plain)[0, :, 0, 0], [0, 51, 255])
