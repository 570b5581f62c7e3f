import numpy as np

from yolox.structures import Correspondence, TrackTable, TruthTable


def test_who_is_matched_by_what():
    """Two frames: person 7 is followed by track 3, then by track 5; person 8 is missed."""
    targets = TruthTable(
        frames=np.array([1, 1, 2]),
        boxes=np.zeros((3, 4)),
        ids=np.array([7, 8, 7]),
        considered=np.ones(3, bool),
        class_ids=np.ones(3, int),
        visibility=np.ones(3),
    )
    tracks = TrackTable(
        frames=np.array([1, 2, 2]),
        boxes=np.zeros((3, 4)),
        ids=np.array([3, 3, 5]),
        scores=np.ones(3),
        class_ids=np.zeros(3, int),
    )
    matched = Correspondence(
        targets=targets,
        tracks=tracks,
        matches=np.array([0, -1, 2]),
        switched_from=np.array([-1, -1, 3]),
    )
    assert matched.missed.tolist() == [False, True, False]
    assert matched.switched.tolist() == [False, False, True]
    assert matched.track_ids.tolist() == [3, -1, 5]
    assert matched.person_ids.tolist() == [7, -1, 7]
