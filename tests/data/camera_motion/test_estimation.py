import cv2
import numpy as np
import pytest

from yolox.data.camera_motion.estimation import METHODS, CameraWatch, estimate
from yolox.data.camera_motion.fit import fit_similarity, is_plausible
from yolox.data.camera_motion.view import make_view, unshrink
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.formats.camera_motion import read_camera_motion
from yolox.formats.images import read_image
from yolox.formats.mot import read_detections
from yolox.structures import InputError

STILL = np.eye(2, 3)
WIDTH, HEIGHT = 480, 270


def _texture(seed=0):
    """Blobs of several sizes in grey, on a canvas larger than the image."""
    random = np.random.default_rng(seed)
    canvas = np.zeros((HEIGHT * 2, WIDTH * 2), np.float32)
    for size in (9, 19, 39):
        noise = random.normal(size=canvas.shape).astype(np.float32)
        canvas += cv2.GaussianBlur(noise, (0, 0), size / 3) * size
    canvas = cv2.normalize(canvas, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR)


def _look(canvas, pose):
    return cv2.warpAffine(canvas, pose, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)


def _similarity(zoom, degrees, x, y):
    """Zoom and turn about the middle of the image, then a shift."""
    warp = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, zoom)
    warp[:, 2] += x, y
    return warp


def _corner_error(warp, expected, width=WIDTH, height=HEIGHT):
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
    return np.linalg.norm(corners @ (warp - expected).T, axis=1).max()


START = np.array([[1, 0, -WIDTH / 2], [0, 1, -HEIGHT / 2]])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "motion",
    [(1, 0, 0, 0), (1, 0, 6.3, -4.6), (1.02, 1, -5, 3), (0.97, -2, 14, 9)],
    ids=["still", "shift", "zoom in", "zoom out"],
)
def test_a_known_motion_is_found(method, motion):
    canvas, warp = _texture(), _similarity(*motion)
    pose = np.vstack([warp, [0, 0, 1]]) @ np.vstack([START, [0, 0, 1]])
    found = estimate(_look(canvas, START), _look(canvas, pose[:2]), method=method)
    assert _corner_error(found, warp) < {"sparse_flow": 0.1, "ecc": 0.2, "orb": 1.2}[method]


def test_a_shrunk_image_gives_the_motion_of_the_whole():
    canvas, warp = _texture(), _similarity(1.02, 1, -5, 3)
    pose = np.vstack([warp, [0, 0, 1]]) @ np.vstack([START, [0, 0, 1]])
    found = estimate(_look(canvas, START), _look(canvas, pose[:2]), height=101)
    assert _corner_error(found, warp) < 0.5


@pytest.mark.parametrize("method", METHODS)
def test_people_are_overlooked_where_they_are_known(method):
    """Most of the image is a bus that drives right; the rest moves left with the camera."""
    canvas, bus = _texture(), _texture(1)[:200, :330]
    images = []
    for camera, left in ((0, 80), (-4, 88)):
        image = _look(canvas, START + np.array([[0, 0, camera], [0, 0, 0]]))
        image[40:240, left : left + 330] = bus
        images.append(image)
    boxes = np.array([[75.0, 35, 425, 245]])
    expected = np.array([[1, 0, -4], [0, 1, 0]])
    assert _corner_error(estimate(*images, boxes, method=method), expected) < 3
    assert _corner_error(estimate(*images, method=method), expected) > 4


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("other", ["blank", "cut"])
def test_what_cannot_be_told_is_counted(method, other):
    watch = CameraWatch(method=method)
    first = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    second = first.copy()
    if other == "cut":
        first, second = _look(_texture(2), START), _look(_texture(3), START)
    np.testing.assert_array_equal(watch.update(first), STILL)
    assert watch.blind == 0
    np.testing.assert_array_equal(watch.update(second), STILL)
    assert watch.blind == 1


def test_the_same_images_give_the_same_numbers():
    images = [_look(_texture(), START), _look(_texture(), START + 3)]
    np.testing.assert_array_equal(estimate(*images), estimate(*images))


def test_a_made_up_walk_through_a_street():
    scene = make_scene(6, 8, preset="moving_camera", seed=4, width=480, height=270)
    watch = CameraWatch()
    for number, image in enumerate(render(scene), start=1):
        warp = watch.update(image, scene.detections.at(number).boxes)
        assert _corner_error(warp, scene.camera_motion[number - 1]) < 0.3
    assert watch.blind == 0


def test_images_of_two_sizes():
    watch = CameraWatch()
    watch.update(np.zeros((40, 50, 3), np.uint8))
    with pytest.raises(InputError, match="the image is 60 × 40 pixels, not of the size of the one"):
        watch.update(np.zeros((40, 60, 3), np.uint8))


def test_methods_are_named():
    with pytest.raises(InputError, match="method is 'orbit'; give one of sparse_flow, ecc, orb"):
        CameraWatch(method="orbit")


def test_views_mask_people_unless_little_else_is_left():
    image = np.zeros((100, 200, 3), np.uint8)
    boxes = np.array([[20.0, -30, 60.5, 50], [500, 500, 600, 600]])
    view = make_view(image, boxes, height=50)
    assert view.pixels.shape == (50, 100)
    expected = np.full((50, 100), 255)
    expected[0:25, 10:31] = 0
    np.testing.assert_array_equal(view.background, expected)
    crowded = make_view(image, np.array([[0.0, 0, 200, 95]]), height=50)
    assert (crowded.background == 255).all()


def test_a_map_of_shrunk_images_is_brought_back():
    scale, warp = np.array([0.5, 0.25]), np.array([[1.1, 0.2, 3], [-0.1, 0.9, 2]])
    point = np.array([30.0, 80])
    moved = warp[:, :2] @ (point * scale) + warp[:, 2]
    restored = unshrink(warp, scale)
    np.testing.assert_allclose(restored[:, :2] @ point + restored[:, 2], moved / scale)


def test_a_fit_needs_points_that_agree():
    random = np.random.default_rng(0)
    points = random.uniform(0, 200, (60, 2))
    warp = _similarity(1.03, 2, 4, -3)
    seen = points @ warp[:, :2].T + warp[:, 2]
    seen[:30] += random.uniform(20, 60, (30, 2))  # half of them go their own ways
    np.testing.assert_allclose(fit_similarity(points, seen, tolerance=1.0), warp, atol=1e-6)
    assert fit_similarity(points, random.uniform(0, 200, (60, 2)), tolerance=1.0) is None
    assert fit_similarity(points[30:40], seen[30:40], tolerance=1.0) is None


@pytest.mark.parametrize(
    ("warp", "plausible"),
    [
        (_similarity(1.1, 5, 300, 0), True),
        (_similarity(1.3, 0, 0, 0), False),
        (_similarity(0.7, 0, 0, 0), False),
        (_similarity(1, 20, 0, 0), False),
        (np.array([[-1.0, 0, 0], [0, 1, 0]]), False),
        (np.array([[1.0, 0, np.nan], [0, 1, 0]]), False),
    ],
)
def test_what_a_camera_can_do(warp, plausible):
    assert is_plausible(warp) == plausible


@pytest.mark.data
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["MOT17-02-FRCNN", "MOT17-04-FRCNN"])
def test_real_frames(shared_data, name, method):
    """Cameras that nearly stand, against the published files: a third of a pixel at most."""
    mot17 = shared_data / "mot17"
    people = read_detections(mot17 / "detections" / "yolox_x_ablation" / f"{name}.txt")
    expected = read_camera_motion(mot17 / "camera_motion" / f"{name}.txt")
    watch = CameraWatch(method=method)
    errors = []
    for frame, path in enumerate(sorted((shared_data / "frames" / name / "img1").glob("*.jpg"))):
        found = people.at(frame + 1)
        warp = watch.update(read_image(path), found.boxes[found.scores > 0.3])
        errors.append(_corner_error(warp, expected[frame], 1920, 1080))
    assert watch.blind == 0
    assert len(errors) >= 4
    assert np.mean(errors) < 0.35
