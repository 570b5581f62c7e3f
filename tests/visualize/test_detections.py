import numpy as np

from yolox.structures import Detections
from yolox.visualize.colours import colour_of
from yolox.visualize.detections import draw_detections


def test_boxes_are_drawn_in_the_colour_of_their_class():
    image = np.full((200, 300, 3), 90, np.uint8)
    found = Detections([[20, 40, 80, 160], [-20, 10, 30, 400]], [0.9, 0.5], [0, 3])
    drawn = draw_detections(image, found, ["person"])
    assert (image == 90).all()
    for (x, y), class_id in (((80, 100), 0), ((30, 170), 3)):
        expected = [int(255 * part) for part in reversed(colour_of(class_id + 1))]
        assert drawn[y, x].tolist() == expected
    assert (draw_detections(image, Detections.empty()) == image).all()
