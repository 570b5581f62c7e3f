r"""Nano with a fused ReID head on made-up scenes: recipe e, twice as long.

  make demo-train     # scenes, detector, this run, yolox_nano_reid_long.py, and the demo

or by hand, after yolox_nano_detector.py:

  python tools/train.py -f exps/example/synthetic/yolox_nano_reid.py -b 8 --precision bf16 \
      -c runs/yolox_nano_detector/best.pth

docs/reid.md has results and times.
"""

from yolox.exp import exp_of


class Exp(exp_of("reid_recipes/e_gate_fused.py", beside=__file__)):
    """See above."""

    max_epoch = 8
