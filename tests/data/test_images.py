import numpy as np
import pytest
from data.painted import document, write
from formats.pictures import encoded, picture, saved

from yolox.data.annotations import read_annotations
from yolox.data.images import read_annotated
from yolox.formats.images import REDUCTIONS, read_image
from yolox.structures import InputError


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_size_must_be_that_of_the_annotations(tmp_path, suffix):
    path = write(tmp_path, document([(33, 47), (47, 33), (33, 48)], [[], [], []], suffix=suffix))
    for row in range(3):
        saved(tmp_path / "img" / f"{row + 1:06d}{suffix}", encoded(picture(33, 47), suffix))
    annotations = read_annotations(path)
    for reduction in REDUCTIONS:
        read = read_annotated(annotations, 0, reduction)
        np.testing.assert_array_equal(
            read, read_image(tmp_path / "img" / f"000001{suffix}", reduction)
        )
    with pytest.raises(InputError, match=r"000002.*: is 47 × 33, not 33 × 47 as the annotations"):
        read_annotated(annotations, 1)
    with pytest.raises(InputError, match=r"000003.*: is 47 × 33, not 48 × 33 as the annotations"):
        read_annotated(annotations, 2)
    with pytest.raises(InputError, match=r"000002.*: is not 33 × 47 as the annotations"):
        read_annotated(annotations, 1, 4)


def test_a_size_below_the_fraction_is_noticed_too(tmp_path):
    """A half of 48 and of 47 is 24; a half of 46 is not."""
    path = write(tmp_path, document([(32, 48)], [[]], suffix=".jpg"))
    saved(tmp_path / "img" / "000001.jpg", encoded(picture(32, 46), ".jpg"))
    with pytest.raises(InputError, match="not 48 × 32"):
        read_annotated(read_annotations(path), 0, 2)
