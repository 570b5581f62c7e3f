r"""YOLOX-x on the first halves of MOT17 and CrowdHuman: ByteTrack's ablation model.

  python tools/convert_dataset.py mot17 --data-dir datasets/mot
  python tools/convert_dataset.py crowdhuman --data-dir datasets/crowdhuman
  python tools/mix_datasets.py mix_ablation --data-root datasets
  python tools/train.py -f exps/example/mot/yolox_x_ablation.py -d 8 -b 48 \
      --device cuda --precision fp16 -c pretrained/yolox_x.pth

Eight GPUs, as ByteTrack. Published, with BYTE on the second halves of MOT17: 76.6 MOTA, 79.3 IDF1,
159 id switches by motmetrics (ByteTrack's README); 77.78 MOTA, 79.95 IDF1 by TrackEval.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    model = "x"
    train = "mix_mot_ch/annotations/train.json"
    test_conf = 0.1
