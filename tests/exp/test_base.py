import pytest

from yolox.exp.base import Exp
from yolox.structures import InputError


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("max_epoch 3", "max_epoch", 3),
        ("basic_lr_per_img 1e-4", "basic_lr_per_img", 1e-4),
        ("clip_grad 5", "clip_grad", 5.0),
        ("ema False", "ema", False),
        ("input_size (320,576)", "input_size", (320, 576)),
        ("scale [1,2]", "scale", (1.0, 2.0)),
        ("reid fused", "reid", "fused"),
        ("val 12/a.json", "val", "12/a.json"),
        ("train 5", "train", "5"),
    ],
)
def test_settings_from_words(words, key, value):
    exp = Exp()
    exp.merge(words.split())
    assert getattr(exp, key) == value
    assert type(getattr(exp, key)) is type(value)
    exp.check()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("max_epoch 3.5", "max_epoch is '3.5'; give a whole number"),
        ("max_epoch True", "give a whole number"),
        ("ema 1", "ema is '1'; give True or False"),
        ("flip nan", "give a number"),
        ("reid foo", "give one of none, per_level, fused"),
        ("input_size 3", "give 2 numbers"),
        ("input_size (1,2,3)", "give 2 numbers"),
        ("modle s", "there is no setting 'modle'; did you mean model?"),
        ("zzz 1", "there is no setting 'zzz'; --show lists all"),
        ("merge 1", "there is no setting 'merge'"),
        ("max_epoch", "max_epoch has no value"),
    ],
)
def test_wrong_words_are_named(words, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(").replace("?", r"\?")):
        Exp().merge(words.split())


def test_a_subclass_is_checked():
    class Misspelt(Exp):
        maxepoch = 3

    class WrongType(Exp):
        max_epoch = "3"

    class Right(Exp):
        max_epoch = 3

        def get_model(self):
            return None

    with pytest.raises(InputError, match="did you mean max_epoch"):
        Misspelt().check()
    with pytest.raises(InputError, match="max_epoch is '3'; give a whole number"):
        WrongType().check()
    Right().check()


def test_what_differs_is_marked():
    exp = Exp()
    exp.merge(["model", "nano"])
    (line,) = [line for line in exp.describe().splitlines() if line.startswith("model ")]
    assert line.split() == ["model", "nano", "*"]
    assert exp.describe().count("*") == 1


def test_the_parts_follow_the_settings():
    exp = Exp()
    words = "model nano reid per_level emb_dim 16 reid_gradient 0.1 clip True flip 0"
    exp.merge(words.split())
    model = exp.get_model()
    assert model.reid_head.emb_dim == 16
    assert model.reid_head.gradient == 0.1
    assert model.preprocessing.name == "legacy"
    augmentation = exp.get_augmentation()
    assert augmentation.clip
    assert augmentation.flip == 0
    assert exp.get_sizes()[0] == (576, 1024)
    assert exp.get_criterion(5).identity_loss.loss.classifier.weight.shape == (5, 16)


@pytest.mark.parametrize(
    ("balance", "learned"),
    [("uncertainty", True), ("frozen_uncertainty", False), ("fixed", None), ("dwa", None)],
)
def test_balances(balance, learned):
    exp = Exp()
    exp.merge(["reid", "fused", "balance", balance])
    parameters = list(exp.get_criterion(5).balance.parameters())
    assert [parameter.requires_grad for parameter in parameters] == (
        [] if learned is None else [learned, learned]
    )


def test_nobody_to_tell_apart():
    exp = Exp()
    assert exp.get_criterion(0).identity_loss is None
    exp.merge(["reid", "fused"])
    with pytest.raises(InputError, match="has 1 identities"):
        exp.get_criterion(1)
