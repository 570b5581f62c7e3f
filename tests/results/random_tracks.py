"""Track tables to test with."""

import numpy as np
from hypothesis import strategies as st

from yolox.structures import TrackTable


def make_tracks(rows):
    """Rows: frame, id, left top corner; boxes of 10 x 20, with scores and classes of their own."""
    rows = sorted(rows, key=lambda row: row[0])
    frames, ids, corners = (np.array([row[n] for row in rows]) for n in range(3))
    left = corners.astype(float)
    return TrackTable(
        frames=frames.astype(np.int64),
        boxes=np.c_[left, left, left + 10, left + 20].reshape(-1, 4),
        ids=ids.astype(np.int64),
        scores=0.5 + 0.001 * np.arange(len(rows)),
        class_ids=np.arange(len(rows)) % 3,
    )


@st.composite
def track_tables(draw):
    """A few tracks with gaps, in random order within each frame."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 60), st.integers(1, 4), st.integers(-50, 500)),
            unique_by=lambda row: row[:2],
            max_size=80,
        )
    )
    return make_tracks(rows)


def rows_of(table):
    """Give every row as a tuple, to compare tables as lists or sets."""
    columns = (table.frames, table.ids, table.scores, table.class_ids, table.boxes)
    return list(zip(*(column.tolist() for column in columns[:4]),
                    map(tuple, table.boxes.tolist()), strict=True))  # fmt: skip
