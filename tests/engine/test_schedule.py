import math
from itertools import pairwise

import pytest

from yolox.engine.schedule import learning_rate
from yolox.structures import InputError

RUN = {"peak": 8e-4, "warmup": 10, "total": 100, "floor_steps": 20}


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 8e-4 * 0.01),  # a tenth of the warm-up, squared
        (4, 8e-4 * 0.25),
        (9, 8e-4),
        (44, 4e-5 + 0.5 * 7.6e-4),  # half way down
        (79, 4e-5),
        (99, 4e-5),
    ],
)
def test_hand_computed(step, rate):
    assert learning_rate(step, **RUN) == pytest.approx(rate)


def test_it_rises_then_falls_without_a_jump():
    rates = [learning_rate(step, **RUN) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert max(abs(b - a) for a, b in pairwise(rates)) < 2e-4


def test_another_floor_and_no_warmup():
    run = {**RUN, "warmup": 0, "floor_ratio": 0.5}
    assert learning_rate(99, **run) == 4e-4
    assert learning_rate(0, **run) == pytest.approx(4e-4 + 2e-4 * (1 + math.cos(math.pi / 80)))


@pytest.mark.parametrize(
    "wrong", [{"warmup": -1}, {"floor_steps": 101}, {"warmup": 90}, {"warmup": 101}]
)
def test_impossible_runs(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        learning_rate(0, **{**RUN, **wrong})
