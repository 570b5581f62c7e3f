"""A detector without the pipeline around it, and what two of them say."""

import numpy as np


def run(detector, images, batch_size=1):
    """Find objects in images, some at a time, one thing after the other."""
    found = []
    for start in range(0, len(images), batch_size):
        prepared = [detector.prepare(image) for image in images[start : start + batch_size]]
        found += detector.finish(detector.infer(prepared), prepared)
    return found


def assert_near(found, expected, *, pixels, scores, alike):
    """Check that two detectors find the same, image by image, in the same order."""
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other) > 0
        np.testing.assert_allclose(one.boxes, other.boxes, atol=pixels)
        np.testing.assert_allclose(one.scores, other.scores, atol=scores)
        assert ((one.embeddings * other.embeddings).sum(axis=1) > alike).all()
