import numpy as np
import pytest

from yolox.data.synthetic.figure import VIEWS, make_figure, view_of
from yolox.data.synthetic.skeleton import PHASES, STANDING, Build
from yolox.data.synthetic.sprites import draw_figure
from yolox.data.synthetic.wardrobe import outfits

AVERAGE = Build(height=1.72, girth=1.0, swing=1.0, arms=1.0, raised=0.1)
FLAT = np.ones((8, 8), np.float32)


@pytest.fixture(scope="module")
def people():
    return [
        make_figure(AVERAGE._replace(height=1.5 + 0.1 * n), outfit)
        for n, outfit in enumerate(outfits(5, 1, np.random.default_rng(0)))
    ]


def test_boxes_are_tight_round_what_is_drawn(people):
    scale = 96.0
    for figure in people:
        for phase, view in ((0, 0), (3, 2), (7, 9), (12, 5), (STANDING, 10)):
            sprite = draw_figure(figure, phase, view, scale, 1.0, FLAT)
            rows, columns = np.nonzero(sprite.pixels[..., 3] > 127)
            drawn = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            drawn = drawn - np.tile(sprite.foot, 2)
            # Within two pixels of a picture of some 165.
            np.testing.assert_allclose(figure.extents[phase, view] * scale, drawn, atol=2)


def test_a_foot_is_on_the_ground_and_the_head_at_full_height(people):
    for figure in people:
        for side in "lr":
            assert figure.joints[f"heel_{side}"][..., 1].min() > -0.1
        seen_low = -figure.extents[..., 3]
        assert np.abs(seen_low).max() < 0.12  # a foot nearer to the camera is seen lower
        tall = -figure.extents[STANDING, :, 1]
        assert (np.abs(tall - figure.build.height) < 0.08).all()


def test_legs_swing_opposite_and_a_standing_person_keeps_them_together():
    figure = make_figure(AVERAGE, outfits(1, 1, np.random.default_rng(0))[0])
    left, right = (figure.joints[f"ankle_{side}"][:, 0, 0] for side in "lr")
    walking = slice(0, PHASES)
    np.testing.assert_allclose(left[walking], np.roll(right[walking], PHASES // 2), atol=1e-9)
    step = np.abs(left - right)[walking].max()
    assert 0.35 * AVERAGE.stride < step < 0.65 * AVERAGE.stride
    assert abs(left[STANDING] - right[STANDING]) < 0.01


def test_a_foot_on_the_ground_does_not_slide():
    figure = make_figure(AVERAGE, outfits(1, 1, np.random.default_rng(0))[0])
    heel = figure.joints["heel_l"][:PHASES, 0]
    middle = (heel + figure.joints["toe_l"][:PHASES, 0]) / 2
    walked = np.arange(PHASES) / PHASES * AVERAGE.stride
    planted = slice(1, 8)  # of sixteen: from the heel's strike to its rise
    slide = (middle[:, 0] + walked)[planted]
    assert np.ptp(slide) < 0.25 * np.ptp(walked[planted])


def test_views_turn_the_figure():
    figure = make_figure(AVERAGE, outfits(1, 1, np.random.default_rng(0))[0])
    nose, skull = (figure.joints[name][STANDING, :, 0] for name in ("nose", "skull"))
    assert nose[0] > skull[0]
    assert nose[VIEWS // 2] < skull[VIEWS // 2]
    away = figure.joints["nose"][STANDING, :, 2] - figure.joints["skull"][STANDING, :, 2]
    assert away[VIEWS // 4] > 0 > away[3 * VIEWS // 4]
    headings = np.deg2rad([0, 14, 16, 90, 180, -90, -1])
    assert view_of(headings).tolist() == [0, 0, 1, 3, 6, 9, 0]
