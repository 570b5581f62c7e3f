"""Nano from nothing on made-up scenes: the detector that the ReID recipes beside it begin with.

  make scenes     # datasets/synthetic and datasets/synthetic_val, from seeds
  python tools/train.py -f exps/example/synthetic/yolox_nano_detector.py -b 8 --precision bf16

docs/reid.md has the results and the times.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "nano"
    train = "synthetic/annotations/train.json"
    val = "synthetic_val/annotations/train.json"
    cache = "memory"
    workers = 1

    # Half the size of the scenes, on which people are 25 to 110 pixels tall.
    input_size = (256, 448)
    test_size = (256, 448)
    random_size = (7, 9)

    # So short a run learns faster from whole images than from mosaics, and clothes keep their hue.
    mosaic = 0.0
    mixup = 0.0
    degrees = 0.0
    shear = 0.0
    scale = (0.8, 1.25)
    hue = 6
    min_visibility = 0.3

    box_loss = "giou"
    l1_always = True
    optimizer = "adamw"
    basic_lr_per_img = 1e-3
    weight_decay = 0.05
    max_epoch = 24
    no_aug_epochs = 1
    eval_interval = 4
    best = "ap"
