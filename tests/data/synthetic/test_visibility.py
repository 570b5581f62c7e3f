import numpy as np

from yolox.data.synthetic.visibility import visible_shares

NOTHING = np.empty((1, 0, 4)), np.empty(0)


def _shares(boxes, depths, hiding=NOTHING, present=None):
    boxes, depths = np.array([boxes], float), np.array([depths], float)
    present = np.ones(depths.shape, bool) if present is None else np.array([present])
    return visible_shares(boxes, depths, present, *hiding, image=(100, 100))[0]


def test_the_nearer_of_two_hides_the_other():
    same = [[20, 10, 40, 90], [20, 10, 40, 90]]
    # A body fills the middle six of eight columns of samples.
    np.testing.assert_allclose(_shares(same, [5, 9]), [1, 0.25])
    np.testing.assert_allclose(_shares(same, [9, 5]), [0.25, 1])
    np.testing.assert_allclose(_shares(same, [5, 9], present=[False, True])[1], 1)


def test_outstretched_arms_hide_little():
    wide = [[10, 20, 90, 60], [10, 20, 90, 60]]  # the body: 0.34 × 40 = 13.6 of 80 pixels
    np.testing.assert_allclose(_shares(wide, [5, 9]), [1, 0.75])


def test_things_hide_with_all_of_their_box():
    post = np.array([[[0, 40, 100, 100]]], float), np.array([7.0])
    boxes = [[20, 20, 40, 60], [60, 20, 80, 60]]
    np.testing.assert_allclose(_shares(boxes, [5, 9], post), [1, 0.5])


def test_what_is_outside_the_image_is_not_seen():
    boxes = [[-10, 20, 10, 60], [40, 60, 60, 140], [-40, -60, -20, -10]]
    np.testing.assert_allclose(_shares(boxes, [5, 6, 7]), [0.5, 0.5, 0])


def test_parts_of_a_sequence_together_equal_the_whole():
    random = np.random.default_rng(0)
    corner = random.uniform(0, 80, (2000, 12, 2))
    boxes = np.concatenate([corner, corner + random.uniform(5, 40, corner.shape)], axis=2)
    depths, present = random.random((2000, 12)), random.random((2000, 12)) < 0.8
    hiding = np.empty((2000, 0, 4)), np.empty(0)
    whole = visible_shares(boxes, depths, present, *hiding, image=(100, 100))
    for frame in (0, 999, 1999):
        at = slice(frame, frame + 1)
        alone = visible_shares(
            boxes[at], depths[at], present[at], hiding[0][at], hiding[1], image=(100, 100)
        )
        np.testing.assert_array_equal(whole[at], alone)
