"""YOLOX-nano on COCO: as tiny, and every second picture without mosaic.

  python tools/train.py -f exps/default/yolox_nano.py -d 8 -b 64 --device cuda --precision fp16

Data as for yolox_s.py. Eight GPUs, as YOLOX. Published: AP 25.8 on COCO val2017.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_tiny.py", beside=__file__)):
    """See above."""

    model = "nano"
    mosaic = 0.5
