"""Recipe c on the fused head."""

from yolox.exp import exp_of


class Exp(exp_of("c_uncertainty_per_level.py", beside=__file__)):
    """See above."""

    reid = "fused"
