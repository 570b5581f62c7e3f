r"""ByteTrack_ReID's model: a ReID head parallel to detection's on each of the three levels.

  python tools/train.py -f exps/example/mot/yolox_s_mot17_half_parareid.py -d 4 -b 12 \
      --device cuda --precision fp16 -c pretrained/yolox_s.pth

Data as for yolox_s_mot17_half.py. Four GPUs, as ByteTrack_ReID. Published, on the second halves of
MOT17: AP 0.567, AP50 0.868, and with BYTE 62.0 HOTA, 73.3 MOTA, 74.9 IDF1 by TrackEval. The weights
of its losses never learnt, which made the mixture 3.18 of detection to 1.43 of identity.
"""

from yolox.exp import exp_of


class Exp(exp_of("yolox_s_mot17_half.py", beside=__file__)):
    """See above."""

    reid = "per_level"
    balance = "frozen_uncertainty"
