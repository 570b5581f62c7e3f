"""Who is followed by which track, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolox.structures.boxes import Array
from yolox.structures.tables import TrackTable, TruthTable


@dataclass(frozen=True, eq=False, kw_only=True)
class Correspondence:
    """The people to be found in a sequence, the tracks that count, and who is matched by what.

    Attributes:
        targets: `T` rows.
        tracks: `N` rows.
        matches: `(T,)` int64, the row of `tracks` that matches each target, −1 where it is missed.
        switched_from: `(T,)` int64, the id of the track that matched the same person last, where it
            is another one now, which is a switch; −1 elsewhere.
    """

    targets: TruthTable
    tracks: TrackTable
    matches: Array
    switched_from: Array

    @property
    def missed(self) -> Array:
        """`(T,)` bool: targets that no track matches."""
        return self.matches < 0

    @property
    def switched(self) -> Array:
        """`(T,)` bool: targets whose track has changed."""
        return self.switched_from >= 0

    @property
    def track_ids(self) -> Array:
        """`(T,)` int64: the id of the track that matches each target, −1 where it is missed."""
        ids = np.full(len(self.targets), -1, dtype=np.int64)
        ids[~self.missed] = self.tracks.ids[self.matches[~self.missed]]
        return ids

    @property
    def person_ids(self) -> Array:
        """`(N,)` int64: the id of the person that each track matches, −1 for a false box."""
        ids = np.full(len(self.tracks), -1, dtype=np.int64)
        ids[self.matches[~self.missed]] = self.targets.ids[~self.missed]
        return ids
