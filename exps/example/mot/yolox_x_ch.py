r"""YOLOX-x on CrowdHuman alone: how well it does on MOT17 without a frame of it.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/convert_dataset.py crowdhuman --data-dir datasets/crowdhuman
  python tools/mix_datasets.py ch_all --data-root datasets
  python tools/train.py -f exps/example/mot/yolox_x_ch.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_x.pth

Eight GPUs, as ByteTrack, which publishes no numbers for it. CrowdHuman has no identities, so there
is no variant with a ReID head.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "x"
    train = "ch_all/annotations/train.json"
    test_conf = 0.1
