import pytest
import torch

from yolox.structures.targets import Targets, check_targets

GOOD = Targets(
    images=torch.tensor([0, 0, 1]),
    boxes=torch.tensor([[5.0, 5, 4, 4], [-9, 5, 4, 4], [5, 5, 4, 4]]),
    class_ids=torch.tensor([0, 1, 0]),
    identities=torch.tensor([-1, 3, 4]),
)
EMPTY = Targets(*(column[:0] for column in GOOD))


def test_good_targets_pass():
    check_targets(GOOD, 2, 2)
    check_targets(EMPTY, 2, 2)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("images", [0, 2, 2], r"targets\.images\[1\] is 2; give 0 to 1"),
        ("images", [1, 0, 1], r"targets\.images\[1\] is 0; order the rows by image"),
        ("boxes", [[5.0, 5, 4, 4], [5, 5, 0, 4], [5, 5, 4, 4]], r"boxes\[1\] is \[5.*above 0"),
        ("boxes", [[5.0, 5, 4, 4], [5, 5, 4, 4], [torch.nan, 5, 4, 4]], r"boxes\[2\].*finite"),
        ("class_ids", [0, 2, 0], r"class_ids\[1\] is 2; give 0 to 1"),
        ("identities", [-2, 0, 0], r"identities\[0\] is -2; give −1"),
        ("identities", [0, 0], r"targets have \[3, 3, 3, 2\] rows"),
    ],
)
def test_wrong_targets_are_named(column, value, message):
    with pytest.raises(ValueError, match=message):
        check_targets(GOOD._replace(**{column: torch.tensor(value)}), 2, 2)


def test_float_identities_are_refused():
    with pytest.raises(TypeError, match=r"identities are torch\.float32; give int64"):
        check_targets(GOOD._replace(identities=torch.zeros(3)), 2, 2)
