"""The Python of docs/trackers/camera_motion.md runs."""

import re

import numpy as np

from yolox.structures import Detections
from yolox.tracker.byte_tracker import ByteTrack


def test_both_examples_run(root):
    text = (root / "docs" / "trackers" / "camera_motion.md").read_text()
    from_images, from_boxes = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (120, 160, 3), dtype=np.uint8)
    found = Detections([[10.0, 10, 40, 80], [60, 20, 90, 90], [110, 5, 140, 70]], [0.9] * 3)
    for example, video in ((from_images, [(image, found)] * 3), (from_boxes, [found] * 3)):
        given = {"tracker": ByteTrack(), "video": video}
        exec(example, given)
        assert given["tracks"].ids.tolist() == [1, 2, 3]
