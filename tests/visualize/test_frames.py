import numpy as np
import pytest

from yolox.structures import TrackTable
from yolox.visualize.colours import bgr_of
from yolox.visualize.frames import add_caption, arrange, draw_frame

BLANK = np.zeros((100, 160, 3), np.uint8)


def _table(rows):
    """Rows of frame, id, x1, y1, x2, y2."""
    rows = np.array(rows, dtype=float).reshape(-1, 6)
    return TrackTable(
        frames=rows[:, 0].astype(int),
        boxes=rows[:, 2:],
        ids=rows[:, 1].astype(int),
        scores=np.ones(len(rows)),
        class_ids=np.zeros(len(rows), int),
    )


# Somebody walks right by 4 pixels a frame, is lost in frames 6 to 8, and comes back.
WALK = _table([(f, 3, 4 * f, 40, 4 * f + 20, 80) for f in (1, 2, 3, 4, 5, 9, 10)])


def _is(image, x, y, track_id):
    return image[y, x].tolist() == list(bgr_of(track_id))


def test_a_frame_shows_its_own_boxes():
    drawn = draw_frame(BLANK, WALK, 4)
    assert _is(drawn, 36, 60, 3)
    assert not drawn[60, 40].any()
    assert not BLANK.any()


def test_trails_reach_back_and_break_where_the_track_did():
    feet = {frame: 4 * frame + 10 for frame in range(1, 11)}
    drawn = draw_frame(BLANK, WALK, 10, trail=30)
    assert _is(drawn, feet[1] + 2, 80, 3)
    assert not drawn[80, feet[7]].any()
    assert not draw_frame(BLANK, WALK, 10, trail=7)[80, : feet[3] - 2].any()
    assert _is(draw_frame(BLANK, WALK, 10, trail=7), feet[3] + 2, 80, 3)
    assert not draw_frame(BLANK, WALK, 10, trail=0)[:, : feet[9] - 11].any()
    lost = draw_frame(BLANK, WALK, 7)
    assert _is(lost, feet[4], 80, 3)
    assert not lost[:70].any()
    assert not draw_frame(BLANK, WALK, 7, trail=1).any()


def test_the_nearer_one_is_drawn_above():
    table = _table([(1, 1, 50, 50, 90, 95), (1, 2, 50, 50, 90, 80)])
    drawn = draw_frame(BLANK, table, 1)
    assert _is(drawn, 50, 60, 1)


def test_who_is_outside_the_image_leaves_no_mark():
    table = _table([(1, 1, -60, 20, -5, 60), (1, 2, 1e6, -1e6, 2e6, 1e6), (1, 4, 20, 120, 50, 140)])
    assert not draw_frame(BLANK, table, 1).any()
    assert not draw_frame(BLANK, _table([]), 1).any()


@pytest.mark.parametrize("level", [0, 90, 170, 255])
def test_ids_are_readable_on_dark_and_bright(level):
    image = np.full_like(BLANK, level)
    for track_id in range(1, 60):
        drawn = draw_frame(image, _table([(1, track_id, 40, 40, 90, 90)]), 1)
        label = drawn[28:38, 41:48].astype(float) @ (0.114, 0.587, 0.299)
        assert np.ptp(label) > 80


def test_a_caption_stands_above_and_its_right_text_stays_whole():
    captioned = add_caption(BLANK + 7, "byte", "frame 1")
    bar = len(captioned) - 100
    assert bar > 15
    assert (captioned[bar:] == 7).all()
    assert captioned[:bar, :80].max() > 200
    assert captioned[:bar, 80:].max() > 200
    long = add_caption(BLANK + 7, "a name that is too long for this image", "frame 1")
    assert (long[:, -70:] == captioned[:, -70:]).all()


def test_pictures_beside_and_above():
    one, other = BLANK + 50, BLANK + 90
    beside = arrange([one, other], "beside")
    assert beside.shape == (100, 324, 3)
    assert (beside[:, :160] == 50).all()
    assert (beside[:, 164:] == 90).all()
    above = arrange([one, other, one], "above")
    assert above.shape == (308, 160, 3)
    assert (above[104:204] == 90).all()
    assert (arrange([one], "beside") == one).all()
