r"""yolox_s_mot17_half with a fused ReID head, on MOT17's identities.

  python tools/train.py -f exps/example/mot/yolox_s_mot17_half_reid.py -d 4 -b 12 \
      --device cuda --precision fp16 -c pretrained/yolox_s.pth

Data and hardware as for yolox_s_mot17_half.py. The detector should keep the numbers
of yolox_s_mot17_half_parareid.py; none are published for this head.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_s_mot17_half.py", beside=__file__)):
    """See above."""

    reid = "fused"
    reid_gradient = 0.1
    balance = "fixed"
