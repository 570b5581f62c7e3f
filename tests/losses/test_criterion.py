import random

import pytest
import torch
from losses.random_batches import IMAGE_SIZE, PLACES, as_lists, make_targets, random_batch
from losses.reference_losses import (
    assign_image,
    classifier_loss,
    detection_losses,
    emb_scale,
    read_bilinear,
    read_location,
    uncertainty,
)

from yolox.engine.optimizer import parameter_groups
from yolox.losses.balance import DynamicWeightAverage, FixedWeights, Uncertainty
from yolox.losses.criterion import Criterion, identity_samples
from yolox.losses.reid import IDENTITY_LOSSES, make_identity_loss
from yolox.losses.simota import RULES, assign
from yolox.models.build import ReIDOptions, yolox_nano
from yolox.models.reid_head import FusedReID, PerLevelReID
from yolox.models.yolo_head import Predictions
from yolox.models.yolox import Output

EMB_DIM = 8
HEADS = {
    "fused": lambda: FusedReID((8, 8, 8), 8, EMB_DIM),
    "per_level": lambda: PerLevelReID(8, EMB_DIM),
}


def _maps(head, batch, dtype=torch.float32):
    strides = (8,) if head.one_per_object else (8, 16, 32)
    return [
        torch.randn(batch, EMB_DIM, IMAGE_SIZE[0] // s, IMAGE_SIZE[1] // s).to(dtype)
        for s in strides
    ]


def _criterion(name="cross_entropy", balance=None, num_ids=6, **options):
    loss = make_identity_loss(name, num_ids, EMB_DIM)
    balance = Uncertainty(learned=False) if balance is None else balance
    return Criterion(identity_loss=loss, balance=balance, **options)


def _expected(output, targets, rule, kind, with_l1, classifier=None, per_object=True):
    """Everything by the reference, from the assignment on; None stands for no identity loss."""
    pictures = as_lists(output.predictions, targets)
    matches = [assign_image(picture, PLACES, IMAGE_SIZE, rule).matches for picture in pictures]
    losses = detection_losses(pictures, PLACES, matches, kind)
    if not with_l1:
        del losses["l1"]
    losses["detection"] = 5 * losses["box"] + losses["objectness"] + losses["class"]
    losses["detection"] += losses.get("l1", 0)
    if classifier is None:
        return losses
    embeddings, identities = [], []
    for image, (picture, taken) in enumerate(zip(pictures, matches, strict=True)):
        maps = [level[image].float().tolist() for level in output.embedding_maps]
        if per_object:
            for thing in picture.things:
                embeddings.append(read_bilinear(maps[0], *thing.box[:2]))
                identities.append(thing.identity)
        else:
            for match in taken:
                embeddings.append(read_location(maps, match.place))
                identities.append(picture.things[match.thing].identity)
    kept = [(e, i) for e, i in zip(embeddings, identities, strict=True) if i != -1]
    losses["identity"] = 0.0
    if kept:
        weight, bias = classifier.weight.tolist(), classifier.bias.tolist()
        losses["identity"] = classifier_loss(
            *zip(*kept, strict=True), weight, bias, emb_scale(len(weight))
        )
    losses["total"] = uncertainty(losses["detection"], losses["identity"], -1.85, -1.05)
    return losses


def _same(got, expected):
    assert set(got) == set(expected)
    for name, value in expected.items():
        assert got[name].shape == ()
        assert got[name].dtype == torch.float32
        assert got[name].item() == pytest.approx(value, rel=5e-5, abs=1e-5), name


CROWDS = [([0], 1), ([1], 1), ([0, 0], 2), ([5, 0, 1, 12], 3)]


@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
@pytest.mark.parametrize(("counts", "num_classes"), CROWDS)
def test_a_detector_alone(rule, counts, num_classes):
    predictions, targets = random_batch(21, counts, num_classes)
    output = Output(predictions, None)
    for kind in ("iou", "giou", "ciou"):
        for with_l1 in (False, True):
            criterion = Criterion(rule=rule, box_loss=kind)
            criterion.with_l1 = with_l1
            expected = _expected(output, targets, rule, kind, with_l1)
            expected["total"] = expected["detection"]
            _same(criterion(output, targets, IMAGE_SIZE), expected)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("rule", ["bytetrack", "yolox"])
@pytest.mark.parametrize(("counts", "num_classes"), CROWDS)
def test_detector_and_identity(head, rule, counts, num_classes):
    torch.manual_seed(3)
    predictions, targets = random_batch(22, counts, num_classes)
    reid_head = HEADS[head]()
    output = Output(predictions, _maps(reid_head, len(counts)))
    criterion = _criterion(rule=rule)
    criterion.with_l1 = True
    expected = _expected(
        output,
        targets,
        rule,
        "iou",
        True,
        criterion.identity_loss.loss.classifier,
        reid_head.one_per_object,
    )
    _same(criterion(output, targets, IMAGE_SIZE, reid_head), expected)


@pytest.mark.parametrize("head", HEADS)
def test_300_objects(head):
    torch.manual_seed(4)
    predictions, targets = random_batch(6, [0, 300], 2)
    reid_head = HEADS[head]()
    output = Output(predictions, _maps(reid_head, 2))
    criterion = _criterion(rule="bytetrack")
    classifier, per_object = criterion.identity_loss.loss.classifier, reid_head.one_per_object
    expected = _expected(output, targets, "bytetrack", "iou", False, classifier, per_object)
    _same(criterion(output, targets, IMAGE_SIZE, reid_head), expected)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_under_autocast_the_losses_are_in_single_precision(head, dtype):
    """And identities above 2048, which half precision cannot hold, are kept."""
    torch.manual_seed(5)
    predictions, targets = random_batch(23, [4, 0, 7], 2)
    predictions = Predictions(*(part.to(dtype) for part in predictions[:3]), predictions.locations)
    ids = random.Random(0).sample(range(2049, 2400, 2), len(targets.images))
    targets = targets._replace(identities=torch.tensor(ids))
    reid_head = HEADS[head]()
    output = Output(predictions, _maps(reid_head, 3, dtype))
    criterion = _criterion(num_ids=2400)
    expected = _expected(
        output,
        targets,
        "yolox",
        "iou",
        False,
        criterion.identity_loss.loss.classifier,
        reid_head.one_per_object,
    )
    with torch.autocast("cpu", dtype=dtype):
        _same(criterion(output, targets, IMAGE_SIZE, reid_head), expected)
        matches = assign(predictions, targets, IMAGE_SIZE, RULES["yolox"])
        embeddings, identities = identity_samples(output, targets, matches, reid_head)
    assert embeddings.dtype == torch.float32
    assert identities.dtype == torch.int64
    assert set(identities.tolist()) <= set(ids)


@pytest.mark.parametrize("kind", ["fused", "per_level"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_whole_model_under_autocast(kind, dtype):
    torch.manual_seed(6)
    model = yolox_nano(2, ReIDOptions(kind, EMB_DIM))
    model.head.set_prior(0.5)
    for layer in (*model.head.reg_preds, *model.head.obj_preds, *model.head.cls_preds):
        torch.nn.init.normal_(layer.weight, std=0.2)
    criterion = _criterion(num_ids=2400)
    _, targets = random_batch(24, [3, 0], 2)
    targets = targets._replace(identities=torch.tensor([2049, 2051, -1]))
    try:
        with torch.autocast("cpu", dtype=dtype):
            output = model(torch.randn(2, 3, *IMAGE_SIZE))
            losses = criterion(output, targets, IMAGE_SIZE, model.reid_head)
    except RuntimeError as error:  # not every processor has both
        pytest.skip(str(error))
    assert output.predictions.offsets.dtype == dtype
    assert output.embedding_maps[0].dtype == dtype
    assert output.predictions.locations.tolist() == [list(place) for place in PLACES]
    _same(
        losses,
        _expected(
            output,
            targets,
            "yolox",
            "iou",
            False,
            criterion.identity_loss.loss.classifier,
            kind == "fused",
        ),
    )
    losses["total"].backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", IDENTITY_LOSSES)
@pytest.mark.parametrize("counts", [[0, 0], [3, 0, 2]])
def test_nobody_labelled_gives_an_identity_loss_of_exactly_0(head, name, counts):
    torch.manual_seed(7)
    predictions, targets = random_batch(25, counts, 2)
    targets = targets._replace(identities=torch.full_like(targets.identities, -1))
    predictions = Predictions(*(part.requires_grad_() for part in predictions[:3]), predictions[3])
    reid_head = HEADS[head]()
    maps = [level.requires_grad_() for level in _maps(reid_head, len(counts))]
    criterion = _criterion(name, balance=Uncertainty())
    losses = criterion(Output(predictions, maps), targets, IMAGE_SIZE, reid_head)
    assert losses["identity"].item() == 0
    expected = uncertainty(losses["detection"].item(), 0, -1.85, -1.05)
    assert losses["total"].item() == pytest.approx(expected, rel=1e-5)
    losses["total"].backward()
    for part in (*predictions[:3], *maps, *criterion.parameters()):
        assert part.grad is None or part.grad.isfinite().all()
    for level in maps:
        assert level.grad is None or (level.grad == 0).all()
    assert predictions.objectness.grad.abs().sum() > 0
    # Such a batch says nothing of the identity task, however many of them there are.
    assert criterion.balance.s_id.grad.item() == 0
    for parameter in criterion.identity_loss.parameters():
        assert (
            parameter.grad.abs().max() == 0
        )  # there, so that distributed training waits for nobody


def _samples(head):
    predictions, targets = random_batch(26, [6, 0, 9], 2, 90)
    targets = targets._replace(identities=torch.tensor([0, -1, 2, 3, 4, -1, *range(10, 19)]))
    reid_head = HEADS[head]()
    output = Output(predictions, _maps(reid_head, 3))
    matches = assign(predictions, targets, IMAGE_SIZE, RULES["bytetrack"])
    return targets, matches, *identity_samples(output, targets, matches, reid_head)


def test_the_fused_head_counts_each_labelled_person_once():
    targets, matches, embeddings, identities = _samples("fused")
    assert len(matches.images) > len(targets.images)
    assert sorted(identities.tolist()) == [0, 2, 3, 4, *range(10, 19)]
    assert embeddings.shape == (13, EMB_DIM)
    assert identities.dtype == torch.int64


def test_the_per_level_head_counts_each_matched_place():
    targets, matches, embeddings, identities = _samples("per_level")
    assert identities.tolist() == targets.identities[matches.targets].tolist()
    assert embeddings.shape == (len(matches.images), EMB_DIM)
    assert len(set(identities.tolist())) < len(identities)


def test_the_fused_head_teaches_only_the_cells_about_a_person():
    reid_head = HEADS["fused"]()
    predictions, _ = random_batch(0, [0], 1)
    maps = [level.requires_grad_() for level in _maps(reid_head, 1)]
    # Centre on the centre of cell (3, 5); the second is unlabelled, the third left of the image.
    boxes = [[28.0, 44.0, 40.0, 40.0], [100.0, 60.0, 40.0, 40.0], [-30.0, 60.0, 90.0, 40.0]]
    targets = make_targets([0, 0, 0], boxes, identities=[1, -1, 2])
    losses = _criterion()(Output(predictions, maps), targets, IMAGE_SIZE, reid_head)
    losses["identity"].backward()
    taught = maps[0].grad.abs().sum(1)[0].nonzero().tolist()
    assert taught == [[5, 3], [7, 0]]


@pytest.mark.parametrize("head", HEADS)
def test_a_float_identity_is_refused(head):
    predictions, targets = random_batch(27, [3], 1)
    targets = targets._replace(identities=targets.identities.float())
    reid_head = HEADS[head]()
    output = Output(predictions, _maps(reid_head, 1))
    with pytest.raises(TypeError, match="int64"):
        _criterion()(output, targets, IMAGE_SIZE, reid_head)


def test_the_frozen_balance_is_in_no_group_and_mixes_by_its_constants():
    predictions, targets = random_batch(28, [4, 2], 1)
    targets = targets._replace(identities=torch.arange(6))
    reid_head = HEADS["fused"]()
    criterion = _criterion(balance=Uncertainty(learned=False))
    losses = criterion(Output(predictions, _maps(reid_head, 2)), targets, IMAGE_SIZE, reid_head)
    mixed = 3.179910 * losses["detection"].item() + 1.428826 * losses["identity"].item() - 1.45
    assert losses["identity"] > 0
    assert losses["total"].item() == pytest.approx(mixed, rel=1e-5)
    grouped = {id(p) for group in parameter_groups(criterion) for p in group["params"]}
    assert not grouped & {id(parameter) for parameter in criterion.balance.parameters()}


@pytest.mark.parametrize("kind", ["fused", "per_level"])
def test_learned_uncertainties_are_optimised(kind):
    torch.manual_seed(8)
    model = yolox_nano(1, ReIDOptions(kind, EMB_DIM))
    criterion = _criterion(balance=Uncertainty())
    groups = parameter_groups(model, criterion)
    for parameter in (criterion.balance.s_det, criterion.balance.s_id):
        homes = [group for group in groups if any(p is parameter for p in group["params"])]
        assert len(homes) == 1
        assert homes[0]["weight_decay"] == 0
    every = [id(parameter) for group in groups for parameter in group["params"]]
    trained = {id(p) for m in (model, criterion) for p in m.parameters() if p.requires_grad}
    assert len(every) == len(set(every))
    assert set(every) == trained
    optimiser = torch.optim.SGD(groups, lr=0.01, momentum=0.9)
    before = [p.detach().clone() for p in criterion.parameters()]
    _, targets = random_batch(29, [3, 2], 1)
    targets = targets._replace(identities=torch.arange(5))
    losses = criterion(model(torch.randn(2, 3, *IMAGE_SIZE)), targets, IMAGE_SIZE, model.reid_head)
    losses["total"].backward()
    optimiser.step()
    assert all((new != old).any() for new, old in zip(criterion.parameters(), before, strict=True))
    # The detection loss is above e^−1.85, so its weight e^−s falls.
    assert losses["detection"] > 1
    assert criterion.balance.s_det.item() > -1.85


@pytest.mark.parametrize("balance", [FixedWeights(2.0, 0.25), DynamicWeightAverage()])
def test_the_total_is_what_the_balance_makes_of_the_two(balance):
    predictions, targets = random_batch(30, [4], 1)
    targets = targets._replace(identities=torch.arange(4))
    reid_head = HEADS["fused"]()
    criterion = _criterion(balance=balance)
    losses = criterion(Output(predictions, _maps(reid_head, 1)), targets, IMAGE_SIZE, reid_head)
    factors = (2.0, 0.25) if isinstance(balance, FixedWeights) else (1.0, 1.0)
    expected = factors[0] * losses["detection"].item() + factors[1] * losses["identity"].item()
    assert losses["total"].item() == pytest.approx(expected, rel=1e-5)


def test_gradients_of_an_image_without_objects_are_those_of_background():
    predictions, targets = random_batch(31, [3, 0], 2)
    predictions = Predictions(*(part.requires_grad_() for part in predictions[:3]), predictions[3])
    criterion = Criterion()
    criterion.with_l1 = True
    criterion(Output(predictions, None), targets, IMAGE_SIZE)["total"].backward()
    assert (predictions.objectness.grad[1] > 0).all()
    assert (predictions.offsets.grad[1] == 0).all()
    assert (predictions.classes.grad[1] == 0).all()
    assert (predictions.offsets.grad[0] != 0).any()
    assert (predictions.classes.grad[0] != 0).any()


def test_refuses_an_unknown_rule():
    with pytest.raises(ValueError, match=r"'atss'.*bytetrack.*yolox"):
        Criterion(rule="atss")


def test_refuses_half_of_an_identity_loss():
    loss = make_identity_loss("triplet", 2, EMB_DIM)
    with pytest.raises(ValueError, match="identity_loss and balance"):
        Criterion(identity_loss=loss)
    with pytest.raises(ValueError, match="identity_loss and balance"):
        Criterion(balance=FixedWeights())


def test_refuses_an_identity_loss_without_a_head():
    predictions, targets = random_batch(32, [1], 1)
    with pytest.raises(ValueError, match="no ReID head"):
        _criterion()(Output(predictions, None), targets, IMAGE_SIZE)
    with pytest.raises(ValueError, match="no ReID head"):
        _criterion()(Output(predictions, None), targets, IMAGE_SIZE, HEADS["fused"]())


@pytest.mark.parametrize("head", HEADS)
def test_a_bnneck_is_trained_with_the_rest(head):
    batch = random_batch(3, [3, 2], 1)
    kinds = {"fused": lambda: FusedReID((8, 8, 8), 8, EMB_DIM, bnneck=True),
             "per_level": lambda: PerLevelReID(8, EMB_DIM, bnneck=True)}  # fmt: skip
    reid_head = kinds[head]()
    output = Output(batch[0], _maps(reid_head, 2))
    targets = batch[1]._replace(identities=torch.arange(5))
    _criterion()(output, targets, IMAGE_SIZE, reid_head)["total"].backward()
    assert reid_head.bnneck.weight.grad.abs().sum() > 0
    assert reid_head.bnneck.num_batches_tracked == 1
