"""Recipe b: ByteTrack_ReID's loss, whose uncertainties stay where they start, on its own head."""

from yolox.exp import exp_of


class Exp(exp_of("a_detector.py", beside=__file__)):
    """See above."""

    reid = "per_level"
    emb_dim = 64
    reid_gradient = 1.0
    balance = "frozen_uncertainty"
