"""Frames from wherever they come: video files, image files, streams and cameras."""

from yolox.data.footage.frame import Footage, Frame
from yolox.data.footage.opening import open_footage

__all__ = ["Footage", "Frame", "open_footage"]
