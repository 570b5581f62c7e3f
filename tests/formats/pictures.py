"""Pictures, and files of them."""

import cv2
import numpy as np


def picture(height, width, seed=0, channels=3):
    """Smooth, so that compression and shrinking hardly change it, and unlike its mirror image."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (4, 5, channels), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(image, suffix, *options):
    return cv2.imencode(suffix, image, options)[1].tobytes()


def saved(path, data):
    path.write_bytes(data)
    return path
