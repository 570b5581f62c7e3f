r"""YOLOX-s on the first halves of MOT17 alone, validated on the second.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/train.py -f exps/example/mot/yolox_s_mot17_half.py -d 4 -b 12 \
      --device cuda --precision fp16 -c pretrained/yolox_s.pth

Four GPUs and the batch of ByteTrack_ReID, which publishes numbers with its ReID head only:
yolox_s_mot17_half_parareid.py.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    test_conf = 0.1
