import pytest

from yolox.metrics.comparison import format_comparison, gain
from yolox.structures import InputError


def _scores(**idf1):
    return {name: {"HOTA": 50.0, "MOTA": 60.0, "IDF1": x, "IDSW": 3} for name, x in idf1.items()}


BYTE = _scores(a=50.0, b=60.0, c=70.0, COMBINED=61.0)
REID = _scores(a=52.0, b=66.0, c=71.0, COMBINED=64.5)


def test_gain_by_hand():
    mean, deviation = gain(BYTE, REID, "IDF1")  # gains 2, 6, 1
    assert mean == pytest.approx(3)
    assert deviation == pytest.approx(7**0.5)  # (1 + 9 + 4) / 2
    assert gain(BYTE, BYTE, "HOTA") == (0, 0)


def test_the_table():
    lines = format_comparison({"byte": BYTE, "byte_reid": REID}).splitlines()
    assert lines[2].split() == ["byte", "50.00", "60.00", "61.00", "3"]
    assert lines[3].endswith("+3.00 ± 2.65")
    assert "64.50" in lines[3]
    assert lines[4].endswith("over 3 sequences, each for itself")


def test_one_sequence_has_no_spread():
    assert gain(_scores(a=1.0, COMBINED=1.0), _scores(a=4.0, COMBINED=4.0), "IDF1") == (3.0, 0.0)


def test_different_sequences_are_refused():
    with pytest.raises(InputError, match="not in both results: d"):
        gain(BYTE, {**REID, "d": REID["a"]}, "IDF1")
