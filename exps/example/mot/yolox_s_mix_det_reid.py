r"""yolox_s_mix_det with a fused ReID head, on MOT17's identities.

  python tools/train.py -f exps/example/mot/yolox_s_mix_det_reid.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_s.pth

Data and hardware as for yolox_s_mix_det.py. The detector should keep the numbers published
of that one; none are for the head. Validated on training data, as said there.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_s_mix_det.py", beside=__file__)):
    """See above."""

    reid = "fused"
    reid_gradient = 0.1
    balance = "fixed"
