"""YOLOX-x on COCO.

  python tools/train.py -f exps/default/yolox_x.py -d 8 -b 64 --device cuda --precision fp16

Data as for yolox_s.py. Eight GPUs, as YOLOX. Published: AP 51.1 on COCO val2017.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_s.py", beside=__file__)):
    """See above."""

    model = "x"
