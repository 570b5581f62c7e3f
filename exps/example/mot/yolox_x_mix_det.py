r"""YOLOX-x on MOT17, CrowdHuman, CityPersons and ETHZ: ByteTrack's model for MOT17's test set.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/convert_dataset.py crowdhuman --data-dir datasets/crowdhuman
  python tools/convert_dataset.py citypersons --data-dir datasets/Cityscapes
  python tools/convert_dataset.py ethz --data-dir datasets/ETHZ
  python tools/mix_datasets.py mix_det --data-root datasets
  python tools/train.py -f exps/example/mot/yolox_x_mix_det.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_x.pth

Eight GPUs, as ByteTrack. Published, with BYTE: 90.0 MOTA, 83.3 IDF1, 422 id switches on MOT17
train, and 63.1 HOTA, 80.3 MOTA, 77.3 IDF1 on MOT17 test, there with thresholds and input sizes
chosen by sequence and gaps filled.

Validated on MOT17 train, on which it is trained: no frame with ground truth is left. The scores
show that training works, not how good the detector is, and best.pth is no better choice than the
last epoch. (ByteTrack validates this one on MOT17 test, which has no ground truth to score with.)
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "x"
    train = "mix_det/annotations/train.json"
    val = "mot/annotations/train.json"
