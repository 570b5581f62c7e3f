"""MOTChallenge trees: MOT15, 16, 17 and 20, DanceTrack and SportsMOT.

`<root>/<split>/<sequence>/{img1/, gt/gt.txt, seqinfo.ini}`. Where the images are absent,
`seqinfo.ini` alone tells their number and size: ground truth converts and scores without them.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from yolox.data.convert.images import image_size, list_images
from yolox.data.convert.video import Box, Conversion, Image, Split, Video
from yolox.formats.mot import (
    LARGEST_FRAME,
    Half,
    SequenceInfo,
    half_frames,
    read_ground_truth,
    read_sequence_info,
    write_ground_truth,
)
from yolox.structures import InputError, TruthTable, xyxy_to_xywh

PEDESTRIAN = 1
# MOTChallenge's classes; the evaluation of MOT16, 17 and 20 counts the first only.
CLASSES = {
    2: "person on vehicle",
    3: "car",
    4: "bicycle",
    5: "motorbike",
    6: "non-motorised vehicle",
    7: "static person",
    8: "distractor",
    9: "occluder",
    10: "occluder on the ground",
    11: "occluder full",
    12: "reflection",
    13: "crowd",
}


class Layout(NamedTuple):
    """What differs between the benchmarks that share MOTChallenge's tree.

    Attributes:
        splits: JSON name by folder; the first existing one of a name is taken.
        labelled: Fits the sequences to take from a folder with ground truth: MOT17 has each of its
            sequences three times.
        halves: Whether to halve `train` too.
        digits: Of image names, where the images are absent.
    """

    splits: dict[str, str]
    labelled: str = "*"
    halves: bool = False
    digits: int = 6


CHALLENGE = {"train": "train", "test": "test"}
MOT = Layout(CHALLENGE, halves=True)
MOT17 = Layout(CHALLENGE, labelled="*-FRCNN", halves=True)
DANCETRACK = Layout({"train": "train", "val": "val", "test": "test"}, digits=8)
SPORTSMOT = Layout(
    {f"{top}{name}": name for top in ("", "dataset/") for name in ("train", "val", "test")}
)


def splits(root: Path, layout: Layout) -> list[Split]:
    """Find the splits of a tree: `train`, where it has them its halves, `val` and `test`.

    A folder that holds sequences itself is taken as `train`.
    """
    found: list[Split] = []
    folders = {
        name: root / folder
        for folder, name in reversed(layout.splits.items())
        if (root / folder).is_dir()
    }
    if not folders and any(root.glob("*/seqinfo.ini")):
        folders = {"train": root}
    for name in dict.fromkeys(layout.splits.values()):
        if name not in folders:
            continue
        read = partial(_videos, folder=folders[name], layout=layout, labelled=name != "test")
        found.append(Split(name, folders[name], {PEDESTRIAN: "pedestrian"}, read))
        if name == "train" and layout.halves:
            for half in ("train", "val"):
                halved = partial(read, half=half)
                found.append(found[-1]._replace(name=f"{half}_half", videos=halved))
    return found


def write_halves(root: Path, output: Path, conversion: Conversion, *, layout: Layout) -> None:
    """Write `gt_train_half.txt` and `gt_val_half.txt` of each sequence, with all rows of a part."""
    for split in splits(root, layout):
        if split.name != "train":
            continue
        for sequence in conversion.progress(_sequences(split.image_root, layout, True), "halves"):
            info = conversion.attempt(partial(_info, sequence))
            truth = conversion.attempt(partial(_truth, sequence, conversion))
            if info is None or truth is None:
                continue
            below = output / sequence.relative_to(root) / "gt"
            for half in ("train", "val"):
                frames = conversion.attempt(partial(_frames, sequence, info, half))
                if frames is not None:
                    write_ground_truth(below / f"gt_{half}_half.txt", truth.cut(*frames))


def _videos(
    conversion: Conversion, folder: Path, layout: Layout, labelled: bool, half: Half = "all"
) -> Iterator[Video]:
    for sequence in conversion.progress(_sequences(folder, layout, labelled), folder.name):
        info = conversion.attempt(partial(_info, sequence))
        truth = conversion.attempt(partial(_truth, sequence, conversion)) if labelled else None
        if info is None or (labelled and truth is None):
            continue
        frames = conversion.attempt(partial(_frames, sequence, info, half))
        if frames is None:
            continue
        first, last = frames
        images = _images(sequence, info, frames, layout.digits, conversion)
        if last == info.length:
            last = LARGEST_FRAME  # rows beyond the sequence are for the check of boxes to report
        yield Video(
            name=sequence.name,
            images=images,
            boxes=[] if truth is None else _boxes(sequence, truth.between(first, last), conversion),
            length=info.length,
            first=first,
            frame_rate=info.frame_rate,
        )


def _sequences(folder: Path, layout: Layout, labelled: bool) -> list[Path]:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return [
        folder / name for name in names if not labelled or fnmatch.fnmatch(name, layout.labelled)
    ]


def _info(sequence: Path) -> SequenceInfo:
    return read_sequence_info(sequence / "seqinfo.ini")


def _frames(sequence: Path, info: SequenceInfo, half: Half) -> tuple[int, int]:
    try:
        return half_frames(info.length, half)
    except InputError as error:
        raise InputError(f"{sequence}: {error}") from None


def _truth(sequence: Path, conversion: Conversion) -> TruthTable:
    return read_ground_truth(sequence / "gt" / "gt.txt", conversion.fault)


def _images(
    sequence: Path, info: SequenceInfo, frames: tuple[int, int], digits: int, conversion: Conversion
) -> list[Image]:
    """List the frames, from their files where there are any."""
    folder = sequence / "img1"
    size = info.width, info.height
    if not folder.is_dir():
        names = {frame: f"{frame:0{digits}d}.jpg" for frame in range(frames[0], frames[1] + 1)}
    else:
        names = _names_by_frame(folder, info, frames, conversion)
        if names and (found := image_size(folder / next(iter(names.values())), conversion)):
            if found != size:
                conversion.fault(
                    "wrong image size",
                    f"{sequence / 'seqinfo.ini'}: says {size[0]} × {size[1]}, the images are "
                    f"{found[0]} × {found[1]}; correct imWidth and imHeight",
                )
            size = found
    return [Image(frame, f"{sequence.name}/img1/{name}", *size) for frame, name in names.items()]


def _names_by_frame(
    folder: Path, info: SequenceInfo, frames: tuple[int, int], conversion: Conversion
) -> dict[int, str]:
    """Match image files and frames one to one."""
    found = {int(path.stem): path.name for path in list_images(folder) if path.stem.isdecimal()}
    names = {}
    for frame in range(frames[0], frames[1] + 1):
        if frame in found:
            names[frame] = found[frame]
        else:
            conversion.fault(
                "missing image", f"{folder}: image {frame} of {info.length} is missing"
            )
    for frame, name in found.items():
        if not 1 <= frame <= info.length:
            conversion.fault(
                "image beyond the sequence",
                f"{folder / name}: the sequence has frames 1 to {info.length} by its seqinfo.ini",
            )
    return names


def _boxes(sequence: Path, truth: TruthTable, conversion: Conversion) -> list[Box]:
    """Take what counts in the benchmark's evaluation."""
    counts = truth.considered & (truth.class_ids == PEDESTRIAN)
    for class_id in truth.class_ids[~counts].tolist():
        what = CLASSES.get(class_id, f"class {class_id}")
        conversion.by_rule["not considered" if class_id == PEDESTRIAN else what] += 1
    kept = truth.take(counts)
    path = sequence / "gt" / "gt.txt"
    columns = zip(
        kept.frames.tolist(),
        xyxy_to_xywh(kept.boxes).tolist(),
        kept.ids.tolist(),
        kept.visibility.tolist(),
        strict=True,
    )
    return [
        Box(
            frame=frame,
            tlwh=tuple(tlwh),
            where=f"{path}: frame {frame}, id {identity}",
            identity=identity,
            category=PEDESTRIAN,
            visibility=min(max(visibility, 0.0), 1.0),
        )
        for frame, tlwh, identity, visibility in columns
    ]
