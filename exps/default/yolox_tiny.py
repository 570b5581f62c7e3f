"""YOLOX-tiny on COCO, at 416 x 416 and without mixup.

  python tools/train.py -f exps/default/yolox_tiny.py -d 8 -b 64 --device cuda --precision fp16

Data as for yolox_s.py. Eight GPUs, as YOLOX. Published: AP 32.8 on COCO val2017.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_s.py", beside=__file__)):
    """See above."""

    model = "tiny"
    input_size = (416, 416)
    test_size = (416, 416)
    random_size = (10, 20)
    scale = (0.5, 1.5)
    mixup = 0.0
