"""Tables of people and tracks that several tests make up."""

import numpy as np

from yolox.structures import Correspondence, TrackTable, TruthTable


def truth_of(rows):
    """Rows of frame, id, x1, y1, x2, y2; ordered by frame here."""
    rows = np.array(sorted(rows), dtype=float).reshape(-1, 6)
    return TruthTable(
        frames=rows[:, 0].astype(np.int64),
        boxes=rows[:, 2:],
        ids=rows[:, 1].astype(np.int64),
        considered=np.ones(len(rows), dtype=bool),
        class_ids=np.ones(len(rows), dtype=np.int64),
        visibility=np.ones(len(rows)),
    )


def tracks_of(rows):
    """Rows of frame, id, x1, y1, x2, y2; ordered by frame here."""
    rows = np.array(sorted(rows), dtype=float).reshape(-1, 6)
    return TrackTable(
        frames=rows[:, 0].astype(np.int64),
        boxes=rows[:, 2:],
        ids=rows[:, 1].astype(np.int64),
        scores=np.ones(len(rows)),
        class_ids=np.zeros(len(rows), dtype=np.int64),
    )


def small_correspondence():
    """Six frames of 160 × 100 pixels.

    Person 1 stands at the left: tracks 11, 11, none, 12, 12, 12, so a miss in frame 3 and a switch
    in frame 4. Person 2 stands in the middle from frame 5 on and is missed. Track 30 is on nobody,
    at the right, in frames 2 and 3.
    """
    here, middle, right = (10, 40, 30, 90), (70, 40, 90, 90), (130, 40, 150, 90)
    targets = truth_of([*((f, 1, *here) for f in range(1, 7)), (5, 2, *middle), (6, 2, *middle)])
    tracks = tracks_of(
        [(f, t, *here) for f, t in ((1, 11), (2, 11), (4, 12), (5, 12), (6, 12))]
        + [(2, 30, *right), (3, 30, *right)]
    )
    # Rows of targets: frames 1 2 3 4 5 5 6 6; of tracks: 1 2 2 3 4 5 6.
    return Correspondence(
        targets=targets,
        tracks=tracks,
        matches=np.array([0, 1, -1, 4, 5, -1, 6, -1]),
        switched_from=np.array([-1, -1, -1, 11, -1, -1, -1, -1]),
    )
