"""The converters by name, and running one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from yolox.data.convert import bdd100k, coco, crowdhuman, kitti, labels_with_ids, mot, visdrone
from yolox.data.convert.conversion import Conversion, OnError, Progress, show_nothing
from yolox.data.convert.video import Split, make_document
from yolox.formats.coco import Document, write_coco
from yolox.structures import InputError


class Converter(NamedTuple):
    """One data set's converter.

    Attributes:
        splits: Finds what there is to convert below a folder.
        expects: The folder's layout, for people.
        halves: Writes the halved ground truth, where that is customary.
    """

    splits: Callable[[Path], list[Split]]
    expects: str
    halves: Callable[[Path, Path, Conversion], None] | None = None


class Converted(NamedTuple):
    """A JSON, None if nothing was left to write, and what did not go into it."""

    path: Path
    document: Document | None
    conversion: Conversion

    @property
    def stale(self) -> bool:
        """Whether the file is one of an earlier conversion."""
        return self.document is None and self.path.exists()


def _mot(layout: mot.Layout, expects: str) -> Converter:
    halves = partial(mot.write_halves, layout=layout) if layout.halves else None
    return Converter(partial(mot.splits, layout=layout), expects, halves)


def _jde(listed_in: str) -> Converter:
    return Converter(
        partial(labels_with_ids.splits, listed_in=listed_in),
        "**/images/**/NAME.png, **/labels_with_ids/**/NAME.txt, "
        f"the images listed in ../data_path/{listed_in} if that exists",
    )


_CHALLENGE = "{train,test}/SEQUENCE/{img1,gt/gt.txt,seqinfo.ini}"
CONVERTERS: dict[str, Converter] = {
    "mot15": _mot(mot.MOT, _CHALLENGE),
    "mot16": _mot(mot.MOT, _CHALLENGE),
    "mot17": _mot(mot.MOT17, _CHALLENGE),
    "mot20": _mot(mot.MOT, _CHALLENGE),
    "synthetic": _mot(mot.MOT, _CHALLENGE),
    "dancetrack": _mot(mot.DANCETRACK, "{train,val,test}/SEQUENCE/{img1,gt/gt.txt,seqinfo.ini}"),
    "sportsmot": _mot(
        mot.SPORTSMOT, "[dataset/]{train,val,test}/SEQUENCE/{img1,gt/gt.txt,seqinfo.ini}"
    ),
    "crowdhuman": Converter(
        crowdhuman.splits,
        "annotation_{train,val}.odgt, CrowdHuman_{train,val}/ID.jpg or Images/ID.jpg",
    ),
    "citypersons": _jde("citypersons.train"),
    "ethz": _jde("eth.train"),
    "labels_with_ids": Converter(
        labels_with_ids.splits, "**/images/**/NAME.jpg, **/labels_with_ids/**/NAME.txt"
    ),
    "visdrone": Converter(
        visdrone.splits,
        "VisDrone2019-MOT-{train,val,test-dev}/"
        "{sequences/SEQUENCE/0000001.jpg,annotations/SEQUENCE.txt}",
    ),
    "bdd100k": Converter(
        bdd100k.splits,
        "labels/box_track_20/{train,val}/VIDEO.json, images/track/{train,val}/VIDEO/NAME.jpg",
    ),
    "kitti": Converter(
        kitti.splits,
        "{training,testing}/image_02/SEQUENCE/000000.png, training/label_02/SEQUENCE.txt",
    ),
    "coco": Converter(
        coco.splits,
        "annotations/SPLIT.json, the images in SPLIT/, images/SPLIT/, images/ or here",
    ),
}


def convert(
    name: str,
    data_dir: Path,
    output: Path,
    *,
    on_error: OnError = "raise",
    progress: Progress = show_nothing,
) -> list[Converted]:
    """Convert a data set to `<output>/annotations/<split>.json`.

    Each file is written whole or not at all. For MOT15 to MOT20 the halved ground truth goes to
    `<output>/train/<sequence>/gt/gt_{train,val}_half.txt`.

    Args:
        name: One of `CONVERTERS`.
        data_dir: The data set's folder.
        output: Where to write; `data_dir` itself is customary.
        on_error: Whether the first wrong thing stops, or all are left out and counted.
        progress: Wraps what is iterated over for long, with a description.

    Returns:
        What was written, in order.

    Raises:
        InputError: Naming file and cure; also if there was nothing to write at all.
    """
    if name not in CONVERTERS:
        raise InputError(f"no converter {name!r}; there are {', '.join(CONVERTERS)}")
    if not data_dir.is_dir():
        raise InputError(f"{data_dir}: no such folder; give the folder of {name}")
    converter = CONVERTERS[name]
    found = {
        output / "annotations" / f"{split.name}.json": split for split in converter.splits(data_dir)
    }
    if not found:
        raise InputError(f"{data_dir}: is not laid out as {name} is: {converter.expects}")
    sources = {split.source.resolve() for split in found.values() if split.source is not None}
    for path in found:
        if path.resolve() in sources:
            raise InputError(f"{path}: would be replaced; give another folder as --output")
    written = []
    for path, split in found.items():
        conversion = Conversion(on_error, progress)
        document = conversion.attempt(partial(make_document, split, name, conversion))
        if document is not None:
            # Links resolved, as `..` leads out of what a link points to, not out of the link.
            root = os.path.relpath(split.image_root.resolve(), path.parent.resolve())
            document["info"]["image_root"] = Path(root).as_posix()
            write_coco(path, document)
        written.append(Converted(path, document, conversion))
    _check_written(data_dir, written)
    if converter.halves is not None:
        # Counted above already.
        converter.halves(data_dir, output, Conversion(on_error, progress))
    return written


def _check_written(data_dir: Path, results: list[Converted]) -> None:
    if any(result.document is not None for result in results):
        return
    first = next(iter(results[0].conversion.examples.values()))
    left = ", ".join(result.path.name for result in results if result.stale)
    stale = f" ({left} there: of an earlier conversion)" if left else ""
    raise InputError(f"{data_dir}: nothing was written{stale}; the first fault: {first}")
