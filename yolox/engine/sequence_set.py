"""Which sequences to detect in: of a MOTChallenge tree, or those that an exp is validated on."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from yolox.formats.coco import image_root, read_coco
from yolox.formats.mot import Half, half_frames, read_sequence_info
from yolox.structures import InputError

if TYPE_CHECKING:  # to name sequences needs no torch
    from yolox.exp.base import Exp


class SequenceSet(NamedTuple):
    """Sequences of a MOTChallenge tree, or the same half of each.

    Attributes:
        root: Folder of `<sequence>/seqinfo.ini`.
        names: The sequences.
        half: What of each belongs to the set.
    """

    root: Path
    names: list[str]
    half: Half

    @classmethod
    def of_tree(
        cls, root: Path, half: Half = "all", patterns: Sequence[str] = ("*",)
    ) -> SequenceSet:
        """List the sequences of a tree that fit any of the patterns.

        Raises:
            InputError: None fits one of them.
        """
        there = sorted(path.parent.name for path in root.glob("*/seqinfo.ini"))
        names: set[str] = set()
        for pattern in patterns:
            fitting = fnmatch.filter(there, pattern)
            if not fitting:
                raise InputError(
                    f"{root}: holds no <sequence>/seqinfo.ini that fits {pattern!r}; give the "
                    "folder of the sequences"
                )
            names.update(fitting)
        return cls(root, sorted(names), half)


def validation_set(exp: Exp) -> SequenceSet:
    """Find the sequences whose images an exp is validated on.

    Raises:
        InputError: The images do not lie in MOTChallenge's layout, or are no whole sequences or
            halves.
    """
    path = Path(exp.data_root) / exp.val
    if not path.is_file():
        raise InputError(
            f"{path}: no such file, which the exp is validated on; convert the data set "
            "(tools/convert_dataset.py), or give a MOTChallenge tree (--gt)"
        )
    document = read_coco(path)
    root = image_root(path, document)
    frames: dict[Path, set[int]] = defaultdict(set)
    for record in document["images"]:
        file = root / record["file_name"]
        sequence = file.parent.parent
        if not file.stem.isdecimal() or not (sequence / "seqinfo.ini").is_file():
            raise InputError(
                f"{path}: {record['file_name']} is no image of a sequence with a seqinfo.ini; give "
                "a MOTChallenge tree (--gt)"
            )
        frames[sequence].add(int(file.stem))
    roots = {folder.parent for folder in frames}
    if len(roots) > 1:
        places = ", ".join(sorted(map(str, roots)))
        raise InputError(f"{path}: its sequences lie in {places}; give one of them (--gt)")
    halves = {_half_of(folder, numbers) for folder, numbers in frames.items()}
    if len(halves) != 1 or None in halves:
        raise InputError(
            f"{path}: its images are neither whole sequences nor the same half of all; give the "
            "sequences (--gt, --half, --sequences)"
        )
    return SequenceSet(roots.pop(), sorted(folder.name for folder in frames), halves.pop() or "all")


def _half_of(sequence: Path, numbers: set[int]) -> Half | None:
    """Tell which part of a sequence its images are."""
    length = read_sequence_info(sequence / "seqinfo.ini").length
    halves: tuple[Half, ...] = ("all", "val", "train")
    for half in halves:
        first, last = half_frames(length, half)
        if numbers == set(range(first, last + 1)):
            return half
    return None
