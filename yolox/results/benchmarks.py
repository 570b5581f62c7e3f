"""What a benchmark's server asks for: the sequences of each split, their length and size."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from yolox.formats.mot import read_sequence_info
from yolox.structures import InputError

Split = Literal["test", "train", "all"]

# MOT17 has each video three times, under the names of the detectors whose detections come with it.
MOT17_DETECTORS = ("DPM", "FRCNN", "SDP")


class Extent(NamedTuple):
    """How long a sequence is, in frames, and how large its images, in pixels."""

    length: int
    width: int = 1920
    height: int = 1080


_MOT15 = {
    "train": {
        "ADL-Rundle-6": Extent(525),
        "ADL-Rundle-8": Extent(654),
        "ETH-Bahnhof": Extent(1000, 640, 480),
        "ETH-Pedcross2": Extent(837, 640, 480),
        "ETH-Sunnyday": Extent(354, 640, 480),
        "KITTI-13": Extent(340, 1242, 375),
        "KITTI-17": Extent(145, 1224, 370),
        "PETS09-S2L1": Extent(795, 768, 576),
        "TUD-Campus": Extent(71, 640, 480),
        "TUD-Stadtmitte": Extent(179, 640, 480),
        "Venice-2": Extent(600),
    },
    "test": {
        "ADL-Rundle-1": Extent(500),
        "ADL-Rundle-3": Extent(625),
        "AVG-TownCentre": Extent(450),
        "ETH-Crossing": Extent(219, 640, 480),
        "ETH-Jelmoli": Extent(440, 640, 480),
        "ETH-Linthescher": Extent(1194, 640, 480),
        "KITTI-16": Extent(209, 1224, 370),
        "KITTI-19": Extent(1059, 1238, 374),
        "PETS09-S2L2": Extent(436, 768, 576),
        "TUD-Crossing": Extent(201, 640, 480),
        "Venice-1": Extent(450),
    },
}

# MOT16 and MOT17 are the same videos.
_MOT16 = {
    "train": {
        "02": Extent(600),
        "04": Extent(1050),
        "05": Extent(837, 640, 480),
        "09": Extent(525),
        "10": Extent(654),
        "11": Extent(900),
        "13": Extent(750),
    },
    "test": {
        "01": Extent(450),
        "03": Extent(1500),
        "06": Extent(1194, 640, 480),
        "07": Extent(500),
        "08": Extent(625),
        "12": Extent(900),
        "14": Extent(750),
    },
}

_MOT20 = {
    "train": {
        "01": Extent(429),
        "02": Extent(2782),
        "03": Extent(2405, 1173, 880),
        "05": Extent(3315, 1654, 1080),
    },
    "test": {
        "04": Extent(2080, 1545, 1080),
        "06": Extent(1008, 1920, 734),
        "07": Extent(585),
        "08": Extent(806, 1920, 734),
    },
}

_NUMBERED = {"MOT16": _MOT16, "MOT17": _MOT16, "MOT20": _MOT20}


def known_sequences(benchmark: str, split: Split) -> dict[str, Extent]:
    """Name the sequences of a split, MOT17's without detector; none where no table has them."""
    splits = ("train", "test") if split == "all" else (split,)
    if benchmark == "MOT15":
        return {name: extent for part in splits for name, extent in _MOT15[part].items()}
    return {
        f"{benchmark}-{number}": extent
        for part in splits
        for number, extent in _NUMBERED.get(benchmark, {}).get(part, {}).items()
    }


def copies_of(name: str) -> tuple[str, ...]:
    """Give the names under which a sequence is submitted: three in MOT17, else its own."""
    if not name.startswith("MOT17-"):
        return (name,)
    return tuple(f"{name}-{detector}" for detector in MOT17_DETECTORS)


def expected_sequences(
    benchmark: str, split: Split, trees: list[Path] | None = None
) -> dict[str, Extent]:
    """Give what is to be submitted, by name (MOT17's without detector).

    Args:
        benchmark: One of `yolox.metrics.tracking.BENCHMARKS`.
        split: Its part; of DanceTrack the trees say which.
        trees: Folders of `<sequence>/seqinfo.ini`, whose lengths and sizes win.

    Raises:
        InputError: A tree holds no sequence of the benchmark, or one is needed and none is given.
    """
    known = known_sequences(benchmark, split)
    found: dict[str, Extent] = {}
    for tree in trees or []:
        here = {path.parent.name: path for path in sorted(tree.glob("*/seqinfo.ini"))}
        if known:
            here = {
                name: here[folder]
                for name in known
                for folder in (name, *copies_of(name))
                if folder in here
            }
        if not here:
            raise InputError(
                f"{tree}: holds no <sequence>/seqinfo.ini of {benchmark}; give the folder right "
                "above the sequences"
            )
        for name, path in here.items():
            info = read_sequence_info(path)
            found[name] = Extent(info.length, info.width, info.height)
    if not known and not found:
        raise InputError(
            f"the sequences of {benchmark} are known by their seqinfo.ini alone; give their folder "
            "(--gt)"
        )
    return known | found
