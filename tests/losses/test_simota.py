import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from losses.random_batches import IMAGE_SIZE, PLACES, as_lists, make_targets, random_batch
from losses.reference_losses import assign_image

from yolox.losses.simota import RULES, assign
from yolox.models.yolo_head import Predictions, YOLOXHead

NEAR_TIE = 1e-4


def _found(matches, targets):
    """What `assign` says, as for each image {place: (number of the object in its image, IoU)}."""
    first = {}
    for position, image in enumerate(targets.images.tolist()):
        first.setdefault(image, position)
    found = {}
    for image, place, target, iou in zip(*(part.tolist() for part in matches), strict=True):
        assert targets.images[target] == image
        assert place not in found.setdefault(image, {}), "a place has two objects"
        found[image][place] = (target - first[image], iou)
    return found


def _compare(predictions, targets, rule):
    """Check every image against the reference; give its assignments and how many were near ties."""
    matches = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
    keys = (matches.images * len(PLACES) + matches.locations).tolist()
    assert keys == sorted(set(keys))
    assert [part.dtype for part in matches] == [torch.int64] * 3 + [torch.float32]
    found = _found(matches, targets)
    near_ties, assignments = 0, []
    for image, picture in enumerate(as_lists(predictions, targets)):
        expected = assign_image(picture, PLACES, IMAGE_SIZE, rule)
        assignments.append(expected)
        ours = found.get(image, {})
        theirs = {match.place: match.thing for match in expected.matches}
        if {place: thing for place, (thing, _) in ours.items()} != theirs:
            assert expected.margin < NEAR_TIE, f"image {image} differs, and there is no near tie"
            near_ties += 1
            continue
        for match in expected.matches:
            assert ours[match.place][1] == pytest.approx(match.iou, abs=2e-5)
    return assignments, near_ties


# Numbers of objects of the images of a batch, and number of classes.
CROWDS = [
    ([0], 1),
    ([0, 0], 3),
    ([1], 1),
    ([1, 0, 1], 4),
    ([0, 7, 0, 2, 25, 1], 3),
    ([40, 0, 3], 1),
    ([300], 2),
    ([0, 300, 12], 1),
]


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
def test_equals_the_reference_on_random_batches(rule):
    images = near_ties = 0
    seen = {"contested": 0, "unasked": 0, "behind": 0, "several": 0}
    for seed, (counts, num_classes) in enumerate(CROWDS):
        # Small objects have few preferred places, large ones share many.
        for largest in (20, 90):
            predictions, targets = random_batch(seed, counts, num_classes, largest)
            assignments, ties = _compare(predictions, targets, rule)
            near_ties += ties
            images += len(assignments)
            for name in seen:
                seen[name] += sum(getattr(assignment, name) for assignment in assignments)
    assert near_ties <= 1, f"{near_ties} near ties in {images} images prove nothing"
    # Otherwise the comparison would not have met the hard parts of the rule.
    assert min(seen.values()) >= 10, seen


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
@pytest.mark.parametrize("seed", range(6))
def test_equals_the_reference_on_many_small_batches(rule, seed):
    near_ties = 0
    for part in range(4):
        predictions, targets = random_batch(100 + 10 * seed + part, [3, 0, 6], 3, 60)
        near_ties += _compare(predictions, targets, rule)[1]
    assert near_ties <= 1


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_equals_the_reference_on_predictions_made_under_autocast(rule, dtype):
    torch.manual_seed(1)
    head = YOLOXHead(3, 0.0625, (8, 8, 8))
    head.set_prior(0.5)
    stems = [torch.randn(2, 16, IMAGE_SIZE[0] // s, IMAGE_SIZE[1] // s) for s in (8, 16, 32)]
    for layer in (*head.reg_preds, *head.obj_preds, *head.cls_preds):
        torch.nn.init.normal_(layer.weight, std=0.5)
    try:
        with torch.autocast("cpu", dtype=dtype):
            predictions = head([stem * 2 for stem in stems])
    except RuntimeError as error:  # not every processor has both
        pytest.skip(str(error))
    assert predictions.offsets.dtype == predictions.classes.dtype == dtype
    near_ties = 0
    for seed in range(4):
        targets = random_batch(seed, [5, 14], 3)[1]
        with torch.autocast("cpu", dtype=dtype):
            near_ties += _compare(predictions, targets, rule)[1]
    assert near_ties <= 1


def _blank(batch=1, num_classes=1):
    """Predict nothing in particular: every place a box of one stride about its corner."""
    return Predictions(
        torch.zeros(batch, len(PLACES), 4),
        torch.zeros(batch, len(PLACES)),
        torch.zeros(batch, len(PLACES), num_classes),
        torch.tensor(PLACES).float(),
    )


def _say(predictions, place, box):
    """Let the predictor at a place say this box."""
    column, row, stride = PLACES[place]
    x, y, w, h = box
    predictions.offsets[0, place] = torch.tensor(
        [x / stride - column, y / stride - row, math.log(w / stride), math.log(h / stride)]
    )


def test_names_the_two_rules():
    assert set(RULES) == {"bytetrack", "yolox"}


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
def test_gives_nothing_where_nothing_is(rule):
    matches = assign(_blank(2), make_targets([], []), IMAGE_SIZE, RULES[rule])
    assert [len(part) for part in matches] == [0, 0, 0, 0]
    assert [part.dtype for part in matches] == [torch.int64] * 3 + [torch.float32]


# The centre is right of the image by 60 pixels: further than 1.5 of the largest strides.
FAR_RIGHT = [220.0, 48.0, 20.0, 40.0]


def test_an_object_outside_the_image_is_learnt_at_its_border_by_the_rule_of_bytetrack():
    targets = make_targets([0], [FAR_RIGHT])
    matches = assign(_blank(), targets, IMAGE_SIZE, RULES["bytetrack"])
    assert len(matches.locations) == 1
    column, row, stride = PLACES[matches.locations[0]]
    assert abs((column + 0.5) * stride - 160) < 2.5 * stride
    assert abs((row + 0.5) * stride - 48) < 2.5 * stride


def test_an_object_outside_the_image_is_left_out_by_the_rule_of_yolox():
    matches = assign(_blank(), make_targets([0], [FAR_RIGHT]), IMAGE_SIZE, RULES["yolox"])
    assert len(matches.images) == 0


def test_an_object_without_places_of_its_own_takes_one_that_another_has():
    """So it is in YOLOX: an object has one place at least, if its image has any to give."""
    boxes = [FAR_RIGHT, [84.0, 44.0, 30.0, 30.0]]
    matches = assign(_blank(), make_targets([0, 0], boxes), IMAGE_SIZE, RULES["yolox"])
    assert sorted(matches.targets.tolist()) == [0, 1]


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
@pytest.mark.parametrize(
    ("fitting", "taken"),
    [
        (0, 1),  # nothing fits: still one
        (1, 1),  # 0.85
        (2, 1),  # 1.7, cut off
        (3, 2),  # 2.55
        (9, 7),  # 7.65
        (10, 8),  # 8.5
        (13, 8),  # only the ten best count
    ],
)
def test_an_object_takes_as_many_places_as_its_overlaps_add_up_to(rule, fitting, taken):
    predictions = _blank()
    predictions.offsets[:, :, 2:] = -20  # no area, no overlap
    near = [
        n
        for n, (_, _, stride) in enumerate(PLACES)
        if abs(_centre(n)[0] - 80) < 1.5 * stride and abs(_centre(n)[1] - 48) < 1.5 * stride
    ]
    assert len(near) >= 13
    for place in near[:fitting]:
        _say(predictions, place, [80.0, 48.0, 70.0, 68.0])  # 68 / 80 = 0.85
    targets = make_targets([0], [[80.0, 48.0, 70.0, 80.0]])
    matches = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
    assert len(matches.locations) == taken
    if fitting:
        assert matches.ious.tolist() == pytest.approx([0.85] * taken)


def _centre(place):
    column, row, stride = PLACES[place]
    return (column + 0.5) * stride, (row + 0.5) * stride


def test_places_outside_the_preferred_region_still_follow_their_cost():
    """Behind the penalty single precision knows steps of 0.008 (1e5) or 0.06 (1e6) only."""
    box = [84.0, 44.0, 8.0, 8.0]  # contains the centre of one place of stride 8 alone
    inside = PLACES.index((10, 5, 8))
    around = [PLACES.index((10 + x, 5 + y, 8)) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
    predictions = _blank()
    predictions.offsets[:, :, 2:] = -20
    for rank, place in enumerate([inside, *around]):
        _say(predictions, place, [84.0, 44.0, 8.0, 8.0 + 0.0008 * rank])
    wanted = {inside, *around[:7]}
    matches = assign(predictions, make_targets([0], [box]), IMAGE_SIZE, RULES["bytetrack"])
    assert set(matches.locations.tolist()) == wanted


def test_assigns_without_a_gradient():
    predictions, targets = random_batch(0, [4], 2)
    predictions = predictions._replace(offsets=predictions.offsets.requires_grad_())
    assert not assign(predictions, targets, IMAGE_SIZE, RULES["yolox"]).ious.requires_grad


def _triples(matches, names=None, images=None):
    return {
        (images[image] if images else image, place, names[target] if names else target)
        for image, place, target in zip(*(part.tolist() for part in matches[:3]), strict=True)
    }


batches = st.tuples(
    st.integers(0, 10_000), st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(1, 3)
)


@settings(max_examples=20)
@given(batches, st.sampled_from(["bytetrack", "yolox"]), st.randoms(use_true_random=False))
def test_the_order_of_the_objects_of_an_image_changes_nothing(batch, rule, rng):
    predictions, targets = random_batch(*batch)
    order = list(range(len(targets.images)))
    rng.shuffle(order)
    order.sort(key=lambda target: int(targets.images[target]))
    shuffled = type(targets)(*(part[torch.tensor(order, dtype=torch.int64)] for part in targets))
    before = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
    after = assign(predictions, shuffled, IMAGE_SIZE, RULES[rule])
    assert _triples(after, names=order) == _triples(before)


@settings(max_examples=20)
@given(batches, st.sampled_from(["bytetrack", "yolox"]), st.data())
def test_an_image_without_objects_changes_nothing(batch, rule, data):
    predictions, targets = random_batch(*batch)
    count = len(predictions.offsets)
    at = data.draw(st.integers(0, count), label="where the image is put in")
    extra = random_batch(batch[0] + 1, [0], batch[2])[0]
    wider = Predictions(
        *(
            torch.cat([whole[:at], one, whole[at:]])
            for whole, one in zip(predictions[:3], extra[:3], strict=True)
        ),
        predictions.locations,
    )
    moved = targets._replace(images=targets.images + (targets.images >= at))
    before = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
    after = assign(wider, moved, IMAGE_SIZE, RULES[rule])
    back = [*range(at), None, *range(at, count)]
    assert _triples(after, images=back) == _triples(before)


@pytest.mark.parametrize("rule", RULES)
def test_a_prediction_that_overflows_costs_nobody_a_place(rule):
    predictions, targets = random_batch(0, [0, 4], 1)
    before = assign(predictions, targets, IMAGE_SIZE, RULES[rule])
    unmatched = set(range(len(PLACES))) - set(before.locations.tolist())
    offsets = predictions.offsets.clone()
    for place in list(unmatched)[:20]:
        offsets[1, place, 2:] = torch.tensor([95.0, -120.0])
    after = assign(predictions._replace(offsets=offsets), targets, IMAGE_SIZE, RULES[rule])
    assert len(after.targets) >= len(before.targets) - 3
    assert torch.bincount(after.targets).max() > 1
