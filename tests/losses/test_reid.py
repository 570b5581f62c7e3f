import math
import random

import pytest
import torch
from losses.reference_losses import (
    batch_hard_triplet_loss,
    circle_loss,
    classifier_loss,
    emb_scale,
    margin_softmax_loss,
    supervised_contrastive_loss,
)

from yolox.engine.optimizer import parameter_groups
from yolox.losses.reid import IDENTITY_LOSSES, identity_scale, make_identity_loss

NUM_IDS, EMB_DIM = 9, 6


def _expected(name, loss, embeddings, identities, options):
    """Apply the reference with the parameters of `loss` to whoever is labelled."""
    kept = [(e, i) for e, i in zip(embeddings, identities, strict=True) if i != -1]
    if not kept:
        return 0.0
    embeddings, identities = (list(part) for part in zip(*kept, strict=True))
    if name in ("cross_entropy", "focal"):
        weight, bias = loss.loss.classifier.weight, loss.loss.classifier.bias
        return classifier_loss(
            embeddings,
            identities,
            weight.tolist(),
            bias.tolist(),
            emb_scale(len(weight)),
            options.get("label_smoothing", 0.0),
            options.get("gamma", 2.0 if name == "focal" else 0.0),
        )
    if name in ("arcface", "cosface"):
        margin = options.get("margin", 28.6 if name == "arcface" else 0.35)
        prototypes = loss.loss.W.T.tolist()
        scale = options.get("scale", 64)
        return margin_softmax_loss(embeddings, identities, prototypes, name, margin, scale)
    if name == "triplet":
        return batch_hard_triplet_loss(embeddings, identities, options.get("margin", 0.3))
    if name == "circle":
        margin, scale = options.get("margin", 0.4), options.get("scale", 80)
        return circle_loss(embeddings, identities, margin, scale)
    assert name == "supervised_contrastive"
    return supervised_contrastive_loss(embeddings, identities, options.get("temperature", 0.1))


def _random_people(rng, count, lowest=0):
    """Embeddings that lie about their identity's own direction, more or less."""
    directions = [[rng.gauss(0, 1) for _ in range(EMB_DIM)] for _ in range(NUM_IDS)]
    identities = [rng.randrange(lowest, NUM_IDS) for _ in range(count)]
    noise = rng.choice([0.3, 1.0])
    return [
        [rng.uniform(0.5, 2) * x + rng.gauss(0, noise) for x in directions[identity]]
        for identity in identities
    ], identities


OPTIONS = [
    *((name, {}) for name in IDENTITY_LOSSES),
    ("cross_entropy", {"label_smoothing": 0.1}),
    ("cross_entropy", {"gamma": 1.5, "label_smoothing": 0.2}),
    ("focal", {"gamma": 3.0}),
    ("focal", {"label_smoothing": 0.1}),
    ("arcface", {"margin": 45, "scale": 16}),
    # Beyond 90 degrees many angles pass 180.
    ("arcface", {"margin": 120, "scale": 8}),
    ("cosface", {"margin": 0.1, "scale": 10}),
    ("triplet", {"margin": 1.0}),
    ("circle", {"margin": 0.25, "scale": 32}),
    ("supervised_contrastive", {"temperature": 0.5}),
]


def test_offers_the_losses():
    assert set(IDENTITY_LOSSES) == {
        "cross_entropy",
        "focal",
        "arcface",
        "cosface",
        "triplet",
        "circle",
        "supervised_contrastive",
    }


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_equals_the_reference(name, options):
    rng = random.Random(name)
    torch.manual_seed(0)
    above = 0
    for count in (1, 2, 3, 8, 20, 40):
        for labelled in (1.0, 0.8, 0.5):
            embeddings, identities = _random_people(rng, count)
            identities = [who if rng.random() < labelled else -1 for who in identities]
            loss = make_identity_loss(name, NUM_IDS, EMB_DIM, **options)
            got = loss(torch.tensor(embeddings), torch.tensor(identities))
            expected = _expected(name, loss, embeddings, identities, options)
            assert got.shape == ()
            assert got.dtype == torch.float32
            assert got.item() == pytest.approx(expected, rel=2e-4, abs=2e-5), identities
            above += expected > 0.01
    assert above >= 6


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_equals_the_reference_with_300_people(name):
    embeddings, identities = _random_people(random.Random(3), 300, lowest=-1)
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    got = loss(torch.tensor(embeddings), torch.tensor(identities))
    expected = _expected(name, loss, embeddings, identities, {})
    assert got.item() == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_computes_in_single_precision_whatever_the_embeddings_are(name, dtype):
    embeddings, identities = _random_people(random.Random(4), 12)
    rounded = torch.tensor(embeddings, dtype=dtype)
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    got = loss(rounded, torch.tensor(identities))
    assert got.dtype == torch.float32
    expected = _expected(name, loss, rounded.float().tolist(), identities, {})
    assert got.item() == pytest.approx(expected, rel=2e-4, abs=2e-5)


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_batch_in_which_nobody_is_labelled_gives_exactly_0(name, count):
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    embeddings = torch.randn(count, EMB_DIM, requires_grad=True)
    value = loss(embeddings, torch.full((count,), -1))
    assert value.item() == 0
    assert value.shape == ()
    value.backward()
    assert embeddings.grad is not None
    assert (embeddings.grad == 0).all()
    for parameter in loss.parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all()


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
@pytest.mark.parametrize(
    "identities",
    [[2, -1, -1, -1], [2, 2, -1, -1], [2, 2, 2, 2], [0, 1, 2, 3], [0, 0, 1, -1], [5, -1, 5, 7]],
)
@pytest.mark.parametrize("kind", ["random", "equal", "zero"])
def test_value_and_gradient_are_finite_whoever_is_labelled(name, identities, kind):
    torch.manual_seed(2)
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    embeddings = {
        "random": torch.randn(4, EMB_DIM),
        "equal": torch.ones(4, EMB_DIM),
        "zero": torch.zeros(4, EMB_DIM),
    }[kind].requires_grad_()
    value = loss(embeddings, torch.tensor(identities))
    assert value.isfinite()
    value.backward()
    assert embeddings.grad.isfinite().all()
    for row, who in enumerate(identities):
        if who == -1:
            assert (embeddings.grad[row] == 0).all(), "an unlabelled person is taught"
    for parameter in loss.parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all()


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_gradient_falls(name):
    """A few steps along the gradient of the embeddings make the loss smaller."""
    embeddings, identities = _random_people(random.Random(8), 24)
    torch.manual_seed(1)
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    moving = torch.tensor(embeddings, requires_grad=True)
    optimiser = torch.optim.Adam([moving], lr=0.02)
    values = []
    for _ in range(15):
        optimiser.zero_grad()
        value = loss(moving, torch.tensor(identities))
        value.backward()
        optimiser.step()
        values.append(value.item())
    assert values[0] > 0
    assert values[-1] < 0.95 * values[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int32, torch.bool])
@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_refuses_identities_that_are_not_int64(name, dtype):
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    with pytest.raises(TypeError, match="int64"):
        loss(torch.randn(3, EMB_DIM), torch.tensor([1, 2, 1]).to(dtype))
    with pytest.raises(TypeError, match="int64"):
        loss(torch.randn(3, EMB_DIM), torch.tensor([-1, -1, -1]).to(torch.float32))


def test_emb_scale():
    assert identity_scale(547) == pytest.approx(8.91324923, abs=5e-9)
    for number in (3, 4, 10, 339, 4000):
        assert identity_scale(number) == pytest.approx(emb_scale(number), rel=1e-12)
    assert make_identity_loss("cross_entropy", 547, 4).loss.scale == identity_scale(547)
    # The formula gives 0 for two people, and nothing for one: no embedding could tell them apart.
    for number in (1, 2):
        assert identity_scale(number) == 1


def test_the_length_of_an_embedding_means_nothing():
    embeddings, identities = _random_people(random.Random(6), 15)
    for name in IDENTITY_LOSSES:
        loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
        one = loss(torch.tensor(embeddings), torch.tensor(identities))
        long = loss(torch.tensor(embeddings) * 37, torch.tensor(identities))
        assert long.item() == pytest.approx(one.item(), rel=1e-4, abs=1e-5)


def test_cross_entropy_by_hand():
    """Weights are 0, so everyone is as likely: ln 9, and focal (8/9)² of it."""
    for name, value in [("cross_entropy", math.log(9)), ("focal", (8 / 9) ** 2 * math.log(9))]:
        loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
        torch.nn.init.zeros_(loss.loss.classifier.weight)
        torch.nn.init.zeros_(loss.loss.classifier.bias)
        got = loss(torch.randn(4, EMB_DIM), torch.tensor([0, 8, 3, -1]))
        assert got.item() == pytest.approx(value, rel=1e-6)


def test_triplet_by_hand():
    """On the unit circle: 90° to one's own; 180° and 90° to the nearest other."""
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    loss = make_identity_loss("triplet", 2, 2)
    value = loss(vectors, torch.tensor([0, 0, 1]))
    # First: √2 − 2 + 0.3 < 0. Second: √2 − √2 + 0.3. The third has nobody of its own.
    assert value.item() == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "arcface", "cosface"])
def test_ids_that_half_precision_would_merge_stay_apart(name):
    """Of 2049 and 2051, half precision makes 2048 and 2052."""
    loss = make_identity_loss(name, 2100, EMB_DIM)
    embeddings = torch.randn(4, EMB_DIM).half()
    identities = [2049, 2051, 2099, -1]
    got = loss(embeddings, torch.tensor(identities)).item()
    expected = _expected(name, loss, embeddings.float().tolist(), identities, {})
    assert got == pytest.approx(expected, rel=1e-4)
    merged = _expected(name, loss, embeddings.float().tolist(), [2048, 2052, 2096, -1], {})
    assert abs(got - merged) > 1e-3


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_parameters_get_a_gradient_and_are_in_one_group(name):
    loss = make_identity_loss(name, NUM_IDS, EMB_DIM)
    embeddings, identities = _random_people(random.Random(7), 10)
    value = loss(torch.tensor(embeddings, requires_grad=True), torch.tensor(identities))
    value.backward()
    expected = {"cross_entropy": 2, "focal": 2, "arcface": 1, "cosface": 1}.get(name, 0)
    parameters = list(loss.parameters())
    assert len(parameters) == expected
    assert all(parameter.grad.abs().sum() > 0 for parameter in parameters)
    grouped = [id(p) for group in parameter_groups(loss) for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in parameters)


def test_refuses_an_unknown_loss():
    with pytest.raises(ValueError, match=r"'softmax'.*cross_entropy.*circle"):
        make_identity_loss("softmax", NUM_IDS, EMB_DIM)


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_classifying_needs_two_people(name):
    if name in ("triplet", "circle", "supervised_contrastive"):
        make_identity_loss(name, 0, EMB_DIM)
        return
    for number in (0, 1):
        with pytest.raises(ValueError, match=f"num_ids is {number}"):
            make_identity_loss(name, number, EMB_DIM)
    assert make_identity_loss(name, 2, EMB_DIM)(
        torch.randn(2, EMB_DIM), torch.tensor([0, 1])
    ).isfinite()


def test_refuses_an_option_that_the_loss_lacks():
    for name in IDENTITY_LOSSES:
        with pytest.raises((TypeError, KeyError)):
            make_identity_loss(name, NUM_IDS, EMB_DIM, strength=1.0)


@pytest.mark.parametrize("name", IDENTITY_LOSSES)
def test_nobody_labelled_is_0_whatever_the_embeddings(name):
    loss = make_identity_loss(name, 5, 8)
    embeddings = torch.full((2, 8), torch.inf, requires_grad=True)
    value = loss(embeddings, torch.tensor([-1, -1]))
    value.backward()
    assert value.item() == 0
    assert embeddings.grad.abs().max() == 0


def test_focal_with_a_small_gamma_has_gradients_at_certainty():
    loss = make_identity_loss("focal", 3, 4, gamma=0.5)
    with torch.no_grad():
        loss.loss.classifier.weight.copy_(torch.eye(3, 4) * 1e3)
    embeddings = torch.eye(3, 4).requires_grad_()
    loss(embeddings, torch.arange(3)).backward()
    assert embeddings.grad.isfinite().all()
