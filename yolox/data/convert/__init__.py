"""Every data set as COCO JSON for video: one file a layout, and what they share.

`convert` runs a converter by name; `CONVERTERS` lists them.
"""

from yolox.data.convert.registry import CONVERTERS, Converted, convert

__all__ = ["CONVERTERS", "Converted", "convert"]
