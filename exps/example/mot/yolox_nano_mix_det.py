r"""YOLOX-nano on MOT17, CrowdHuman, CityPersons and ETHZ.

  python tools/train.py -f exps/example/mot/yolox_nano_mix_det.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_nano.pth

Data as for yolox_x_mix_det.py; validated on MOT17 train, on which it is trained, as said there.
Eight GPUs, as ByteTrack. Published, with BYTE on MOT17 train: 69.0 MOTA, 66.3 IDF1, 531 id
switches.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "nano"
    train = "mix_det/annotations/train.json"
    val = "mot/annotations/train.json"
    input_size = (608, 1088)
    test_size = (608, 1088)
    random_size = (12, 26)
    scale = (0.5, 1.5)
