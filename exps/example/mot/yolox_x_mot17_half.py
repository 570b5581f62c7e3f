r"""YOLOX-x on the first halves of MOT17 alone, validated on the second.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/train.py -f exps/example/mot/yolox_x_mot17_half.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_x.pth

Eight GPUs, as ByteTrack. Its file of this name, and ByteTrack_ReID's, trains on the second halves
too, which gave the latter its early 84 MOTA. No numbers without that leak are published.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "x"
    test_conf = 0.1
