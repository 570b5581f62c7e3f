r"""YOLOX-s on COCO, as today's YOLOX trains it from scratch.

  python tools/convert_dataset.py coco --data-dir datasets/COCO --output datasets/coco_video \
      --on-error skip
  python tools/train.py -f exps/default/yolox_s.py -d 8 -b 64 --device cuda --precision fp16

datasets/COCO holds annotations/instances_{train,val}2017.json, train2017/ and val2017/; boxes
without area, of which COCO has some, are skipped. Eight GPUs, as YOLOX. Published: AP 40.5 on
COCO val2017 (YOLOX's README). Of YOLOX's colours only the turn of the hue is taken over.
"""

from yolox.exp import Exp as Base


class Exp(Base):
    """See above."""

    num_classes = 80
    preprocessing = "current"
    assignment = "yolox"
    train = "coco_video/annotations/train2017.json"
    val = "coco_video/annotations/val2017.json"
    input_size = (640, 640)
    test_size = (640, 640)
    random_size = (15, 25)
    hue = 5
    clip = True
    max_epoch = 300
    warmup_epochs = 5
    no_aug_epochs = 15
    basic_lr_per_img = 0.01 / 64
    eval_interval = 10
    best = "ap"
    nmsthre = 0.65
