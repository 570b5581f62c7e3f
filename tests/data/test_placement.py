import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolox.data.annotations import Objects
from yolox.data.placement import Placement, fill, flip, paste, place, shift

WHOLE = np.array([0.0, 0, 100, 80])


def persons(*boxes, visibility=1.0):
    count = len(boxes)
    return Objects(
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.arange(count),
        np.arange(count) + 50,
        np.full(count, visibility, dtype=np.float32),
    )


def placed(box, placement, size=(80, 100), visibility=1.0, **options):
    options = {"smallest": 2, "min_visibility": 0.1, "clip": False} | options
    return place(persons(box, visibility=visibility), (80, 100), placement, size, **options)


def at(left=0.0, top=0.0, scale=1.0, part=WHOLE):
    matrix = shift(left, top) @ np.diag([scale, scale, 1.0])
    return Placement(matrix, np.array(part, dtype=float), scale)


@pytest.mark.parametrize(
    ("box", "placement", "clip", "expected", "visibility"),
    [
        # The image as it is.
        ([10, 20, 30, 60], at(), False, [10, 20, 30, 60], 1),
        ([10, 20, 30, 60], at(), True, [10, 20, 30, 60], 1),
        # Doubled and shifted to the left and above: half of it leaves the output.
        ([10, 20, 30, 60], at(-40, -40, 2), False, [-20, 0, 20, 80], 0.5),
        ([10, 20, 30, 60], at(-40, -40, 2), True, [0, 0, 20, 80], 0.5),
        # Out at the corner: half of half.
        ([10, 20, 30, 60], at(-20, -40), False, [-10, -20, 10, 20], 0.25),
        ([10, 20, 30, 60], at(-20, -40), True, [0, 0, 10, 20], 0.25),
        # Hardly anything is left of it.
        ([10, 20, 30, 60], at(-29.4), False, [-19.4, 20, 0.6, 60], 0.03),
        # Out at the right and below.
        ([60, 40, 80, 60], at(30, 30), False, [90, 70, 110, 90], 0.25),
        ([60, 40, 80, 60], at(30, 30), True, [90, 70, 100, 80], 0.25),
        # The shown part cuts it, not the output.
        ([10, 20, 30, 60], at(part=[20, 0, 100, 80]), False, [10, 20, 30, 60], 0.5),
        ([10, 20, 30, 60], at(part=[20, 0, 100, 80]), True, [20, 20, 30, 60], 0.5),
        # Both cut it.
        ([10, 20, 30, 60], at(0, -40, part=[20, 0, 100, 80]), True, [20, 0, 30, 20], 0.25),
        # Beyond the image: no more than what lies in it can be seen.
        ([-10, 20, 10, 60], at(), False, [-10, 20, 10, 60], 0.5),
        ([-10, 20, 10, 60], at(), True, [0, 20, 10, 60], 0.5),
        ([90, 70, 110, 90], at(), False, [90, 70, 110, 90], 0.25),
        # Beyond the image and shifted back into the output: grey is there, not the person.
        ([-10, 20, 10, 60], at(30), False, [20, 20, 40, 60], 0.5),
        ([-10, 20, 10, 60], at(30), True, [30, 20, 40, 60], 0.5),
        # Beyond the image and cut by the output: half of the half.
        ([-10, 20, 10, 60], at(-5), False, [-15, 20, 5, 60], 0.25),
        ([-10, 20, 10, 60], at(-5), True, [0, 20, 5, 60], 0.25),
        # Mirrored.
        ([10, 20, 30, 60], at().then(flip(100)), False, [70, 20, 90, 60], 1),
        ([-10, 20, 10, 60], at().then(flip(100)), True, [90, 20, 100, 60], 0.5),
    ],
)  # fmt: skip
def test_where_a_box_goes(box, placement, clip, expected, visibility):
    objects = placed(box, placement, clip=clip)
    np.testing.assert_allclose(objects.boxes, [expected], atol=1e-5)
    np.testing.assert_allclose(objects.visibility, [visibility], atol=1e-6)
    assert objects.identities.tolist() == ([50] if visibility >= 0.1 else [-1])


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    ("box", "placement"),
    [
        ([10, 20, 30, 60], at(part=[30, 0, 100, 80])),  # in the part that is cut off, touching
        ([10, 20, 30, 60], at(part=[50, 0, 100, 80])),
        ([10, 20, 30, 60], at(part=[0, 0, 100, 20])),
        ([10, 20, 30, 60], at(-30)),  # left of the output, touching
        ([10, 20, 30, 60], at(100)),
        ([10, 20, 30, 60], at(0, 80)),
        ([10, 20, 30, 60], at(0, -60)),
        ([-30, 20, 0, 60], at(50)),  # nothing of it in the image
        ([100, 20, 130, 60], at(-50)),
        # Some of it is shown and some is in the output, but not the same.
        ([10, 20, 30, 60], at(-20, part=[0, 0, 20, 80])),
    ],
)
def test_of_what_nothing_is_shown_is_left_out(box, placement, clip):
    assert len(placed(box, placement, clip=clip).boxes) == 0


def test_visibility_is_the_lesser_of_what_is_noted_and_what_is_in_the_image():
    """The noted one counts what leaves the image already, where it counts it at all."""
    for noted, expected in ((1.0, 0.5), (0.5, 0.5), (0.3, 0.3)):
        objects = placed([-10, 20, 10, 60], at(), visibility=noted)
        np.testing.assert_allclose(objects.visibility, [expected], rtol=1e-6)
    objects = placed([10, 20, 30, 60], at(-20), visibility=0.6)
    np.testing.assert_allclose(objects.visibility, [0.3], rtol=1e-6)


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    ("visibility", "least", "identity"),
    [(0.5, 0.25, 50), (0.5, 0.26, -1), (0.0, 0.0, 50), (0.0, 0.1, -1), (1.0, 0.51, -1)],
)
def test_who_is_hardly_seen_keeps_the_box_and_loses_the_identity(visibility, least, identity, clip):
    objects = placed(
        [10, 20, 30, 60], at(-20), visibility=visibility, min_visibility=least, clip=clip
    )
    assert objects.identities.tolist() == [identity]
    assert objects.class_ids.tolist() == [0]
    assert len(objects.boxes) == 1


def test_an_unknown_identity_stays_unknown():
    nobody = persons([10, 20, 30, 60])._replace(identities=np.array([-1]))
    options = {"smallest": 2, "min_visibility": 0, "clip": False}
    objects = place(nobody, (80, 100), at(), (80, 100), **options)
    assert objects.identities.tolist() == [-1]
    assert objects.identities.dtype == np.int64


@pytest.mark.parametrize(
    ("box", "placement", "options", "kept"),
    [
        # Both sides must be longer than the smallest.
        ([10, 20, 14, 24], at(scale=0.5), {}, False),
        ([10, 20, 14.1, 24.1], at(scale=0.5), {}, True),
        ([10, 20, 14, 40], at(scale=0.5), {}, False),
        ([10, 20, 30, 24], at(scale=0.5), {}, False),
        ([10, 20, 14, 24], at(scale=0.5), {"smallest": 1.9}, True),
        # The side that counts is what is left after clipping.
        ([10, 20, 20, 30], at(-18), {"smallest": 2, "clip": False}, True),
        ([10, 20, 13, 23], at(-11), {"smallest": 2, "clip": True}, False),
        ([10, 20, 13, 23], at(-11), {"smallest": 1.9, "clip": True}, True),
        # Not 20 times as long as wide, whichever way.
        ([10, 0, 14, 79], at(), {}, True),
        ([10, 0, 14, 80], at(), {}, False),
        ([10, 0, 90, 4], at(), {}, False),
        ([10, 0, 89, 4], at(), {}, True),
        # More than a fifth of the area is left by clipping: of 20, 4 are a fifth.
        ([10, 20, 30, 60], at(-26), {"clip": True}, False),
        ([10, 20, 30, 60], at(-25.9), {"clip": True}, True),
        ([10, 20, 30, 60], at(-26), {"clip": False}, True),
        ([10, 0, 30, 40], at(-52, scale=2), {"clip": True, "min_visibility": 0}, False),
        ([10, 0, 30, 40], at(-51.9, scale=2), {"clip": True, "min_visibility": 0}, True),
        ([10, 20, 30, 60], at(part=[26, 0, 100, 80]), {"clip": True}, False),
        ([10, 20, 30, 60], at(part=[25.9, 0, 100, 80]), {"clip": True}, True),
        # The area is the whole box's, of which half is beyond the image already.
        ([-10, 20, 10, 60], at(-6), {"clip": True}, False),
        ([-10, 20, 10, 60], at(-5.9), {"clip": True}, True),
    ],
)
def test_what_is_too_small_to_learn_from_is_left_out(box, placement, options, kept):
    assert len(placed(box, placement, **options).boxes) == kept


def test_rows_stay_together():
    objects = place(
        persons([0, 0, 10, 10], [200, 0, 210, 10], [20, 0, 30, 10]),
        (80, 100), at(), (80, 100), smallest=2, min_visibility=0, clip=False,
    )  # fmt: skip
    assert objects.class_ids.tolist() == [0, 2]
    assert objects.identities.tolist() == [50, 52]
    assert objects.boxes[1].tolist() == [20, 0, 30, 10]
    assert [c.dtype for c in objects] == [np.float32, np.int64, np.int64, np.float32]


@pytest.mark.parametrize("clip", [False, True])
def test_no_objects(clip):
    nobody = place(persons(), (80, 100), at(), (80, 100), smallest=2, min_visibility=0, clip=clip)
    assert nobody.boxes.shape == (0, 4)


def test_the_box_is_around_the_turned_corners():
    turn = np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]])
    objects = placed([10, 20, 30, 60], at().then(shift(0, 40) @ turn))
    # (10, 20), (30, 20), (30, 60), (10, 60) go to x 22, 34, 66, 54 and y 44, 28, 52, 68.
    np.testing.assert_allclose(objects.boxes, [[22, 28, 66, 68]], atol=1e-5)


def test_the_box_is_around_the_corners_in_perspective():
    tilt = np.array([[1, 0, 0], [0, 1, 0], [0.01, 0, 1]])
    objects = placed([0, 20, 100, 60], at().then(tilt))
    np.testing.assert_allclose(objects.boxes, [[0, 10, 50, 60]], atol=1e-5)


def test_then_composes_from_the_left():
    moved = at(3, 4, 2).then(np.diag([0.5, 0.5, 1.0]), 0.5)
    np.testing.assert_allclose(moved.matrix @ (10, 20, 1), [11.5, 22, 1])
    assert moved.scale == 1.0
    assert at(scale=2).then(shift(1, 1)).scale == 2


def test_fill_takes_the_image_to_the_rectangle():
    placement = fill((80, 100), 7, 9, 50, 20)
    np.testing.assert_allclose(placement.matrix @ (0, 0, 1), [7, 9, 1])
    np.testing.assert_allclose(placement.matrix @ (100, 80, 1), [57, 29, 1])
    assert placement.part.tolist() == [0, 0, 100, 80]
    assert placement.scale == pytest.approx(math.sqrt(0.5 * 0.25))


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (at(), (0, 0, 100, 80)),
        (at(10, 20), (10, 20, 100, 80)),
        (at(-10, -20), (0, 0, 90, 60)),
        (at(0.3, 0.3, 0.5), (0, 0, 51, 41)),
        (at(5, 6, part=[10, 10, 20, 30]), (15, 16, 25, 36)),
        (at(0.5, 0.5, part=[10, 10, 20, 30]), (10, 10, 21, 31)),
        (at(scale=0.1 + 0.2), (0, 0, 30, 24)),  # 30.000000000000004
        (at(1e-9, -1e-9), (0, 0, 100, 80)),
        (at().then(flip(100)), (0, 0, 100, 80)),
        (at(100), None),
        (at(0, 80), None),
        (at(-100), None),
        (at(0, -80), None),
        (at(99.5), (99, 0, 100, 80)),
    ],
)
def test_region(placement, expected):
    assert placement.region((80, 100)) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(3, 1), (1, 1), (0.51, 1), (0.5, 2), (0.26, 2), (0.25, 4), (0.126, 4), (0.125, 8), (0.01, 8)],
)
def test_reduction_keeps_at_least_the_pixels_that_are_drawn(scale, expected):
    assert at(scale=scale).reduction() == expected


def looked_up(output, image, size, placement):
    """Look up every pixel's centre in plain bilinear arithmetic.

    Also gives how far inside of the shown part it is, in pixels of the image as it was decoded.
    """
    inverse = np.linalg.inv(placement.matrix)
    height, width = output.shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5
    u, v, w = np.moveaxis(np.stack([x, y, np.ones_like(x)], axis=-1) @ inverse.T, -1, 0)
    across, down = image.shape[1] / size[1], image.shape[0] / size[0]
    u, v = u / w * across, v / w * down
    left, top, right, bottom = placement.part * (across, down, across, down)
    depth = np.minimum(np.minimum(u - left, right - u), np.minimum(v - top, bottom - v))
    # Indices count the centres of pixels.
    u, v = np.clip(u - 0.5, 0, image.shape[1] - 1), np.clip(v - 0.5, 0, image.shape[0] - 1)
    i = np.minimum(v.astype(int), image.shape[0] - 2)
    j = np.minimum(u.astype(int), image.shape[1] - 2)
    a, b = (v - i)[..., None], (u - j)[..., None]
    image = image.astype(float)
    colour = (1 - a) * ((1 - b) * image[i, j] + b * image[i, j + 1]) + a * (
        (1 - b) * image[i + 1, j] + b * image[i + 1, j + 1]
    )
    return colour, depth


def smooth(height, width, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def random_placement(random, size, tilt):
    angle, zoom = random.uniform(-0.4, 0.4), random.uniform(0.4, 2.5)
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    matrix = np.array([[cos, sin, 0], [-sin, cos, 0], [*random.uniform(-tilt, tilt, 2), 1]])
    if random.random() < 0.3:
        matrix = np.diag([zoom, zoom, 1.0])
    height, width = size
    part = np.array([0, 0, width, height], dtype=float)
    if random.random() < 0.5:
        part[:2] = random.integers(0, [width // 2, height // 2])
    if random.random() < 0.5:
        part[2:] = random.integers([width // 2 + 1, height // 2 + 1], [width, height])
    centre = random.uniform(0, [120, 90])
    return Placement(shift(*centre) @ matrix @ shift(-width / 2, -height / 2), part, zoom)


@pytest.mark.parametrize("tilt", [0.0, 0.002])
@pytest.mark.parametrize("seed", range(40))
def test_drawn_are_the_pixels_of_the_image(seed, tilt):
    random = np.random.default_rng(seed)
    size = tuple(random.integers(20, 120, 2).tolist())
    image = smooth(*size, seed)
    placement = random_placement(random, size, tilt)
    output = np.full((90, 120, 3), 7, dtype=np.uint8)
    paste(output, image, size, placement)
    expected, depth = looked_up(output, image, size, placement)

    # OpenCV may count in 32nds of a pixel.
    steepest = max(np.abs(np.diff(image.astype(int), axis=axis)).max() for axis in (0, 1))
    inner, outer = depth > 0.55, depth < -0.55
    assert np.abs(output[inner] - expected[inner]).max(initial=0) <= 1 + steepest / 16
    assert (output[outer] == 7).all()
    # Half a pixel of the image on either side of its border may mix with what was there before.
    rim = ~inner & ~outer
    assert (output[rim] <= np.maximum(expected[rim], 7) + steepest).all()
    assert (output[rim] >= np.minimum(expected[rim], 7) - steepest).all()
    region = placement.region((90, 120))
    if region is not None:
        left, top, right, bottom = region
        outside = np.ones((90, 120), dtype=bool)
        outside[top:bottom, left:right] = False
        assert (output[outside] == 7).all()
        assert not (outside & (depth > 0.05)).any()


@pytest.mark.parametrize("zoom", [1.0, 1.5, 3.0, 8.0])
def test_the_border_of_an_image_is_drawn_to_within_half_a_pixel(zoom):
    image = np.full((10, 12, 3), 200, dtype=np.uint8)
    output = np.full((120, 120, 3), 7, dtype=np.uint8)
    paste(output, image, (10, 12), Placement(
        shift(5, 6) @ np.diag([zoom, zoom, 1]), np.array([0.0, 0, 12, 10]), zoom
    ))  # fmt: skip
    high, wide = int(10 * zoom), int(12 * zoom)
    rim = math.ceil((zoom - 1) / 2)
    assert (output[6 + rim : 6 + high - rim, 5 + rim : 5 + wide - rim] == 200).all()
    output[6 : 6 + high, 5 : 5 + wide] = 7
    assert (output == 7).all()


@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(160, 240), (161, 241), (167, 239)])
@pytest.mark.parametrize("part", [False, True])
def test_a_fraction_lands_where_the_whole_would(reduction, size, part):
    """Within half a pixel of the output, told by the centre of gravity of a bright square."""
    height, width = size
    image = np.zeros((height, width, 3), dtype=np.uint8)
    scale = 0.9 / reduction
    shown = [32.0, 16, 224, 144] if part else [0.0, 0, width, height]
    placement = Placement(shift(3.3, 5.7) @ np.diag([scale, scale, 1.0]), np.array(shown), scale)
    for left, top in ((64, 48), (160, 96)):
        image[:] = 0
        image[top : top + 32, left : left + 32] = 240
        small = cv2.resize(
            image, (-(-width // reduction), -(-height // reduction)), interpolation=cv2.INTER_AREA
        )
        output = np.zeros((200, 300, 3), dtype=np.uint8)
        paste(output, small, size, placement)
        weight = output[..., 0].astype(float)
        y, x = np.mgrid[:200, :300] + 0.5
        centre = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
        expected = np.array([left + 16, top + 16]) * scale + (3.3, 5.7)
        assert np.abs(centre - expected).max() < 0.25
        assert weight.sum() == pytest.approx(240 * (32 * scale) ** 2, rel=0.1)


@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_the_pixel_that_the_part_cuts_is_drawn(reduction):
    """A part that ends within a pixel of the fraction must not lose that pixel."""
    image = np.full((64, 64, 3), 200, dtype=np.uint8)
    small = image[::reduction, ::reduction]
    for edge in range(33, 42):
        output = np.full((64, 64, 3), 7, dtype=np.uint8)
        paste(output, small, (64, 64), at(part=[0, 0, edge, edge]))
        rim = (reduction + 1) // 2
        assert (output[rim : edge - rim, rim : edge - rim] == 200).all()
        # In the last pixel of the fraction there is some of it, right up to the edge.
        assert (output[rim : edge - rim, edge - 1] > 7 + 193 * 0.3).all()
        assert (output[edge:] == 7).all()
        assert (output[:, edge:] == 7).all()


@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.001]),
    st.booleans(),
)
def test_placed_boxes_are_sound(seed, tilt, clip):
    random = np.random.default_rng(seed)
    placement = random_placement(random, (80, 100), tilt)
    corner = random.uniform(-40, 100, (8, 2))
    boxes = np.concatenate([corner, corner + random.uniform(1, 60, (8, 2))], axis=1)
    objects = place(
        persons(*boxes), (80, 100), placement, (90, 120),
        smallest=2, min_visibility=0.3, clip=clip,
    )  # fmt: skip
    sides = objects.boxes[:, 2:] - objects.boxes[:, :2]
    assert (sides > 1.99).all()
    assert ((objects.visibility > 0) & (objects.visibility <= 1 + 1e-6)).all()
    assert ((objects.identities >= 0) == (objects.visibility >= 0.3)).all()
    if clip:
        assert (objects.boxes >= -1e-4).all()
        assert (objects.boxes <= np.float32([120, 90, 120, 90]) + 1e-4).all()
    if not tilt:
        # What was not clipped goes back to where it came from, or around it.
        back = np.linalg.inv(placement.matrix)
        for box, row in zip(objects.boxes, objects.class_ids, strict=True):
            centre = back @ ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1)
            if not clip:
                whole = np.float32(boxes[row])
                np.testing.assert_allclose(centre[:2], (whole[:2] + whole[2:]) / 2, atol=1e-3)
