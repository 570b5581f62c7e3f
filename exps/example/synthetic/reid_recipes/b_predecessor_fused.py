"""Recipe b on the fused head."""

from yolox.exp import exp_of


class Exp(exp_of("b_predecessor_per_level.py", beside=__file__)):
    """See above."""

    reid = "fused"
