import numpy as np
from made_up import small_correspondence

from yolox.structures import Correspondence
from yolox.visualize.timeline import people_rows, track_rows


def test_people():
    first, second = people_rows(small_correspondence())
    assert first.id == 1
    assert first.spans == [(1, 2, 11), (3, 3, -1), (4, 6, 12)]
    assert first.switches == [(4, 11, 12)]
    assert first.feet == [(20, 90)] * 6
    assert (second.id, second.spans, second.switches) == (2, [(5, 6, -1)], [])


def test_tracks():
    rows = {row.id: row for row in track_rows(small_correspondence())}
    assert list(rows) == [11, 30, 12]
    assert rows[11].spans == [(1, 2, 1)]
    assert rows[12].spans == [(4, 6, 1)]
    assert rows[30].spans == [(2, 3, -1)]
    assert rows[30].feet == [(140, 90)] * 2


def test_a_gap_ends_a_span():
    made = small_correspondence()
    kept = made.targets.frames != 5
    gap = Correspondence(
        targets=made.targets.take(kept),
        tracks=made.tracks,
        matches=made.matches[kept],
        switched_from=made.switched_from[kept],
    )
    assert people_rows(gap)[0].spans == [(1, 2, 11), (3, 3, -1), (4, 4, 12), (6, 6, 12)]


def test_nobody():
    made = small_correspondence()
    none = np.empty(0, dtype=np.int64)
    empty = Correspondence(
        targets=made.targets.take(none),
        tracks=made.tracks.take(none),
        matches=none,
        switched_from=none,
    )
    assert people_rows(empty) == track_rows(empty) == []
