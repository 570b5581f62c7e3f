"""Recipe e: both learn, and a tenth of the ReID gradient reaches the detector; per-level head."""

from yolox.exp import exp_of


class Exp(exp_of("a_detector.py", beside=__file__)):
    """See above."""

    reid = "per_level"
    emb_dim = 64
    reid_gradient = 0.1
    balance = "fixed"
    identity_weight = 1.0
