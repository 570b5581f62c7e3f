"""Every person of every data set as a number of its own.

Raw ids mean something only within their sequence. Here an identity is (data set, sequence, raw id),
and the identities of a training set are numbered without gaps in the order of these keys, so that
they neither clash nor depend on the order in which files were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from yolox.formats.coco import Record

UNKNOWN = -1


class Identity(NamedTuple):
    """Who somebody is: `raw_id` as the data set has it, within one of its sequences."""

    dataset: str
    sequence: str
    raw_id: int | str


class IdSpace:
    """A bijection of identities to the numbers from `first` on."""

    def __init__(self, identities: Iterable[Identity], first: int = 1) -> None:
        # Numbers in the order of numbers, before names in the order of names.
        ordered = sorted(
            set(identities),
            key=lambda who: (who.dataset, who.sequence, isinstance(who.raw_id, str), who.raw_id),
        )
        self._numbers = {who: number for number, who in enumerate(ordered, start=first)}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._numbers)

    def number(self, who: Identity | None) -> int:
        """Give somebody's number, −1 for None."""
        return UNKNOWN if who is None else self._numbers[who]

    def to_records(self) -> list[Record]:
        """Write the map as COCO records."""
        return [{"track_id": number, **who._asdict()} for who, number in self._numbers.items()]


def read_identities(records: Iterable[Record]) -> dict[int, Identity]:
    """Read a map back: identities by `track_id`."""
    return {
        record["track_id"]: Identity(record["dataset"], record["sequence"], record["raw_id"])
        for record in records
    }
