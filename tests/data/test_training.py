import shutil

import numpy as np
import pytest
from data.painted import Person, bounds, painted, shows, street

from yolox.data.images import read_annotated
from yolox.data.mosaic import Augmentation
from yolox.data.preprocess import letterbox
from yolox.data.training import Draw, TrainingView
from yolox.structures import InputError

# Sides whose letterboxed size is smaller, equal and larger, and of either orientation.
SIZES = [(120, 160), (90, 150), (150, 100), (128, 224), (60, 90), (200, 300)]
OUTPUTS = [(96, 160), (160, 96), (128, 224)]
COLOURS_AS_THEY_ARE = {
    "brightness": 0, "contrast": (1, 1), "hue": 0, "saturation": (1, 1), "min_visibility": 0,
}  # fmt: skip


def plainly(**options):
    return Augmentation(**(COLOURS_AS_THEY_ARE | options))


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return street(tmp_path_factory.mktemp("street"), SIZES)


@pytest.fixture(scope="module")
def large_images(tmp_path_factory):
    """No image is enlarged by letterboxing."""
    return street(tmp_path_factory.mktemp("large"), [(y * 3, x * 3) for y, x in SIZES], seed=1)


def check_follows_the_pixels(pixels, objects, annotations, *, tolerance, smallest, straight, clip):
    """Check each person's box against the pixels in the person's colour.

    Returns the number of boxes that were checked on all four sides.
    """
    classes = np.empty(annotations.num_identities, dtype=int)
    classes[annotations.objects.identities] = annotations.objects.class_ids
    assert (objects.identities >= 0).all()
    np.testing.assert_array_equal(objects.class_ids, classes[objects.identities])
    height, width = pixels.shape[:2]
    checked = 0
    for identity in range(annotations.num_identities):
        mask = shows(pixels, identity)
        rows = np.flatnonzero(objects.identities == identity)
        boxes = objects.boxes[rows].astype(float)
        if not mask.any():
            # Nothing of the colour: no box that promises more than a rim of it.
            for row in rows:
                seen = np.clip(objects.boxes[row], 0, [width, height, width, height])
                area = (seen[2:] - seen[:2]).prod() * objects.visibility[row]
                assert min(seen[2:] - seen[:2]) < 2 * tolerance + 3 or area < 60
            continue
        y, x = np.nonzero(mask)
        outside = np.ones(len(y), dtype=bool)
        for left, top, right, bottom in boxes:
            outside &= (
                (x + 1 < left - tolerance + 1) | (x > right + tolerance - 1)
                | (y + 1 < top - tolerance + 1) | (y > bottom + tolerance - 1)
            )  # fmt: skip
        if outside.any():
            # What is too small, too long, or clipped to a rest may lack a box.
            wide, tall = x[outside].max() - x[outside].min(), y[outside].max() - y[outside].min()
            small = min(wide, tall) <= smallest + tolerance
            assert small or clip or max(wide, tall) > 15 * min(wide, tall)
        if len(rows) != 1 or outside.any():
            continue
        found, box = bounds(mask), boxes[0]
        seen = np.clip(box, 0, [width, height, width, height])
        if (clip and straight) or objects.visibility[rows[0]] > 0.999:
            np.testing.assert_allclose(found, seen, atol=tolerance)
            checked += 1
        if straight:
            # The visibility is the share of the box that has the colour.
            sides = box[2:] - box[:2]
            whole = sides.prod()
            if not clip and min(sides) > 8:
                rim = 2 * tolerance * sides.sum() / whole
                assert abs(mask.sum() / whole - objects.visibility[rows[0]]) < rim
    return checked


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("clip", [False, True], ids=["amodal", "clip"])
def test_boxes_of_an_upright_mosaic_are_tight(large_images, output, clip):
    """Nothing is enlarged, so that edges are sharp: a pixel and a half."""
    how = plainly(degrees=0, shear=0, scale=(0.4, 1.0), mixup=0, clip=clip)
    view = TrainingView(large_images, how, seed=3)
    checked = 0
    for number in range(40):
        sample = view[Draw(number % len(view), number, output)]
        checked += check_follows_the_pixels(
            sample.image, sample.objects, large_images.annotations,
            tolerance=1.5, smallest=2, straight=True, clip=clip,
        )  # fmt: skip
    assert checked > 40


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(
    "how",
    [
        {"degrees": 0, "shear": 0, "scale": (0.5, 1.5)},
        {"degrees": 10, "shear": 2, "scale": (0.5, 1.5)},
        {"degrees": 40, "shear": 10, "scale": (0.5, 1.5)},
        {"degrees": 10, "shear": 2, "scale": (0.7, 1.5), "perspective": 0.0008},
        {"degrees": 10, "shear": 2, "scale": (0.5, 1.5), "clip": True},
    ],
    ids=["upright", "turned", "far", "tilted", "clip"],
)
def test_boxes_of_a_mosaic_follow_the_pixels(people, output, how):
    """The edge of what is enlarged by z is blurred over z pixels; perspective enlarges by ½ more.

    Of a turned box that is clipped, the corners are cut after turning, which leaves no pixels.
    """
    view = TrainingView(people, plainly(mixup=0, **how), seed=4)
    largest = 1.5 * max(min(output[0] / h, output[1] / w) for h, w in SIZES)
    turned = how["degrees"] > 0
    checked = 0
    for number in range(40):
        sample = view[Draw(number % len(view), number, output)]
        annotations = people.annotations
        checked += check_follows_the_pixels(
            sample.image, sample.objects, annotations,
            tolerance=1.5 + largest * (1.2 if how.get("perspective") else 0.8),
            smallest=2, straight=not turned, clip=how.get("clip", False),
        )  # fmt: skip
    assert checked > 20


@pytest.mark.parametrize("output", OUTPUTS)
def test_boxes_blended_in_follow_the_pixels(large_images, output):
    """A picture with mixup, twice, less the one without, is what was blended in."""
    upright = {"degrees": 0, "shear": 0, "scale": (0.4, 1.0)}
    without = TrainingView(large_images, plainly(mixup=0, **upright), seed=5)
    blended = TrainingView(large_images, plainly(mixup=1, **upright), seed=5)
    checked = mixed = 0
    for number in range(30):
        draw = Draw(number % len(without), number, output)
        plain, both = without[draw], blended[draw]
        count = len(plain.objects.boxes)
        for ours, theirs in zip(plain.objects, both.objects, strict=True):
            np.testing.assert_array_equal(ours, theirs[:count])
        other = 2 * both.image.astype(int) - plain.image
        assert other.min() >= -1
        assert other.max() <= 256
        mixed += (np.abs(other - plain.image) > 2).any()
        checked += check_follows_the_pixels(
            np.clip(other, 0, 255).astype(np.uint8), both.objects.take(slice(count, None)),
            large_images.annotations, tolerance=2.5, smallest=5, straight=True, clip=False,
        )  # fmt: skip
    assert mixed > 20
    assert checked > 20


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("clip", [False, True], ids=["amodal", "clip"])
def test_boxes_alone_follow_the_pixels(people, output, clip):
    view = TrainingView(people, plainly(clip=clip), seed=6)
    largest = max(min(output[0] / h, output[1] / w) for h, w in SIZES)
    checked = 0
    for number in range(24):
        sample = view[Draw(number % len(view), number, output, mosaic=False)]
        checked += check_follows_the_pixels(
            sample.image, sample.objects, people.annotations,
            tolerance=1.5 + 0.6 * largest, smallest=1, straight=True, clip=clip,
        )  # fmt: skip
    assert checked > 40


def test_alone_is_the_letterboxed_image_and_its_mirror_image(tmp_path):
    """Padding stays at the right and below, as inference has it."""
    dataset = painted(tmp_path, [(40, 80)], [[Person((0, 0, 20, 40))]])
    seen = set()
    for number in range(20):
        view = TrainingView(dataset, plainly(), seed=0)
        sample = view[Draw(0, number, (64, 80), mosaic=False)]
        assert (sample.image[40:] == 114).all()
        sample = view[Draw(0, number, (40, 120), mosaic=False)]
        box = sample.objects.boxes[0].tolist()
        assert (sample.image[:, 80:] == 114).all()
        assert box in ([0, 0, 20, 40], [60, 0, 80, 40])
        seen.add(box[0])
        np.testing.assert_array_equal(bounds(shows(sample.image, 1)), box)
    assert seen == {0, 60}


@pytest.mark.parametrize("mosaic", [False, True])
def test_mirrored_at_the_chance_that_is_given(people, mosaic):
    never, always, half = (
        TrainingView(people, plainly(flip=chance), seed=1) for chance in (0, 1, 0.5)
    )
    mirrored = 0
    for number in range(60):
        draw = Draw(0, number, (96, 160), mosaic=mosaic)
        plain, flipped, either = never[draw], always[draw], half[draw]
        if mosaic:
            assert np.abs(plain.image[:, ::-1].astype(int) - flipped.image).mean() < 2
        same = [np.array_equal(either.image, one.image) for one in (plain, flipped)]
        assert any(same)
        mirrored += same[1]
    assert 15 < mirrored < 45


def test_mosaic_and_mixup_come_at_their_chance(people):
    """Told from how many of the picture's identities are of other images."""
    view = TrainingView(people, plainly(mosaic=0.5, mixup=0), seed=1)
    alone = 0
    for number in range(100):
        sample = view[Draw(0, number, (96, 160))]
        # Letterboxed 120 × 160 leaves grey on the right, and all four people.
        alone += (sample.image[:, 128:] == 114).all()
    assert 30 < alone < 70
    plain = TrainingView(people, plainly(mixup=0), seed=1)
    view = TrainingView(people, plainly(mixup=0.5), seed=1)
    blended = sum(
        (plain[draw].image != view[draw].image).any()
        for draw in (Draw(0, number, (96, 160)) for number in range(100))
    )
    assert 30 < blended < 70


def test_all_chance_comes_from_the_seed_and_the_number(people):
    draw = Draw(2, 7, (96, 160))
    first = TrainingView(people, Augmentation(), seed=1)
    for number in range(5):
        _ = first[Draw(number, number, (96, 160))]
    again = TrainingView(people, Augmentation(), seed=1)
    np.testing.assert_array_equal(first[draw].image, again[draw].image)
    for ours, theirs in zip(first[draw].objects, again[draw].objects, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert first[draw].index == 2
    other_seed = TrainingView(people, Augmentation(), seed=2)[draw]
    other_number = first[Draw(2, 8, (96, 160))]
    for other in (other_seed, other_number):
        assert (other.image != first[draw].image).any()


def test_the_first_tile_is_the_image_that_is_drawn(people):
    how = plainly(degrees=0, shear=0, translate=0, scale=(0.5, 0.5), mixup=0, flip=0)
    view = TrainingView(people, how, seed=0)
    for number in range(12):
        index = number % len(view)
        sample = view[Draw(index, number, (96, 160))]
        first = people.annotations.of_image(index).identities
        count = np.isin(sample.objects.identities[: len(first)], first).sum()
        assert count >= 1


def test_the_smallest_sides(tmp_path):
    """Alone more than 1 pixel, in a mosaic more than 2, blended in more than 5."""
    sizes = [(80, 100)] * 2
    thin = [Person((20 * k + 5, 10, k + 0.5, 12), k) for k in range(1, 4)]
    dataset = painted(tmp_path, sizes, [[Person((5, 30, 9, 9), 0), *thin]] * 2)
    still = {"degrees": 0, "shear": 0, "scale": (0.99, 1), "mixup_scale": (1, 1.001)}
    alone = TrainingView(dataset, plainly(), seed=0)[Draw(0, 0, (40, 50), mosaic=False)]
    assert sorted(alone.objects.identities) == [0, 2, 3]
    mosaic = TrainingView(dataset, plainly(mixup=0, **still), seed=0)
    both = TrainingView(dataset, plainly(**still), seed=0)
    seen, blended = set(), set()
    for number in range(30):
        draw = Draw(0, number, (80, 100))
        count = len(mosaic[draw].objects.boxes)
        seen |= set(mosaic[draw].objects.identities.tolist())
        blended |= set(both[draw].objects.identities[count:].tolist())
    assert seen == {0, 2, 3}
    assert blended == {0}


def test_who_is_hardly_visible_loses_the_identity(people):
    how = plainly(mixup=0)
    everybody = TrainingView(people, how, seed=0)
    some = TrainingView(people, plainly(mixup=0, min_visibility=0.5), seed=0)
    lost = 0
    for number in range(20):
        draw = Draw(0, number, (96, 160))
        all_known, part_known = everybody[draw].objects, some[draw].objects
        np.testing.assert_array_equal(all_known.boxes, part_known.boxes)
        expected = np.where(all_known.visibility >= 0.5, all_known.identities, -1)
        np.testing.assert_array_equal(part_known.identities, expected)
        lost += (expected < 0).sum()
    assert lost > 10


def test_an_image_without_objects_is_not_blended(tmp_path):
    """Neither into nor in: what is blended over it would be taught to be background."""
    dataset = painted(tmp_path, [(40, 60)] * 3, [[], [], [Person((10, 10, 20, 20))]])
    without = TrainingView(dataset, plainly(mixup=0), seed=0)
    blended = TrainingView(dataset, plainly(mixup=1, mixup_scale=(1, 1)), seed=0)
    empty = 0
    for number in range(40):
        draw = Draw(0, number, (64, 96))
        plain, both = without[draw], blended[draw]
        if not len(plain.objects.boxes):
            np.testing.assert_array_equal(plain.image, both.image)
            assert not len(both.objects.boxes)
            empty += 1
        else:
            assert len(both.objects.boxes) == len(plain.objects.boxes) + 1
    assert 0 < empty < 40


def test_an_image_of_which_no_object_is_left_is_not_blended_in(tmp_path):
    """YOLOX's rule: its people would be seen, and taught to be background."""
    sizes = [(80, 100)] * 2
    dataset = painted(tmp_path, sizes, [[Person((10, 10, 4, 4), k)] for k in range(2)])
    still = {"degrees": 0, "shear": 0, "scale": (1, 1), "mixup_scale": (1, 1)}
    without = TrainingView(dataset, plainly(mixup=0, **still), seed=0)
    blended = TrainingView(dataset, plainly(mixup=1, **still), seed=0)
    for number in range(10):
        draw = Draw(0, number, (80, 100))
        assert len(blended[draw].objects.boxes) == len(without[draw].objects.boxes)
        np.testing.assert_array_equal(blended[draw].image, without[draw].image)


@pytest.mark.parametrize("mosaic", [False, True])
def test_a_data_set_without_any_object(tmp_path, mosaic):
    dataset = painted(tmp_path, [(40, 60)] * 2, [[], []])
    view = TrainingView(dataset, Augmentation(), seed=0)
    sample = view[Draw(1, 0, (64, 96), mosaic)]
    assert sample.objects.boxes.shape == (0, 4)
    assert sample.image.shape == (64, 96, 3)


@pytest.fixture
def broken(tmp_path):
    """Of six images the second is cut short and the fourth is missing."""
    dataset = street(tmp_path, SIZES)
    images = tmp_path / "img"
    data = (images / "000002.png").read_bytes()
    (images / "000002.png").write_bytes(data[: len(data) // 2])
    (images / "000004.png").unlink()
    return dataset


@pytest.mark.parametrize("mosaic", [False, True])
@pytest.mark.parametrize(("index", "name"), [(1, "000002.png"), (3, "000004.png")])
def test_what_cannot_be_read_stops(broken, mosaic, index, name):
    # Zoomed out the whole canvas is seen, and so the first tile.
    how = Augmentation(scale=(0.5, 0.5), degrees=0, translate=0)
    view = TrainingView(broken, how, seed=0)
    with pytest.raises(InputError, match=r"00000[24].png") as caught:
        _ = [view[Draw(index, number, (96, 160), mosaic)] for number in range(10)]
    assert mosaic or name in str(caught.value)


def test_alone_the_next_image_takes_the_place(broken):
    view = TrainingView(broken, plainly(flip=0), seed=0, on_error="skip")
    for index, following, name in ((1, 2, "000002.png"), (3, 4, "000004.png")):
        sample = view[Draw(index, 0, (96, 160), mosaic=False)]
        expected = view[Draw(following, 0, (96, 160), mosaic=False)]
        np.testing.assert_array_equal(sample.image, expected.image)
        np.testing.assert_array_equal(sample.objects.boxes, expected.objects.boxes)
        assert len(sample.faults) == 1
        assert name in sample.faults[0]
        assert expected.faults == ()


def test_after_the_last_image_comes_the_first(broken):
    (broken.annotations.root / "000006.png").unlink()
    view = TrainingView(broken, plainly(flip=0), seed=0, on_error="skip")
    sample = view[Draw(5, 0, (96, 160), mosaic=False)]
    expected = view[Draw(0, 0, (96, 160), mosaic=False)]
    np.testing.assert_array_equal(sample.image, expected.image)


def test_in_a_mosaic_the_place_stays_grey(broken):
    how = plainly(degrees=0, shear=0, translate=0, scale=(0.5, 0.5), flip=0)
    view = TrainingView(broken, how, seed=0, on_error="skip")
    hidden = {people for image in (1, 3) for people in range(4 * image, 4 * image + 4)}
    named = set()
    for number in range(40):
        sample = view[Draw(number % 6, number, (96, 160))]
        again = view[Draw(number % 6, number, (96, 160))]
        np.testing.assert_array_equal(sample.image, again.image)
        assert not hidden & set(sample.objects.identities.tolist())
        assert sample.faults == again.faults
        if number % 6 in (1, 3):
            assert sample.faults
        named |= {fault.split(":")[0][-10:] for fault in sample.faults}
    assert named == {"000002.png", "000004.png"}


def test_a_grey_picture_is_not_blended_in(tmp_path):
    """When the image to blend in cannot be read the picture is not made paler for it."""
    dataset = street(tmp_path, [(80, 100)] * 2)
    (tmp_path / "img" / "000002.png").unlink()
    options = {"degrees": 0, "shear": 0, "scale": (0.5, 0.5), "translate": 0, "flip": 0}
    without = TrainingView(dataset, plainly(mixup=0, **options), seed=0, on_error="skip")
    blended = TrainingView(dataset, plainly(mixup=1, **options), seed=0, on_error="skip")
    unread = 0
    for number in range(30):
        draw = Draw(0, number, (80, 100))
        plain, both = without[draw], blended[draw]
        if len(both.faults) > len(plain.faults):
            np.testing.assert_array_equal(plain.image, both.image)
            unread += 1
    assert unread > 5


@pytest.mark.parametrize("mosaic", [False, True])
def test_only_broken_images(tmp_path, mosaic):
    dataset = street(tmp_path, SIZES[:2])
    shutil.rmtree(tmp_path / "img")
    view = TrainingView(dataset, Augmentation(), seed=0, on_error="skip")
    with pytest.raises(InputError, match=r"no image can be read; the first: .*00000[12].png: no"):
        _ = view[Draw(0, 0, (96, 160), mosaic)]


@pytest.mark.parametrize("output", [(32, 32), (32, 1024), (1024, 32)])
def test_odd_sizes_of_pictures(people, output):
    view = TrainingView(people, Augmentation(perspective=0.0008), seed=0)
    for number in range(12):
        sample = view[Draw(number % 6, number, output, mosaic=number % 3 > 0)]
        assert sample.image.shape == (*output, 3)
        sides = sample.objects.boxes[:, 2:] - sample.objects.boxes[:, :2]
        assert (sides > 1).all()
        assert np.isfinite(sample.objects.boxes).all()


def test_padding_keeps_its_colour(people):
    """Evaluation pads with the same grey, so the last epochs must not see another."""
    view = TrainingView(people, Augmentation(flip=0), seed=3)
    changed = 0
    for number in range(40):
        index = number % len(view)
        height, width = people.size(index)
        sample = view[Draw(index, number, (96, 256), mosaic=False)]
        used = int(width * min(96 / height, 256 / width))
        assert used < 256
        assert (sample.image[:, used:] == 114).all()
        letterboxed = letterbox(read_annotated(people.annotations, index), (96, 256))[0]
        changed += not np.array_equal(sample.image, letterboxed)
    assert changed > 20
