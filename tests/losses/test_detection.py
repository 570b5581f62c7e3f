import math
import random

import pytest
import torch
from losses.random_batches import IMAGE_SIZE, PLACES, as_lists, make_targets, random_batch
from losses.reference_losses import Match, box_loss, ciou_trade_off, decode
from losses.reference_losses import detection_losses as reference_losses

from yolox.losses.detection import box_losses, detection_losses
from yolox.losses.simota import RULES, assign
from yolox.models.yolo_head import Predictions

KINDS = ["iou", "giou", "ciou"]
CROWDS = [
    ([0], 1),
    ([1], 1),
    ([0, 4, 0, 15], 4),
    ([0, 0], 3),
    ([300], 2),
]


def _as_matches(matches, targets, count):
    """List what was assigned for each image, as the reference has it."""
    first = [int((targets.images < image).sum()) for image in range(count)]
    listed = [[] for _ in range(count)]
    for image, place, target, iou in zip(*(part.tolist() for part in matches), strict=True):
        listed[image].append(Match(place, target - first[image], iou))
    return listed


def _assigned(seed, counts, num_classes, rule="bytetrack"):
    predictions, targets = random_batch(seed, counts, num_classes)
    return predictions, targets, assign(predictions, targets, IMAGE_SIZE, RULES[rule])


def _expected(predictions, targets, matches, kind):
    pictures = as_lists(predictions, targets)
    return reference_losses(pictures, PLACES, _as_matches(matches, targets, len(pictures)), kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("counts", "num_classes"), CROWDS)
def test_equals_the_reference_on_random_batches(counts, num_classes, kind):
    for seed in range(2):
        batch = _assigned(seed, counts, num_classes)
        got = detection_losses(*batch, box_loss=kind, with_l1=True)
        expected = _expected(*batch, kind)
        assert list(got) == ["box", "objectness", "class", "l1"]
        for name, value in expected.items():
            assert got[name].item() == pytest.approx(value, rel=2e-5, abs=1e-6), name


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_computes_in_single_precision_whatever_the_predictions_are(dtype):
    predictions, targets, _ = _assigned(3, [6, 0, 9], 3)
    rounded = Predictions(*(part.to(dtype) for part in predictions[:3]), predictions.locations)
    matches = assign(rounded, targets, IMAGE_SIZE, RULES["yolox"])
    with torch.autocast("cpu", dtype=dtype):
        got = detection_losses(rounded, targets, matches, with_l1=True)
    for name, value in _expected(rounded, targets, matches, "iou").items():
        assert got[name].dtype == torch.float32
        assert got[name].item() == pytest.approx(value, rel=2e-5, abs=1e-6), name


def test_gives_l1_only_if_asked():
    assert set(detection_losses(*_assigned(0, [3], 2))) == {"box", "objectness", "class"}


def test_a_batch_without_objects_still_teaches_what_is_none():
    predictions, targets, matches = _assigned(0, [0, 0], 3)
    predictions = Predictions(*(part.requires_grad_() for part in predictions[:3]), predictions[3])
    losses = detection_losses(predictions, targets, matches, with_l1=True)
    assert losses["box"] == losses["class"] == losses["l1"] == 0
    # Nothing matched: the sum is divided by 1.
    every = -sum(
        math.log(1 - 1 / (1 + math.exp(-logit)))
        for logit in predictions.objectness.flatten().tolist()
    )
    assert losses["objectness"].item() == pytest.approx(every, rel=1e-5)
    sum(losses.values()).backward()
    for part in predictions[:3]:
        assert part.grad is None or part.grad.isfinite().all()
    assert (predictions.objectness.grad > 0).all()


def test_a_place_that_learns_nothing_may_say_anything():
    """An untrained network may say sizes whose exponential is infinite."""
    predictions, targets, matches = _assigned(1, [2], 1)
    taken = set(matches.locations.tolist())
    free = next(n for n in range(len(PLACES)) if n not in taken)
    predictions.offsets[0, free] = 200
    predictions = predictions._replace(offsets=predictions.offsets.requires_grad_())
    losses = detection_losses(predictions, targets, matches, with_l1=True)
    sum(losses.values()).backward()
    assert all(loss.isfinite() for loss in losses.values())
    assert predictions.offsets.grad.isfinite().all()
    assert (predictions.offsets.grad[0, free] == 0).all()


# Boxes by centre and size. Loss, computed by hand.
UNIT = [5.0, 5.0, 10.0, 10.0]
BY_HAND = [
    (UNIT, UNIT, "iou", 0.0),
    (UNIT, UNIT, "giou", 0.0),
    (UNIT, UNIT, "ciou", 0.0),
    # Half as high: overlap 50 of 100.
    (UNIT, [5.0, 2.5, 10.0, 5.0], "iou", 1 - 0.25),
    (UNIT, [5.0, 2.5, 10.0, 5.0], "giou", 0.5),
    # Shifted by half: overlap 50 of 150, hull 15 × 10 = 150, centres 5 apart, diagonal² 325.
    (UNIT, [10.0, 5.0, 10.0, 10.0], "iou", 1 - 1 / 9),
    (UNIT, [10.0, 5.0, 10.0, 10.0], "giou", 2 / 3),
    (UNIT, [10.0, 5.0, 10.0, 10.0], "ciou", 2 / 3 + 25 / 325),
    # Ten apart: no overlap, hull 30 × 10, union 200.
    (UNIT, [25.0, 5.0, 10.0, 10.0], "iou", 1.0),
    (UNIT, [25.0, 5.0, 10.0, 10.0], "giou", 1 + 1 / 3),
    (UNIT, [25.0, 5.0, 10.0, 10.0], "ciou", 1 + 400 / 1000),
    # Diagonal neighbours: both signed differences are negative, which must not make an overlap.
    (UNIT, [25.0, 25.0, 10.0, 10.0], "iou", 1.0),
    (UNIT, [25.0, 25.0, 10.0, 10.0], "giou", 1 + 700 / 900),
]


@pytest.mark.parametrize(("a", "b", "kind", "loss"), BY_HAND)
def test_box_losses_by_hand(a, b, kind, loss):
    for first, second in ((a, b), (b, a)):
        got = box_losses(torch.tensor([first]), torch.tensor([second]), kind)
        assert got.tolist() == pytest.approx([loss], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_box_losses_are_those_of_the_reference(kind):
    rng = random.Random(5)
    step = 1e-5
    for _ in range(60):
        wanted = [rng.uniform(-30, 30) for _ in range(2)] + [rng.uniform(5, 60) for _ in range(2)]
        predicted = [value + rng.gauss(0, 4) for value in wanted[:2]]
        predicted += [value * rng.uniform(0.5, 2) for value in wanted[2:]]
        tensor = torch.tensor([predicted], dtype=torch.float64, requires_grad=True)
        box_losses(tensor, torch.tensor([wanted], dtype=torch.float64), kind).sum().backward()
        constant = ciou_trade_off(predicted, wanted)
        for k in range(4):
            more, less = list(predicted), list(predicted)
            more[k] += step
            less[k] -= step
            slope = box_loss(more, wanted, kind, constant) - box_loss(less, wanted, kind, constant)
            assert tensor.grad[0, k].item() == pytest.approx(slope / (2 * step), abs=1e-6)


def test_gradients_of_equal_boxes_are_finite():
    for kind in KINDS:
        same = torch.tensor([UNIT, UNIT], requires_grad=True)
        box_losses(same, torch.tensor([UNIT, UNIT]), kind).sum().backward()
        assert same.grad.isfinite().all()


def test_gradients_of_all_losses_are_those_of_the_reference():
    """The overlap in the class target is a constant: boxes learn nothing from the class loss."""
    predictions, targets, matches = _assigned(9, [2, 0, 3], 2)
    leaves = [part.double().requires_grad_() for part in predictions[:3]]
    # In double, and one by one, so that differences of the reference are exact enough.
    precise = Predictions(*leaves, predictions.locations.double())
    losses = detection_losses(precise, targets, matches, with_l1=True)
    matched = _as_matches(matches, targets, 3)
    pictures = as_lists(predictions, targets)
    step = 1e-4
    for name in ("box", "objectness", "class", "l1"):
        grads = torch.autograd.grad(losses[name], leaves, retain_graph=True, allow_unused=True)
        image, place = int(matches.images[0]), int(matches.locations[0])
        spots = [("offsets", 0, k) for k in range(4)]
        spots += [("objectness", 1, None), ("classes", 2, 0), ("classes", 2, 1)]
        for part, leaf, k in spots:
            values = []
            for sign in (1, -1):
                changed = [
                    picture._replace(
                        offsets=[list(row) for row in picture.offsets],
                        objectness=list(picture.objectness),
                        classes=[list(row) for row in picture.classes],
                    )
                    for picture in pictures
                ]
                holder = getattr(changed[image], part)
                if k is None:
                    holder[place] += sign * step
                else:
                    holder[place][k] += sign * step
                values.append(reference_losses(changed, PLACES, matched, "iou")[name])
            slope = (values[0] - values[1]) / (2 * step)
            grad = grads[leaf]
            index = (image, place) if k is None else (image, place, k)
            got = 0.0 if grad is None else grad[index].item()
            assert got == pytest.approx(slope, abs=2e-4), (name, part, k)


def test_divides_by_the_matched_places_of_the_whole_batch():
    predictions, targets, matches = _assigned(4, [5], 2)
    once = detection_losses(predictions, targets, matches, with_l1=True)
    double = Predictions(*(torch.cat([part, part]) for part in predictions[:3]), predictions[3])
    twice_targets = make_targets(
        [0] * 5 + [1] * 5, targets.boxes.tolist() * 2, targets.class_ids.tolist() * 2
    )
    twice_matches = assign(double, twice_targets, IMAGE_SIZE, RULES["bytetrack"])
    twice = detection_losses(double, twice_targets, twice_matches, with_l1=True)
    assert len(twice_matches.images) == 2 * len(matches.images)
    for name, loss in once.items():
        assert twice[name].item() == pytest.approx(loss.item(), rel=1e-5)


def test_refuses_an_unknown_box_loss():
    with pytest.raises(ValueError, match=r"'diou'.*'iou', 'giou' or 'ciou'"):
        detection_losses(*_assigned(0, [1], 1), box_loss="diou")


def test_the_reference_decodes_as_the_predictions_do():
    predictions, _ = random_batch(0, [3], 1)
    boxes = predictions.boxes()[0].tolist()
    for n in range(0, len(PLACES), 7):
        assert boxes[n] == pytest.approx(
            decode(predictions.offsets[0, n].tolist(), PLACES[n]), 1e-5
        )
