r"""Nano with a fused ReID head on longer made-up scenes: people turn, are hidden, leave and return.

  make demo-train     # everything up to the demo with these weights

or by hand, after yolox_nano_reid.py:

  python tools/train.py -f exps/example/synthetic/yolox_nano_reid_long.py -b 8 --precision bf16 \
      -c runs/yolox_nano_reid/best.pth

docs/reid.md has results and times; the weights are pretrained/yolox_nano_reid_synthetic.pth.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_nano_reid.py", beside=__file__)):
    """See above."""

    train = "synthetic_long/annotations/train.json"
    reid_gradient = 0.2
