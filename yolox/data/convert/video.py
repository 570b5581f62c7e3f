"""What every converter makes of its files, and how that becomes a COCO document.

A converter yields a `Split` for each JSON, and a split yields its videos; everything that all data
sets share (checks of boxes, numbering, identities, what was left out and why) is here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from yolox.data.convert.conversion import Conversion
from yolox.data.id_space import Identity, IdSpace
from yolox.formats.coco import Document, Record, is_share
from yolox.formats.mot_rows import LARGEST_FRAME
from yolox.structures import InputError

Tlwh = tuple[float, float, float, float]


class Image(NamedTuple):
    """One frame: its number from 1 in the whole video, its file below the image root, its size."""

    frame: int
    file_name: str
    width: int
    height: int


class Box(NamedTuple):
    """One labelled object.

    Attributes:
        frame: Number of the image in its video, from 1.
        tlwh: Left, top, width, height of the whole object in image pixels; may leave the image.
        where: File and line, or record, for messages.
        identity: The raw id, None where the data set has none; below 0 it is nobody's.
        category: Category id.
        visibility: Visible share in [0, 1].
        crowd: A region or object that is neither a target nor background, and nobody.
        visible: The visible part as a box, where the data set has one.
    """

    frame: int
    tlwh: Tlwh
    where: str
    identity: int | str | None = None
    category: int = 1
    visibility: float = 1.0
    crowd: bool = False
    visible: Tlwh | None = None

    @property
    def person(self) -> int | str | None:
        """The raw id of somebody: None for crowds, and for ids below 0 in every data set."""
        nobody = self.crowd or (isinstance(self.identity, int) and self.identity < 0)
        return None if nobody else self.identity


class Video(NamedTuple):
    """A sequence, or a set of still images, of which no two show the same person.

    Attributes:
        name: Of the sequence.
        images: Ordered by frame.
        boxes: Of these images.
        length: Frames of the whole sequence, of which `images` may be a part.
        first: The frame that becomes number 1.
        frame_rate: Images a second, None where nobody says.
        still: Whether the images are no sequence.
        identity_scope: What the raw ids are unique in, where it is not this video.
    """

    name: str
    images: list[Image]
    boxes: list[Box]
    length: int
    first: int = 1
    frame_rate: float | None = None
    still: bool = False
    identity_scope: str | None = None


class Split(NamedTuple):
    """One JSON to make.

    Attributes:
        name: Of the JSON: `train_half`.
        image_root: Folder that the file names start from.
        categories: Names by category id.
        videos: Reads the videos, telling of all that is left out.
        source: The JSON it is made from, if it is made from one.
    """

    name: str
    image_root: Path
    categories: dict[int, str]
    videos: Callable[[Conversion], Iterator[Video]]
    source: Path | None = None


def number_classes(names: Sequence[str]) -> dict[int, str]:
    """Give classes the category ids from 1 on."""
    return dict(enumerate(names, start=1))


def checked_visibility(value: Any, where: str, conversion: Conversion) -> float:
    """Give a visible share; one that cannot be is a fault, mended as wholly visible."""
    if is_share(value):
        return float(value)
    conversion.mend("wrong visibility", f"{where}: visibility is {value!r}; give 0 to 1")
    return 1.0


def make_document(split: Split, dataset: str, conversion: Conversion) -> Document:
    """Read a split and make its COCO document.

    Image ids run through whole sequences, of halves too; frames, track ids and annotations count
    from 1 within the document, as ByteTrack's do.

    Raises:
        InputError: Something is wrong and not to be skipped, or no image is left.
    """
    videos = list(_checked(split.videos(conversion), conversion))
    if not videos:
        raise InputError(
            f"{split.image_root}: no image is left for {split.name}.json; put some there"
        )
    images = [_image_records(video, number, videos) for number, video in enumerate(videos)]
    space = IdSpace(
        who for video in videos for box in video.boxes if (who := _identity(dataset, video, box))
    )
    image_ids = [
        {image.frame: record["id"] for image, record in zip(video.images, records, strict=True)}
        for video, records in zip(videos, images, strict=True)
    ]
    boxes = (
        (ids[box.frame], space.number(_identity(dataset, video, box)), box)
        for video, ids in zip(videos, image_ids, strict=True)
        for box in video.boxes
    )
    return {
        "info": {"dataset": dataset, "split": split.name},
        "videos": [_video_record(video, number) for number, video in enumerate(videos, start=1)],
        "images": [record for records in images for record in records],
        "annotations": [
            _annotation(number, image_id, track_id, box)
            for number, (image_id, track_id, box) in enumerate(boxes, start=1)
        ],
        "categories": [{"id": number, "name": name} for number, name in split.categories.items()],
        "identities": space.to_records(),
    }


def _checked(videos: Iterable[Video], conversion: Conversion) -> Iterator[Video]:
    for video in videos:
        if not video.images:
            conversion.fault("empty sequence", f"{video.name}: has no images")
        elif video.length > LARGEST_FRAME:
            conversion.fault(
                "sequence too long",
                f"{video.name}: has {video.length} frames by its numbers; give at most "
                f"{LARGEST_FRAME}",
            )
        else:
            yield _check_boxes(video, conversion)


def _check_boxes(video: Video, conversion: Conversion) -> Video:
    """Leave out boxes that cannot be, and those of frames that are not there."""
    sizes = {image.frame: (image.width, image.height) for image in video.images}
    seen: set[tuple[int, int | str]] = set()
    kept = []
    for box in video.boxes:
        size = sizes.get(box.frame)
        key = None if box.person is None else (box.frame, box.person)
        if size is None:
            conversion.fault(
                "box without image",
                f"{box.where}: is of frame {box.frame}, of which there is no image",
            )
        # Three decimals are written: a smaller side would become 0, which no reader takes.
        elif not all(map(math.isfinite, box.tlwh)) or min(box.tlwh[2:]) < 0.001:
            conversion.fault(
                "box without size",
                f"{box.where}: width and height are {box.tlwh[2]:g} and {box.tlwh[3]:g}; "
                "both must be above 0",
            )
        elif _is_far_outside(box.tlwh, *size):
            conversion.fault(
                "box outside the image",
                f"{box.where}: the box {_shown(box.tlwh)} lies outside the image of "
                f"{size[0]} × {size[1]} by more than its own size; are the units right?",
            )
        elif key is not None and key in seen:
            conversion.fault(
                "id clash", f"{box.where}: id {box.identity} stands twice in frame {box.frame}"
            )
        else:
            kept.append(box)
            if key is not None:
                seen.add(key)
    return video._replace(boxes=kept)


def _is_far_outside(tlwh: Tlwh, width: int, height: int) -> bool:
    """Tell whether a box is farther from the image than it is large.

    Annotators follow a person a little beyond the border: MOT17 has such boxes.
    """
    left, top, wide, tall = tlwh
    return left + 2 * wide < 0 or left - wide > width or top + 2 * tall < 0 or top - tall > height


def _identity(dataset: str, video: Video, box: Box) -> Identity | None:
    if box.person is None:
        return None
    scope = video.name if video.identity_scope is None else video.identity_scope
    return Identity(dataset, scope, box.person)


def _image_records(video: Video, index: int, videos: list[Video]) -> list[Record]:
    before = sum(earlier.length for earlier in videos[:index])
    ids = [before + image.frame for image in video.images]
    neighbours = zip([-1, *ids[:-1]], [*ids[1:], -1], strict=True)
    linked = ((-1, -1) for _ in ids) if video.still else neighbours
    return [
        {
            "file_name": image.file_name,
            "id": image_id,
            "frame_id": image.frame - video.first + 1,
            "prev_image_id": previous,
            "next_image_id": following,
            "video_id": index + 1,
            "height": image.height,
            "width": image.width,
        }
        for image, image_id, (previous, following) in zip(video.images, ids, linked, strict=True)
    ]


def _video_record(video: Video, number: int) -> Record:
    record: Record = {"id": number, "file_name": video.name}
    if video.frame_rate is not None:
        record["frame_rate"] = video.frame_rate
    return record


def _annotation(number: int, image_id: int, track_id: int, box: Box) -> Record:
    record: Record = {
        "id": number,
        "category_id": box.category,
        "image_id": image_id,
        "track_id": track_id,
        "bbox": [round(value, 3) for value in box.tlwh],
        "conf": 1.0,
        "iscrowd": int(box.crowd),
        "area": round(box.tlwh[2] * box.tlwh[3], 3),
        "visibility": round(box.visibility, 4),
    }
    if box.visible is not None:
        record["bbox_vis"] = [round(value, 3) for value in box.visible]
    return record


def _shown(tlwh: Tlwh) -> str:
    return ", ".join(f"{value:g}" for value in tlwh)
