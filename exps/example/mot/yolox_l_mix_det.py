r"""YOLOX-l on MOT17, CrowdHuman, CityPersons and ETHZ.

  python tools/train.py -f exps/example/mot/yolox_l_mix_det.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_l.pth

Data as for yolox_x_mix_det.py; validated on MOT17 train, on which it is trained, as said there.
Eight GPUs, as ByteTrack. Published, with BYTE on MOT17 train: 88.7 MOTA, 80.7 IDF1, 460 id
switches.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "l"
    train = "mix_det/annotations/train.json"
    val = "mot/annotations/train.json"
