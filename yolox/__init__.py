"""ByteTrack-ReID: detector and embedding trained together, tracked with BYTE, scored honestly."""

__version__ = "0.1.0"
