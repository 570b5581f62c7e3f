"""Worlds made from a seed: people who walk, hide each other, leave and come back.

`make_scene` gives ground truth and simulated detections without drawing anything;
`yolox.data.synthetic.rendering.render` draws the same scene frame by frame.
"""

from yolox.data.synthetic.presets import PRESETS, Preset
from yolox.data.synthetic.scene import Scene, make_scene

__all__ = ["PRESETS", "Preset", "Scene", "make_scene"]
