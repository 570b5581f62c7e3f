"""COCO's JSON with what ByteTrack adds for video, read and written in one place.

On top of COCO's own: an image has `frame_id` (from 1), `video_id`, `prev_image_id` and
`next_image_id` (−1 for none); an annotation has `track_id` (−1 for none) and here `visibility` too;
`videos` names the sequences, `identities` says who each `track_id` is, and `info` has `image_root`,
the folder that the file names start from, relative to that of the JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolox.formats.atomic import write_whole
from yolox.formats.text import read_text
from yolox.structures import InputError

Record = dict[str, Any]
Document = dict[str, Any]

_NUMBER = (int, float)
_IMAGE = {"id": int, "file_name": str, "width": _NUMBER, "height": _NUMBER}
_FRAME = {"frame_id": int, "video_id": int}
_ANNOTATION = {"image_id": int, "category_id": int, "bbox": list}
_CATEGORY = {"id": int, "name": str}
_CURE = "convert it with tools/convert_dataset.py coco"


def read_coco(path: Path, *, of_video: bool = True) -> Document:
    """Read and check a COCO JSON.

    Args:
        path: The file.
        of_video: Whether the images must say their frame and video.

    Returns:
        The document; `images`, `annotations` (maybe empty) and `categories` are lists whose records
        have COCO's fields.

    Raises:
        InputError: Naming the file, the record and the cure.
    """
    try:
        document = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: holds a {type(document).__name__}; a COCO file holds an object")
    image = _IMAGE | _FRAME if of_video else _IMAGE
    for name, fields in (
        ("images", image),
        ("annotations", _ANNOTATION),
        ("categories", _CATEGORY),
    ):
        records = document.setdefault(name, [])
        if not isinstance(records, list) or (not records and name != "annotations"):
            raise InputError(f"{path}: has no list of {name}; is it a COCO file?")
        _check_records(path, name, records, fields)
    known = {record["id"] for record in document["images"]}
    if len(known) != len(document["images"]):
        raise InputError(f"{path}: two images have the same id; number them anew")
    return document


def write_coco(path: Path, document: Document) -> None:
    """Write a document as compact JSON."""
    with write_whole(path) as file:
        file.write(json.dumps(document, separators=(",", ":")))


def image_root(path: Path, document: Document) -> Path:
    """Give the folder that a document's file names start from.

    Raises:
        InputError: The document does not say.
    """
    info = document.get("info")
    root = info.get("image_root") if isinstance(info, dict) else None
    if not isinstance(root, str):
        raise InputError(f"{path}: info.image_root is missing; name the folder of the images")
    return path.parent / root


def _check_records(path: Path, name: str, records: list[Record], fields: dict[str, Any]) -> None:
    for row, record in enumerate(records):
        for field, kind in fields.items():
            value = record.get(field) if isinstance(record, dict) else None
            if not isinstance(value, kind):
                found = "missing" if value is None else repr(value)
                cure = _CURE if field in _FRAME else "mend the record"
                raise InputError(f"{path}: {name}[{row}].{field} is {found}; {cure}")
