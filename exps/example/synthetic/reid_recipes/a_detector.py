"""Recipe a: the detector alone goes on. What the others are compared with.

  python tools/train.py -f exps/example/synthetic/reid_recipes/a_detector.py -b 8 \
      --precision bf16 -c runs/yolox_nano_detector/best.pth

Every recipe of this folder begins with the same detector and takes the same batches.
"""

from yolox.exp import exp_of


class Exp(exp_of("../yolox_nano_detector.py", beside=__file__)):
    """See above."""

    # A little larger than the detector began with: small people are found better.
    input_size = (288, 512)
    test_size = (288, 512)
    random_size = (8, 10)

    basic_lr_per_img = 2.5e-4
    max_epoch = 4
