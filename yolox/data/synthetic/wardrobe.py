"""What people wear: colours, patterns, cuts and things carried."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeVar

import numpy as np

Colour = tuple[float, float, float]  # blue, green, red from 0 to 255
Pattern = Literal["plain", "hoops", "pinstripes", "plaid", "logo", "halves"]

Choice = TypeVar("Choice")

SKINS: tuple[Colour, ...] = (
    (170, 196, 236), (140, 172, 222), (108, 144, 200), (74, 108, 164), (52, 78, 122), (38, 56, 88),
)  # fmt: skip
HAIRS: tuple[Colour, ...] = (
    (24, 24, 28), (30, 38, 52), (36, 56, 86), (60, 98, 140), (96, 150, 190), (150, 152, 156),
)  # fmt: skip
PATTERNS: tuple[Pattern, ...] = ("plain", "hoops", "pinstripes", "plaid", "logo", "halves")


class Outfit(NamedTuple):
    """What one person looks like, apart from the body.

    Attributes:
        colours: By material: skin, hair, eyes, top, second (the pattern's colour), legs, shoes,
            bag, hat.
        pattern: Of the top.
        bottom: What the legs wear.
        sleeves: Material of the forearms, `"top"` or `"skin"`.
        coat: Whether the top reaches down to the thighs.
        long_hair: Whether the hair reaches down to the shoulders.
        carries: What is carried, if anything.
        hat: What is worn on the head, if anything.
    """

    colours: dict[str, Colour]
    pattern: Pattern
    bottom: Literal["trousers", "shorts", "skirt"]
    sleeves: Literal["top", "skin"]
    coat: bool
    long_hair: bool
    carries: Literal["none", "backpack", "bag"]
    hat: Literal["none", "cap", "beanie"]


def outfits(people: int, alike: int, random: np.random.Generator) -> list[Outfit]:
    """Dress people, `alike` of them in a row with the same clothes.

    Skin, hair and what is carried stay each person's own.

    Args:
        people: How many.
        alike: People who share an outfit; 1 gives everybody their own.
        random: Source of the choice.
    """
    own = [_outfit(random) for _ in range(people)]
    dressed = []
    for person, outfit in enumerate(own):
        model = own[person - person % alike]
        personal = {name: outfit.colours[name] for name in ("skin", "hair", "bag")}
        dressed.append(
            model._replace(
                colours={**model.colours, **personal},
                long_hair=outfit.long_hair,
                carries=outfit.carries if alike == 1 else model.carries,
            )
        )
    return dressed


def _outfit(random: np.random.Generator) -> Outfit:
    top = _garment(random)
    colours = {
        "skin": _one_of(SKINS, random),
        "hair": _one_of(HAIRS, random),
        "eyes": (30.0, 30.0, 34.0),
        "top": top,
        "second": _contrasting(top, random),
        "legs": _trousers(random),
        "shoes": _one_of(((30, 30, 34), (60, 70, 90), (225, 225, 228), (70, 60, 58)), random),
        "bag": _garment(random),
        "hat": _garment(random),
    }
    coat = bool(random.random() < 0.25)
    return Outfit(
        colours=colours,
        pattern=_one_of(PATTERNS, random, (0.42, 0.14, 0.08, 0.12, 0.14, 0.10)),
        bottom=_one_of(("trousers", "shorts", "skirt"), random, (0.70, 0.12, 0.18)),
        sleeves="top" if coat or random.random() < 0.55 else "skin",
        coat=coat,
        long_hair=bool(random.random() < 0.45),
        carries=_one_of(("none", "backpack", "bag"), random, (0.50, 0.25, 0.25)),
        hat=_one_of(("none", "cap", "beanie"), random, (0.76, 0.14, 0.10)),
    )


def _garment(random: np.random.Generator) -> Colour:
    """Mix a colour as cloth has it: mostly muted, sometimes bright, sometimes grey to white."""
    saturation = random.choice([0.04, 0.35, 0.75], p=[0.3, 0.35, 0.35])
    return _hsv(random.random(), saturation, random.uniform(0.15, 0.95))


def _trousers(random: np.random.Generator) -> Colour:
    """Mix blue denim, black, khaki or any cloth."""
    hue, saturation, value = _one_of(
        ((0.60, 0.50, 0.45), (0.62, 0.25, 0.16), (0.10, 0.28, 0.58), (0.0, 0.02, 0.30)), random
    )
    if random.random() < 0.2:
        return _garment(random)
    stray = random.uniform(-0.1, 0.1)
    return _hsv(hue + stray / 5, saturation, max(value + stray, 0.08))


def _contrasting(colour: Colour, random: np.random.Generator) -> Colour:
    light = float(np.mean(colour))
    return _hsv(random.random(), random.uniform(0, 0.7), 0.25 if light > 120 else 0.9)


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return 255 * blue, 255 * green, 255 * red


def _one_of(
    choices: Sequence[Choice], random: np.random.Generator, weights: Sequence[float] | None = None
) -> Choice:
    return choices[int(random.choice(len(choices), p=weights))]
