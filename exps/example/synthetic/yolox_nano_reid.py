"""Nano with a fused ReID head on made-up scenes.

  python tools/make_synthetic.py --output datasets/synthetic --preset street crowd --sequences 8
  python tools/make_synthetic.py --output datasets/held_out --sequences 2 --seed 900
  python tools/convert_dataset.py synthetic --data-dir datasets/synthetic
  python tools/convert_dataset.py synthetic --data-dir datasets/held_out
  python tools/train.py -f exps/example/synthetic/yolox_nano_reid.py -b 8

Half a second a batch on one CPU core. A start, not a tuned run: no result is promised yet.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "nano"
    reid = "fused"
    reid_gradient = 0.1
    balance = "fixed"
    train = "synthetic/annotations/train.json"
    val = "held_out/annotations/train.json"
    input_size = (288, 512)
    test_size = (288, 512)
    random_size = (8, 10)
    scale = (0.5, 1.5)
    mixup = 0.0
    max_epoch = 30
    no_aug_epochs = 5
    basic_lr_per_img = 0.01 / 64
    eval_interval = 5
    workers = 1
