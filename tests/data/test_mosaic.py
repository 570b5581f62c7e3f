import math
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from data.test_placement import smooth

from yolox.data.annotations import Objects
from yolox.data.mosaic import (
    Augmentation,
    letterbox_placement,
    mixup_placement,
    mosaic_placements,
)
from yolox.data.placement import paste, place
from yolox.data.preprocess import letterbox
from yolox.structures import InputError

SIZES = [(90, 160), (120, 120), (160, 100), (61, 83)]
FAR = Augmentation(scale=(0.3, 1.6), degrees=60, shear=25, translate=0.4)
TURNED = Augmentation(scale=(0.3, 1.6), perspective=0.0008)
OPTIONS = {"smallest": 0, "min_visibility": 0, "clip": False}


def some_objects(size, seed, count=5):
    random = np.random.default_rng(seed)
    corner = random.uniform(-0.2, 0.9, (count, 2)) * size[::-1]
    boxes = np.concatenate([corner, corner + random.uniform(5, 40, (count, 2))], axis=1)
    rows = np.arange(count)
    return Objects(boxes.astype(np.float32), rows, rows, np.ones(count, dtype=np.float32))


def mosaic_by_canvas(images, labels, output, random, how):
    """Draw the canvas of twice the size, then warp it: what the placements leave out."""
    height, width = output
    x, y = int(random.uniform(0.5, 1.5) * width), int(random.uniform(0.5, 1.5) * height)
    canvas = np.full((2 * height, 2 * width, 3), 114, dtype=np.uint8)
    seam = np.zeros((2 * height, 2 * width), dtype=np.uint8)
    corners = []
    for tile, (image, boxes) in enumerate(zip(images, labels, strict=True)):
        high, wide = image.shape[:2]
        scale = min(height / high, width / wide)
        image = cv2.resize(image, (int(wide * scale), int(high * scale)))
        high, wide = image.shape[:2]
        left = x - wide if tile in (0, 2) else x
        top = y - high if tile in (0, 1) else y
        for row in range(max(-top, 0), min(high, 2 * height - top)):
            for column in range(max(-left, 0), min(wide, 2 * width - left)):
                canvas[top + row, left + column] = image[row, column]
        cv2.rectangle(seam, (left, top), (left + wide - 1, top + high - 1), 255, 1)
        moved = boxes * scale + (left, top, left, top)
        corners.append(moved[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2))

    angle = random.uniform(-how.degrees, how.degrees)
    zoom = random.uniform(*how.scale)
    shear = [math.tan(math.radians(s)) for s in random.uniform(-how.shear, how.shear, 2)]
    lean = random.uniform(-how.perspective, how.perspective, 2)
    shift = random.uniform(0.5 - how.translate, 0.5 + how.translate, 2) * (width, height)

    centred, tilted, turned, sheared, shifted = (np.eye(3) for _ in range(5))
    centred[:2, 2] = -width, -height
    tilted[2, :2] = lean
    turned[:2] = cv2.getRotationMatrix2D((0, 0), angle, zoom)
    sheared[0, 1], sheared[1, 0] = shear
    shifted[:2, 2] = shift
    matrix = shifted @ sheared @ turned @ tilted @ centred

    half = np.eye(3)
    half[:2, 2] = 0.5
    by_index = np.linalg.inv(half) @ matrix @ half
    grey = (114, 114, 114)
    picture = cv2.warpPerspective(canvas, by_index, (width, height), borderValue=grey)
    seam = cv2.warpPerspective(cv2.dilate(seam, np.ones((5, 5))), by_index, (width, height))
    boxes = []
    for those in corners:
        those = cv2.perspectiveTransform(those.reshape(-1, 1, 2), matrix).reshape(-1, 4, 2)
        boxes.append(np.concatenate([those.min(axis=1), those.max(axis=1)], axis=1))
    return picture, boxes, seam == 0, (x, y)


@pytest.mark.parametrize(
    "how", [TURNED, Augmentation(scale=(0.3, 1.6)), FAR], ids=["tilted", "flat", "far"]
)
@pytest.mark.parametrize("output", [(96, 160), (160, 128)])
@pytest.mark.parametrize("seed", range(15))
def test_a_mosaic_is_that_of_the_canvas(seed, output, how):
    images = [smooth(*size, seed=i) for i, size in enumerate(SIZES)]
    objects = [some_objects(size, seed=seed + i) for i, size in enumerate(SIZES)]
    labels = [one.boxes.astype(float) for one in objects]
    expected, boxes, clear, _ = mosaic_by_canvas(
        images, labels, output, np.random.default_rng(seed), how
    )
    placements = mosaic_placements(SIZES, output, np.random.default_rng(seed), how)

    picture = np.full((*output, 3), 114, dtype=np.uint8)
    for i, placement in enumerate(placements):
        paste(picture, images[i], SIZES[i], placement)
        ours = place(objects[i], SIZES[i], placement, output, **OPTIONS)
        np.testing.assert_allclose(ours.boxes, boxes[i][ours.class_ids], atol=1.0 * how.scale[1])
    difference = np.abs(picture.astype(int) - expected)[clear]
    assert difference.mean() < 1.5
    assert np.percentile(difference, 99) < 12


@pytest.mark.parametrize("seed", range(10))
def test_without_a_view_the_mosaic_is_the_middle_of_the_canvas(seed):
    """Tile by tile: which part of which image is where, told by hand from the centre."""
    how = Augmentation(degrees=0, shear=0, translate=0, scale=(1, 1))
    size = (80, 100)
    placements = mosaic_placements([size] * 4, size, np.random.default_rng(seed), how)
    random = np.random.default_rng(seed)
    # The canvas' middle begins half a size into it.
    x = int(random.uniform(0.5, 1.5) * 100) - 50
    y = int(random.uniform(0.5, 1.5) * 80) - 40
    expected = [(0, 0, x, y), (x, 0, 100, y), (0, y, x, 80), (x, y, 100, 80)]
    for placement, region in zip(placements, expected, strict=True):
        empty = region[0] >= region[2] or region[1] >= region[3]
        assert placement.region(size) == (None if empty else region)
        assert placement.scale == 1
    for placement, origin in zip(
        placements, [(x - 100, y - 80), (x, y - 80), (x - 100, y), (x, y)], strict=True
    ):
        np.testing.assert_allclose(placement.matrix @ (0, 0, 1), (*origin, 1), atol=1e-9)


def test_the_canvas_cuts_what_reaches_beyond_it():
    """Of a tile at the left top, no more is shown than the canvas has left of the centre."""
    how = Augmentation(degrees=0, shear=0, translate=0, scale=(0.25, 0.25))
    size = (80, 100)
    for seed in range(20):
        random = np.random.default_rng(seed)
        x, y = int(random.uniform(0.5, 1.5) * 100), int(random.uniform(0.5, 1.5) * 80)
        parts = [
            p.part for p in mosaic_placements([size] * 4, size, np.random.default_rng(seed), how)
        ]
        left, top = max(100 - x, 0), max(80 - y, 0)
        right, bottom = min(200 - x, 100), min(160 - y, 80)
        expected = [
            (left, top, 100, 80), (0, top, right, 80),
            (left, 0, 100, bottom), (0, 0, right, bottom),
        ]  # fmt: skip
        np.testing.assert_allclose(parts, expected, atol=1e-9)


def drawn(how, count=400, output=(100, 200)):
    """What the view of many mosaics was made of, taken apart again, and the centres."""
    views, centres = [], []
    for seed in range(count):
        tile = mosaic_placements([output] * 4, output, np.random.default_rng(seed), how)[3]
        random = np.random.default_rng(seed)
        centres.append(random.uniform(0.5, 1.5, 2))
        corner = np.array([int(centres[-1][0] * 200), int(centres[-1][1] * 100)])
        shifted = np.eye(3)
        shifted[:2, 2] = -corner
        views.append(tile.matrix @ shifted)
    return np.array(views), np.array(centres)


def spans(values, low, high):
    """Whether the values fill a range, and do not leave it."""
    margin = (high - low) / 50
    return low - 1e-9 <= min(values) < low + margin and high - margin < max(values) <= high + 1e-9


def test_the_ranges_of_the_view():
    still = {"degrees": 0, "shear": 0, "translate": 0, "scale": (1, 1)}
    views, _ = drawn(Augmentation(**still | {"degrees": 10}))
    assert spans([math.degrees(math.atan2(v[0, 1], v[0, 0])) for v in views], -10, 10)
    views, _ = drawn(Augmentation(**still | {"scale": (0.1, 2)}))
    assert spans(views[:, 0, 0], 0.1, 2)
    np.testing.assert_allclose(views[:, 0, 0], views[:, 1, 1])
    views, _ = drawn(Augmentation(**still | {"shear": 2}))
    limit = math.tan(math.radians(2))
    assert spans(views[:, 0, 1], -limit, limit)
    assert spans(views[:, 1, 0], -limit, limit)
    views, _ = drawn(Augmentation(**still | {"translate": 0.1}))
    middles = views @ (200, 100, 1)  # of the canvas
    assert spans(middles[:, 0], 80, 120)
    assert spans(middles[:, 1], 40, 60)
    views, _ = drawn(Augmentation(**still | {"perspective": 0.001}))
    assert spans(views[:, 2, 0], -0.001, 0.001)
    assert spans(views[:, 2, 1], -0.001, 0.001)


def test_the_scale_of_a_tile_is_that_of_letterbox_and_zoom():
    how = Augmentation(scale=(0.5, 0.5))
    for placement, (height, width) in zip(
        mosaic_placements(SIZES, (96, 160), np.random.default_rng(0), how), SIZES, strict=True
    ):
        assert placement.scale == pytest.approx(0.5 * min(96 / height, 160 / width), rel=0.02)


def mixup_by_canvas(image, boxes, output, random, how):
    height, width = output
    zoom = random.uniform(*how.mixup_scale)
    mirrored = random.random() < 0.5
    high, wide = image.shape[:2]
    scale = min(height / high, width / wide)
    canvas = np.full((height, width, 3), 114, dtype=np.uint8)
    fitted = cv2.resize(image, (int(wide * scale), int(high * scale)))
    canvas[: fitted.shape[0], : fitted.shape[1]] = fitted
    canvas = cv2.resize(canvas, (int(width * zoom), int(height * zoom)))
    boxes = boxes * scale * zoom
    high, wide = canvas.shape[:2]
    if mirrored:
        canvas = canvas[:, ::-1]
        boxes = np.stack([wide - boxes[:, 2], boxes[:, 1], wide - boxes[:, 0], boxes[:, 3]], axis=1)
    padded = np.full((max(high, height), max(wide, width), 3), 114, dtype=np.uint8)
    padded[:high, :wide] = canvas
    top = int(random.random() * max(high - height, 0))
    left = int(random.random() * max(wide - width, 0))
    return padded[top : top + height, left : left + width], boxes - (left, top, left, top)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("output", [(96, 160), (160, 128)])
@pytest.mark.parametrize("seed", range(8))
def test_mixup_is_that_of_the_canvas(seed, output, size):
    how = Augmentation()
    image, objects = smooth(*size), some_objects(size, seed)
    expected, boxes = mixup_by_canvas(
        image, objects.boxes.astype(float), output, np.random.default_rng(seed), how
    )
    placement = mixup_placement(size, output, np.random.default_rng(seed), how)
    picture = np.full((*output, 3), 114, dtype=np.uint8)
    paste(picture, image, size, placement)
    ours = place(objects, size, placement, output, **OPTIONS)
    np.testing.assert_allclose(ours.boxes, boxes[ours.class_ids], atol=2.5)
    assert np.abs(picture.astype(int) - expected).mean() < 4


def test_mixup_spans_its_ranges():
    how = Augmentation(mixup_scale=(0.5, 1.5))
    size = (100, 200)
    placements = [
        mixup_placement(size, size, np.random.default_rng(seed), how) for seed in range(600)
    ]
    zooms = np.array([p.scale for p in placements])
    assert spans(zooms, 0.49, 1.5)
    mirrored = np.array([p.matrix[0, 0] < 0 for p in placements])
    assert 240 < mirrored.sum() < 360
    tops = np.array([p.matrix[1, 2] for p in placements])
    assert (tops <= 0).all()
    assert (tops[zooms <= 1] == 0).all()
    assert tops.min() < -30
    regions = [p.region(size) for p in placements]
    assert all(r[0] <= 2 and r[1] == 0 for r in regions)  # mirrored, a rounding is on the left
    # Zoomed in, the output is covered; zoomed out, the image is whole at the left top.
    covered = np.array([r for r, z in zip(regions, zooms, strict=True) if z > 1.02])
    assert np.abs(covered - (0, 0, 200, 100)).max() <= 2


@pytest.mark.parametrize("output", [(96, 160), (64, 64), (33, 47)])
@pytest.mark.parametrize("size", [*SIZES, (33, 47), (1, 500), (500, 1)])
def test_letterbox_is_that_of_inference(size, output):
    image = smooth(*size)
    expected, _ = letterbox(image, output)
    picture = np.full((*output, 3), 114, dtype=np.uint8)
    placement = letterbox_placement(size, output)
    paste(picture, image, size, placement)
    assert np.abs(picture.astype(int) - expected).mean() < 2
    left, top, right, bottom = placement.region(output)
    assert (left, top) == (0, 0)
    blank = np.ones(output, dtype=bool)
    blank[:bottom, :right] = False
    assert (expected[blank] == 114).all()
    assert (picture[blank] == 114).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mosaic": 1.1}, "mosaic is 1.1; give a number from 0 to 1"),
        ({"mixup": -0.1}, "mixup is -0.1"),
        ({"flip": 2}, "flip is 2"),
        ({"translate": 1.5}, "translate is 1.5"),
        ({"min_visibility": -1}, "min_visibility is -1"),
        ({"degrees": 181}, "degrees is 181"),
        ({"shear": 89}, "shear is 89"),
        ({"perspective": 0.1}, "perspective is 0.1"),
        ({"brightness": 256}, "brightness is 256"),
        ({"hue": 91}, "hue is 91"),
        ({"scale": (0, 1)}, r"scale\[0\] is 0"),
        ({"scale": (2, 1)}, r"scale\[1\] is 1; give a number from 2"),
        ({"mixup_scale": (0.5, 0.4)}, r"mixup_scale\[1\] is 0.4"),
        ({"contrast": (1, float("nan"))}, r"contrast\[1\] is nan"),
        ({"saturation": (-1, 1)}, r"saturation\[0\] is -1"),
    ],
)
def test_parameters_out_of_range_are_named(options, message):
    with pytest.raises(InputError, match=message):
        Augmentation(**options)


def test_the_defaults_are_byte_tracks():
    how = SimpleNamespace(**vars(Augmentation()))
    assert (how.mosaic, how.mixup, how.flip) == (1, 1, 0.5)
    assert (how.degrees, how.translate, how.shear, how.perspective) == (10, 0.1, 2, 0)
    assert (how.scale, how.mixup_scale) == ((0.1, 2), (0.5, 1.5))
    assert (how.brightness, how.contrast, how.hue) == (32, (0.5, 1.5), 18)
    assert (how.saturation, how.clip) == ((0.5, 1.5), False)


def test_no_corner_comes_behind_the_camera():
    """The canvas reaches to twice the output; a stronger tilt would put its corners behind."""
    with pytest.raises(InputError, match=r"perspective is 0\.001"):
        mosaic_placements(
            [(60, 80)] * 4, (800, 1440), np.random.default_rng(0), Augmentation(perspective=0.001)
        )
    how = Augmentation(perspective=0.0004, scale=(1.0, 1.0))
    for seed in range(200):
        random = np.random.default_rng(seed)
        for placement in mosaic_placements([(1080, 1920)] * 4, (800, 1440), random, how):
            left, top, right, bottom = placement.part
            corners = np.array([[x, y, 1] for x in (left, right) for y in (top, bottom)])
            assert (corners @ placement.matrix[2] > 0).all()
