"""A COCO JSON as columns, ready for training: who is where in which image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from yolox.data.id_space import UNKNOWN
from yolox.formats.coco import Document, Record, check_references, image_root, read_coco
from yolox.structures import xywh_to_xyxy
from yolox.structures.boxes import Array


class Objects(NamedTuple):
    """The objects of one image.

    Attributes:
        boxes: `(N, 4)` float32 xyxy in pixels of that image; they may leave it.
        class_ids: `(N,)` int64, from 0.
        identities: `(N,)` int64, classes of the ID classifier from 0, −1 where nobody knows.
        visibility: `(N,)` float32, the visible share in [0, 1].
    """

    boxes: Array
    class_ids: Array
    identities: Array
    visibility: Array

    def take(self, rows: Array | slice) -> Objects:
        """Keep the rows that an index array, a mask or a slice selects."""
        return Objects(*(column[rows] for column in self))

    @classmethod
    def join(cls, parts: list[Objects]) -> Objects:
        """Put the objects of several images into one."""
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return cls(np.empty((0, 4), dtype=np.float32), none, none, none.astype(np.float32))
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@dataclass(frozen=True, eq=False, kw_only=True)
class Annotations:
    """Images with their objects.

    Attributes:
        root: Folder that `files` start from.
        files: File of each image.
        image_ids: `(M,)` int64, COCO's.
        sizes: `(M, 2)` int64, width and height in pixels.
        frames: `(M,)` int64, from 1 in the video.
        videos: `(M,)` int64, COCO's.
        video_names: By video id.
        class_names: By class id.
        objects: All objects, those of an image together.
        starts: `(M + 1,)` int64: image i has the rows `starts[i]` to `starts[i + 1]`.
        track_ids: `(I,)` int64, the file's `track_id` of each identity.
    """

    root: Path
    files: list[str]
    image_ids: Array
    sizes: Array
    frames: Array
    videos: Array
    video_names: dict[int, str]
    class_names: tuple[str, ...]
    objects: Objects
    starts: Array
    track_ids: Array

    def __len__(self) -> int:
        return len(self.files)

    @property
    def num_identities(self) -> int:
        """Classes that the ID classifier needs."""
        return len(self.track_ids)

    def of_image(self, index: int) -> Objects:
        """Give the objects of one image."""
        return self.objects.take(slice(*self.starts[index : index + 2].tolist()))


def read_annotations(path: Path, images: Path | None = None) -> Annotations:
    """Read what `tools/convert_dataset.py` wrote, or ByteTrack's converters.

    Crowd regions are neither targets nor background and are left out. Identities are the file's
    track ids, renumbered from 0 without gaps.

    Args:
        path: The JSON.
        images: Folder of the images; by default what the file says.

    Raises:
        InputError: Naming the file, the record and the cure.
    """
    return annotations_of(read_coco(path), path, images)


def annotations_of(document: Document, path: Path, images: Path | None = None) -> Annotations:
    """Take the columns from a document that `read_coco` read; see `read_annotations`."""
    check_references(path, document)
    records = document["images"]
    row_of = {record["id"]: row for row, record in enumerate(records)}
    names = _names(document["categories"])
    class_of = {category: i for i, category in enumerate(sorted(names))}
    labels = [record for record in document["annotations"] if not record.get("iscrowd", 0)]

    rows = np.array([row_of[record["image_id"]] for record in labels], dtype=np.int64)
    order = np.argsort(rows, kind="stable")
    track_ids = np.array([record.get("track_id", UNKNOWN) for record in labels], dtype=np.int64)
    known = np.unique(track_ids[track_ids >= 0])
    objects = Objects(
        boxes=xywh_to_xyxy(
            np.array([record["bbox"] for record in labels], dtype=np.float32).reshape(-1, 4)
        ),
        class_ids=np.array([class_of[record["category_id"]] for record in labels], dtype=np.int64),
        identities=np.where(track_ids >= 0, np.searchsorted(known, track_ids), UNKNOWN),
        visibility=np.array([record.get("visibility", 1) for record in labels], dtype=np.float32),
    )
    return Annotations(
        root=image_root(path, document) if images is None else images,
        files=[record["file_name"] for record in records],
        image_ids=_column(records, "id"),
        sizes=np.stack([_column(records, "width"), _column(records, "height")], axis=1),
        frames=_column(records, "frame_id"),
        videos=_column(records, "video_id"),
        video_names={
            video["id"]: str(video.get("file_name", video.get("name", video["id"])))
            for video in document.get("videos", [])
        },
        class_names=tuple(names[category] for category in sorted(names)),
        objects=objects.take(order),
        starts=np.searchsorted(rows[order], np.arange(len(records) + 1)),
        track_ids=known,
    )


def _names(categories: list[Record]) -> dict[int, str]:
    return {category["id"]: category["name"] for category in categories}


def _column(records: list[Record], field: str) -> Array:
    return np.array([record[field] for record in records], dtype=np.int64)
