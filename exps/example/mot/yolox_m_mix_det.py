r"""YOLOX-m on MOT17, CrowdHuman, CityPersons and ETHZ.

  python tools/train.py -f exps/example/mot/yolox_m_mix_det.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_m.pth

Data as for yolox_x_mix_det.py; validated on MOT17 train, on which it is trained, as said there.
Eight GPUs, as ByteTrack. Published, with BYTE on MOT17 train: 87.0 MOTA, 80.1 IDF1, 477 id
switches.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "m"
    train = "mix_det/annotations/train.json"
    val = "mot/annotations/train.json"
