import numpy as np
import pytest

from yolox.export.precision import Deviation, deviation
from yolox.structures import InputError


def rows(*scores, shift=0.0):
    """Of one image, boxes of 10 pixels, objectness as given and one class."""
    table = np.full((1, len(scores), 6), 10.0 + shift)
    table[0, :, 4], table[0, :, 5] = scores, 1
    return table


def test_by_hand():
    meant = [[rows(0.9, 0.5, 0.05), np.array([[[1.0, 0], [1, 0], [1, 0]]])]]
    said = [[rows(0.8, 0.5, 0.06, shift=2), np.array([[[1.0, 0], [0.6, 0.8], [0, 1]]])]]
    found = deviation(said, meant)
    # The third location is nobody to either.
    np.testing.assert_allclose(found.scores, (0.1, 0.05))
    np.testing.assert_allclose(found.pixels, (2, 2))
    np.testing.assert_allclose(found.likeness, (0.6, 0.8))
    assert found.format() == (
        "scores differ by 0.1 at most and 0.05 in the mean, boxes by 2 and 2 px, "
        "embeddings are alike by 0.600 at least"
    )


def test_without_embeddings_and_without_anybody():
    found = deviation([[rows(0.01)]], [[rows(0.02)]])
    assert found == Deviation((0, 0), (0, 0), (1, 1))
    assert found.format().endswith("boxes by 0 and 0 px")


def test_what_is_no_number():
    with pytest.raises(InputError, match="some outputs are no numbers at this precision; take a h"):
        deviation([[rows(np.nan)]], [[rows(0.5)]])
