import numpy as np
import pytest
from made_up import small_correspondence

from yolox.visualize.colours import FALSE, MISSED, SWITCHED, bgr_of
from yolox.visualize.errors import draw_errors, errors_area

BLANK = np.full((100, 160, 3), 50, np.uint8)
WHOLE = np.array([0, 0, 160, 100])


def _has(image, colour):
    return (image == colour).all(axis=2)


def _draw(frame, view=WHOLE, image=BLANK):
    return draw_errors(image, small_correspondence(), frame, view)


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        (1, {"track"}),
        (2, {"track", "false"}),
        (3, {"missed", "false"}),
        (4, {"switched"}),
        (5, {"other track", "missed"}),
    ],
)
def test_each_kind_has_its_colour(frame, seen):
    colours = {
        "track": bgr_of(11),
        "other track": bgr_of(12),
        "false": FALSE[::-1],
        "missed": MISSED[::-1],
        "switched": SWITCHED[::-1],
    }
    drawn = _draw(frame)
    for kind, colour in colours.items():
        # A switch is drawn around the box of its track, which stays.
        if (frame, kind) != (4, "other track"):
            assert _has(drawn, colour).any() == (kind in seen), kind
    assert (BLANK == 50).all()


def test_kinds_differ_without_colour():
    """The left side of the box: whole for a track, dashed for a miss, double for a switch."""

    def marked(frame, columns):
        return (_draw(frame)[45:75, columns] != 50).any(axis=2)

    assert marked(1, [10]).all()
    assert 0.2 < marked(3, [10]).mean() < 0.9
    assert marked(4, [10, 8, 4]).all()
    assert not marked(1, [8, 4]).any()
    # The diagonals of a false box meet in its middle.
    assert (_draw(2)[65, 139:142] != 50).any()
    assert not (_draw(1)[65, 19:22] != 50).any()


def test_a_part_of_the_scene_is_drawn_larger():
    """The left half, twice as large: the box at 10 to 30 is at 20 to 60, nothing else is seen."""
    drawn = _draw(2, view=np.array([0, 0, 80, 50]))
    assert _has(drawn, bgr_of(11))[90, 20]
    assert _has(drawn, bgr_of(11))[90, 60]
    assert not _has(drawn, FALSE[::-1]).any()


def test_area_of_what_is_wrong():
    made = small_correspondence()
    assert errors_area(made, [2]).tolist() == [130, 40, 150, 90]
    assert errors_area(made, [4]).tolist() == [10, 40, 30, 90]
    assert errors_area(made, [5, 6]).tolist() == [70, 40, 90, 90]
    assert errors_area(made, range(1, 7)).tolist() == [10, 40, 150, 90]
