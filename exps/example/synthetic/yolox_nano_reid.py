"""Nano and a fused ReID head, trained together from nothing on made-up scenes.

  make demo-train     # scenes, this run, and the demo with its weights

or by hand:

  make scenes
  python tools/train.py -f exps/example/synthetic/yolox_nano_reid.py -b 8 --precision bf16

The weights are pretrained/yolox_nano_reid_synthetic.pth. docs/reid.md has results and time.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_nano_detector.py", beside=__file__)):
    """See above."""

    reid = "fused"
    emb_dim = 64
    reid_gradient = 0.1
    balance = "fixed"
    identity_weight = 1.0
