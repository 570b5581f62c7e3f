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

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import by_number, list_folders, measured
from yolox.data.convert.video import Box, Image, Split, Video, checked_visibility
from yolox.formats.mot import (
    Half,
    SequenceInfo,
    half_frames,
    read_ground_truth,
    read_sequence_info,
    write_ground_truth,
)
from yolox.formats.mot_rows import LARGEST_FRAME
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
        found = conversion.attempt(partial(_sequences, split.image_root, layout, True)) or []
        for sequence in conversion.progress(found, "halves"):
            read = conversion.attempt(partial(_read, sequence, True, conversion))
            if read is None or read[1] is None:
                continue
            info, truth = read[0], read[1]
            below = output / sequence.relative_to(root) / "gt"
            for half in ("train", "val"):
                frames = conversion.attempt(partial(_frames, sequence, info, half))
                if frames is not None:
                    write_ground_truth(below / f"gt_{half}_half.txt", truth.cut(*frames))


def _videos(
    conversion: Conversion, folder: Path, layout: Layout, labelled: bool, half: Half = "all"
) -> Iterator[Video]:
    for sequence in conversion.progress(_sequences(folder, layout, labelled), folder.name):
        read = conversion.attempt(partial(_read, sequence, labelled, conversion))
        if read is None:
            continue
        info, truth = read
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
    """List the folders that have anything of a sequence, with labels those to take."""
    there = [
        path
        for path in list_folders(folder)
        if path.name != "annotations"
        and any((path / part).exists() for part in ("seqinfo.ini", "gt", "img1"))
    ]
    taken = [path for path in there if not labelled or fnmatch.fnmatch(path.name, layout.labelled)]
    if there and not taken:
        raise InputError(
            f"{folder}: none of its {len(there)} sequences is called {layout.labelled} (first: "
            f"{there[0].name}); for another set of this layout use mot20 or synthetic"
        )
    return taken


def _read(
    sequence: Path, labelled: bool, conversion: Conversion
) -> tuple[SequenceInfo, TruthTable | None]:
    """Read what the text files say, the truth only where there is any."""
    info = read_sequence_info(sequence / "seqinfo.ini")
    truth = None
    if labelled:
        truth = read_ground_truth(sequence / "gt" / "gt.txt", conversion.fault)
    if not (sequence / "img1").is_dir():
        _check_length(sequence, info, truth)
    return info, truth


def _check_length(sequence: Path, info: SequenceInfo, truth: TruthTable | None) -> None:
    """Check `seqLength` by the ground truth, where no images do."""
    if truth is None or not len(truth.frames):
        raise InputError(
            f"{sequence}: has neither ground truth nor the folder img1; fetch the images"
        )
    last = int(truth.frames.max())
    if info.length > 10 * last:
        raise InputError(
            f"{sequence / 'seqinfo.ini'}: seqLength is {info.length}, but the last frame of "
            f"gt.txt is {last}; correct it, or fetch the images"
        )


def _frames(sequence: Path, info: SequenceInfo, half: Half) -> tuple[int, int]:
    try:
        return half_frames(info.length, half)
    except InputError as error:
        raise InputError(f"{sequence}: {error}") from None


def _images(
    sequence: Path, info: SequenceInfo, frames: tuple[int, int], digits: int, conversion: Conversion
) -> list[Image]:
    """List the frames, from their files where there are any."""
    folder = sequence / "img1"
    size = info.width, info.height
    if not folder.is_dir():
        names = (
            f"{sequence.name}/img1/{n:0{digits}d}.jpg" for n in range(frames[0], frames[1] + 1)
        )
        return [Image(frame, name, *size) for frame, name in enumerate(names, start=frames[0])]
    files = _files_by_frame(folder, info, frames, conversion)
    images = list(measured(files.items(), sequence.parent, conversion))
    for image in images:
        if (image.width, image.height) != size:
            conversion.mend(
                "wrong image size",
                f"{sequence.parent / image.file_name}: is {image.width} × {image.height}, but "
                f"seqinfo.ini says {size[0]} × {size[1]}; correct imWidth and imHeight, or fetch "
                "the image anew",
            )
    return images


def _files_by_frame(
    folder: Path, info: SequenceInfo, frames: tuple[int, int], conversion: Conversion
) -> dict[int, Path]:
    """Match image files and frames one to one."""
    found = by_number(folder, conversion)
    files = {}
    for frame in range(frames[0], frames[1] + 1):
        if frame in found:
            files[frame] = found[frame]
        else:
            conversion.fault(
                "missing image", f"{folder}: image {frame} of {info.length} is missing"
            )
    for frame, path in found.items():
        if not 1 <= frame <= info.length:
            conversion.fault(
                "image beyond the sequence",
                f"{path}: the sequence has frames 1 to {info.length} by its seqinfo.ini",
            )
    return files


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
    boxes = []
    for frame, tlwh, identity, visibility in columns:
        where = f"{path}: frame {frame}, id {identity}"
        shown = checked_visibility(visibility, where, conversion)
        boxes.append(Box(frame, tuple(tlwh), where, identity, PEDESTRIAN, shown))
    return boxes
