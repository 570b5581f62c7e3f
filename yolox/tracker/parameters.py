"""Parameters that several trackers have alike, in meaning and in what is worth a try."""

from __future__ import annotations

from typing import Annotated

from yolox.tracker.base import Range

# Scores: BYTE and its kin part detections in two, SORT and its kin use those above one score.
HighThresh = Annotated[float, "score above which a detection is a high-score one", Range(0.3, 0.8)]
UsedThresh = Annotated[float, "score above which a detection is used", Range(0.3, 0.8)]
LowThresh = Annotated[float, "score above which a detection is used at all", Range(0.05, 0.4)]
NewThresh = Annotated[
    float | None, "score that starts a track; track_thresh + 0.1 unless given", Range(0.4, 0.9)
]
UseByte = Annotated[bool, "match what is left with low scores, as BYTE does", Range(0, 1)]
FuseScore = Annotated[bool, "multiply the overlap by the detection's score", Range(0, 1)]

# Who may be matched.
MatchThresh = Annotated[float, "cost below which a high-score match is allowed", Range(0.5, 0.99)]
IouThresh = Annotated[float, "least overlap of a match", Range(0.05, 0.7)]
ClassAware = Annotated[bool, "never give a track a detection of another class"]

# How long tracks live.
TrackBuffer = Annotated[
    int, "frames that a lost track is kept, at 30 frames a second", Range(5, 90)
]
FrameRate = Annotated[float, "frames a second; scales track_buffer"]
MaxAge = Annotated[int, "frames that a track lives without a detection", Range(1, 90)]
NInit = Annotated[int, "detections on end that confirm a track", Range(1, 5)]

# Looks.
CheckLooks = Annotated[bool, "go by place until looks have shown that they tell people apart"]
AppearanceWeight = Annotated[
    float, "most that looks add to or take from a cost; 0: nothing", Range(0.1, 1.5)
]
Memory = Annotated[float, "share of the old in a track's running embedding", Range(0.5, 0.98)]
GallerySize = Annotated[int, "last embeddings of a track that are kept"]
MotionShare = Annotated[
    float,
    "share of the squared Mahalanobis distance in the cost, beside the looks",
    Range(0, 0.1),
]
