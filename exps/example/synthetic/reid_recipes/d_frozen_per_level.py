"""Recipe d: the detector stays as it is, to the last bit, and the per-level head alone learns."""

from yolox.exp import exp_of


class Exp(exp_of("a_detector.py", beside=__file__)):
    """See above."""

    reid = "per_level"
    emb_dim = 64
    freeze_detector = True
    balance = "fixed"
    identity_weight = 1.0
