"""The contract of an Exp: every setting of a run with its default, and the parts made from them.

A run is a class in a file that overrides what differs:

    from yolox.exp import Exp as Base

    class Exp(Base):
        model = "x"
        train = "mix_mot_ch/annotations/train.json"

Values may also be given on the command line, `KEY VALUE`, and are checked against the types here.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tabulate import tabulate
from torch import nn

from yolox.data.mosaic import Augmentation
from yolox.data.sampler import training_sizes
from yolox.losses.balance import DynamicWeightAverage, FixedWeights, Uncertainty
from yolox.losses.criterion import Criterion
from yolox.losses.reid import IdentityLossName, make_identity_loss
from yolox.models.build import SIZES, ReIDOptions
from yolox.models.yolox import YOLOX
from yolox.structures import InputError
from yolox.structures.preprocessing import PREPROCESSINGS

Pair = tuple[int, int]
Range = tuple[float, float]


class Exp:
    """A run. Paths of data are relative to `data_root`."""

    # --- network ---
    model: Literal["nano", "tiny", "s", "m", "l", "x"] = "s"
    num_classes: int = 1
    preprocessing: Literal["legacy", "current"] = "legacy"  # what the initial weights expect
    reid: Literal["none", "per_level", "fused"] = "none"
    emb_dim: int = 128
    reid_gradient: float = 1.0  # share of the ReID head's gradient that reaches the detector
    bnneck: bool = False
    freeze_detector: bool = False  # train the ReID head alone

    # --- losses ---
    assignment: Literal["bytetrack", "yolox"] = "bytetrack"
    box_loss: Literal["iou", "giou", "ciou"] = "iou"
    l1_always: bool = False  # the L1 loss of boxes from the start, not only without augmentation
    identity_loss: IdentityLossName = "cross_entropy"
    balance: Literal["fixed", "uncertainty", "frozen_uncertainty", "dwa"] = "uncertainty"
    identity_weight: float = 0.5  # of the fixed balance

    # --- data ---
    data_root: str = "datasets"
    train: str = "mot/annotations/train_half.json"
    val: str = "mot/annotations/val_half.json"
    input_size: Pair = (800, 1440)  # height, width
    test_size: Pair = (800, 1440)
    random_size: Pair = (18, 32)  # first and last height of multi-scale training, in 32 pixels
    resize_every: int = 10  # batches
    images_per_identity: int = 0  # K of identity-balanced batches, 0 for shuffled ones
    cache: Literal["none", "memory", "disk"] = "none"
    workers: int = 4  # processes that load data, of each device

    # --- augmentation: see yolox.data.mosaic.Augmentation ---
    mosaic: float = 1.0
    mixup: float = 1.0
    degrees: float = 10.0
    translate: float = 0.1
    scale: Range = (0.1, 2.0)
    shear: float = 2.0
    mixup_scale: Range = (0.5, 1.5)
    flip: float = 0.5
    min_visibility: float = 0.1
    hue: int = 18  # largest turn of the colours, in steps of two degrees
    clip: bool = False  # boxes at the image's border, as MOT20 wants

    # --- optimisation ---
    max_epoch: int = 80
    warmup_epochs: int = 1
    no_aug_epochs: int = 10  # at the end, without mosaic and mixup, with the L1 loss
    optimizer: Literal["sgd", "adamw"] = "sgd"
    basic_lr_per_img: float = 0.001 / 64
    min_lr_ratio: float = 0.05
    momentum: float = 0.9  # of sgd
    weight_decay: float = 5e-4
    ema: bool = True
    accumulate: int = 1  # batches to a step of the optimiser
    clip_grad: float = 0.0  # largest norm of the gradient, 0 for any
    skip_bad_loss: bool = False  # leave out batches whose loss is no number instead of stopping
    sync_bn: bool = False
    seed: int = 0

    # --- evaluation and output ---
    eval_interval: int = 5  # epochs
    print_interval: int = 20  # batches
    keep: int = 2  # checkpoints of earlier epochs
    eval_tracking: bool = False  # also track val's videos by BYTE: hota, mota, idf1
    best: Literal["ap", "ap50", "rank_1", "mean_ap", "hota", "mota", "idf1"] = "ap50"
    test_conf: float = 0.001
    nmsthre: float = 0.7

    @property
    def name(self) -> str:
        """The name of the file that the class is in."""
        return Path(type(self).__module__.rpartition(".")[2]).stem

    def merge(self, words: list[str]) -> None:
        """Override settings by `KEY VALUE` pairs from a command line.

        Raises:
            InputError: A key is unknown, with the nearest ones; or a value is of another type.
        """
        if len(words) % 2:
            raise InputError(f"{words[-1]} has no value; give KEY VALUE pairs")
        for key, text in zip(words[::2], words[1::2], strict=True):
            setattr(self, key, _parse(key, text, self._kind(key)))

    def check(self) -> None:
        """Check every setting against its type.

        Raises:
            InputError: Naming the setting, its value and what it may be.
        """
        for key, kind in settings().items():
            if not _fits(getattr(self, key), kind):
                raise InputError(f"{self.name}.{key} is {getattr(self, key)!r}; {_wanted(kind)}")
        for key, (least, most) in _RANGES.items():
            value = getattr(self, key)
            for number in value if isinstance(value, tuple) else (value,):
                if not least <= number <= most:
                    raise InputError(
                        f"{self.name}.{key} is {value}; give {least:g}"
                        + (f" to {most:g}" if most < _ANY else " or more")
                    )
        for key in dir(self):
            # What is neither a setting nor a method is a setting misspelt.
            if key not in dir(Exp) and not callable(getattr(self, key)):
                self._kind(key)

    def describe(self) -> str:
        """Lay all settings out, those that differ from the default marked."""
        rows = [
            (key, getattr(self, key), "" if getattr(self, key) == getattr(Exp, key) else "*")
            for key in settings()
        ]
        table: str = tabulate(rows, headers=["setting", "value", "set"], tablefmt="simple")
        return table

    def get_model(self) -> YOLOX:
        """Build the network, without weights."""
        reid = None
        if self.reid != "none":
            reid = ReIDOptions(self.reid, self.emb_dim, self.reid_gradient, self.bnneck)
        model = SIZES[self.model](self.num_classes, reid)
        model.preprocessing = PREPROCESSINGS[self.preprocessing]
        return model

    def get_criterion(self, num_identities: int) -> Criterion:
        """Build the losses.

        Raises:
            InputError: There is a ReID head and nobody to tell apart.
        """
        if self.reid == "none":
            return Criterion(rule=self.assignment, box_loss=self.box_loss)
        if num_identities < 2:
            raise InputError(
                f"{self.train}: has {num_identities} identities, so there is nobody to tell apart; "
                "train with reid none, or on data with identities"
            )
        balances: dict[str, Callable[[], nn.Module]] = {
            "fixed": lambda: FixedWeights(identity_weight=self.identity_weight),
            "uncertainty": Uncertainty,
            "frozen_uncertainty": lambda: Uncertainty(learned=False),
            "dwa": DynamicWeightAverage,
        }
        return Criterion(
            rule=self.assignment,
            box_loss=self.box_loss,
            identity_loss=make_identity_loss(self.identity_loss, num_identities, self.emb_dim),
            balance=balances[self.balance](),
        )

    def get_augmentation(self) -> Augmentation:
        """Make the parameters of training pictures."""
        return Augmentation(
            mosaic=self.mosaic,
            mixup=self.mixup,
            degrees=self.degrees,
            translate=self.translate,
            scale=self.scale,
            shear=self.shear,
            mixup_scale=self.mixup_scale,
            flip=self.flip,
            min_visibility=self.min_visibility,
            hue=self.hue,
            clip=self.clip,
        )

    def get_sizes(self) -> list[Pair]:
        """List the sizes of multi-scale training."""
        return training_sizes(*self.input_size, self.random_size)

    @staticmethod
    def _kind(key: str) -> Any:
        known = settings()
        if key in known:
            return known[key]
        near = difflib.get_close_matches(key, known, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else "; --show lists all"
        raise InputError(f"there is no setting {key!r}{hint}")


_ANY = 1e12
# Least and most of settings that are numbers; those of augmentation are checked where it is made.
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        ("num_classes", "emb_dim", "resize_every", "max_epoch", "accumulate", "eval_interval",
         "print_interval", "keep"), (1, _ANY)
    ),
    **dict.fromkeys(
        ("identity_weight", "images_per_identity", "workers", "warmup_epochs", "no_aug_epochs",
         "basic_lr_per_img", "weight_decay", "clip_grad", "seed"), (0, _ANY)
    ),
    **dict.fromkeys(("input_size", "test_size"), (32, 1e5)),
    **dict.fromkeys(
        ("reid_gradient", "min_lr_ratio", "momentum", "test_conf", "nmsthre"), (0, 1)
    ),
}  # fmt: skip


def settings() -> dict[str, Any]:
    """List the settings with their types."""
    return get_type_hints(Exp)


def _parse(key: str, text: str, kind: Any) -> Any:
    """Read a value from a command line."""
    value: Any = text
    if kind is not str and get_origin(kind) is not Literal:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            value = text
    value = _widen(value, kind)
    if not _fits(value, kind):
        raise InputError(f"{key} is {text!r}; {_wanted(kind)}")
    return value


def _widen(value: Any, kind: Any) -> Any:
    """Take a whole number for a float, and a list for a tuple."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        parts = get_args(kind)
        return tuple(_widen(v, k) for v, k in zip(value, parts, strict=False)) + tuple(
            value[len(parts) :]
        )
    return value


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        return (
            isinstance(value, tuple)
            and len(value) == len(parts)
            and all(_fits(v, k) for v, k in zip(value, parts, strict=True))
        )
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value == value
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"give one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        return f"give {len(get_args(kind))} numbers, such as '(1, 2)'"
    return {
        bool: "give True or False",
        int: "give a whole number",
        float: "give a number",
        str: "give a text",
    }[kind]
