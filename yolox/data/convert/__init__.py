"""Every data set as COCO JSON for video: one file a layout, and what they share.

`convert` runs a converter by name, `CONVERTERS` lists them, `summarise` tells what came of it.
"""

from yolox.data.convert.registry import CONVERTERS, Converted, convert
from yolox.data.convert.summary import summarise

__all__ = ["CONVERTERS", "Converted", "convert", "summarise"]
