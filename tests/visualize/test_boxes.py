import numpy as np

from yolox.visualize.boxes import draw_boxes
from yolox.visualize.colours import colour_of


def test_each_box_has_the_colour_of_its_number_and_the_image_stays():
    image = np.zeros((60, 80, 3), np.uint8)
    drawn = draw_boxes(image, np.array([[10, 20, 30, 50], [40, 20, 70, 50]]), [0, -1], ["", ""])
    blue, green, red = (int(255 * part) for part in reversed(colour_of(0)))
    assert drawn[50, 20].tolist() == [blue, green, red]
    assert drawn[50, 55].tolist() == [255, 255, 255]
    assert not image.any()


def test_a_label_stands_above_its_box_and_inside_the_image():
    blank = np.zeros((100, 100, 3), np.uint8)
    drawn = draw_boxes(blank, np.array([[20, 60, 40, 90]]), [1], ["7"])
    assert drawn[48:60, 20:28].any()
    at_the_top = draw_boxes(blank, np.array([[-5, -5, 40, 90]]), [1], ["7"])
    assert at_the_top[:10, :8].any()


def test_boxes_far_outside_and_none_at_all():
    blank = np.zeros((10, 10, 3), np.uint8)
    assert not draw_boxes(blank, np.array([[500.0, 500, 600, 600]]), [0], [""]).any()
    assert not draw_boxes(blank, np.empty((0, 4)), [], []).any()
