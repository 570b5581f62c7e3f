"""COCO's JSON with what ByteTrack adds for video, read and written in one place.

On top of COCO's own: an image has `frame_id` (from 1), `video_id`, `prev_image_id` and
`next_image_id` (−1 for none); an annotation has `track_id` (−1 for none) and here `visibility` too;
`videos` names the sequences, `identities` says who each `track_id` is, and `info` has `image_root`,
the folder that the file names start from, relative to that of the JSON.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from yolox.formats.atomic import write_whole
from yolox.formats.text import read_json
from yolox.structures import InputError
from yolox.structures.detections import LARGEST_COORDINATE

Record = dict[str, Any]
Document = dict[str, Any]

LARGEST_SIDE = 1_000_000  # as in `seqinfo.ini`
_ABSENT = object()
_NUMBERS = frozenset((int, float))

# The classes of COCO's detection task, by the id that networks trained on it give them.
# fmt: off
COCO_CLASSES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat",
    "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack",
    "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball",
    "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
    "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair",
    "couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote",
    "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
    "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)
# fmt: on


# The checks are written so that NaN fails them, and True, which is an int to Python, too.
def is_number(value: Any, least: float, most: float) -> bool:
    """Tell whether a JSON value is a number from `least` to `most`."""
    return type(value) in _NUMBERS and bool(least <= value <= most)


def is_flag(value: Any) -> bool:
    """Tell whether a JSON value says yes or no, as 0, 1, false or true."""
    return isinstance(value, (int, float)) and value in (0, 1)


def is_share(value: Any) -> bool:
    """Tell whether a JSON value is a number in [0, 1]."""
    return is_number(value, 0, 1)


def is_raw_id(value: Any) -> bool:
    """Tell whether a JSON value names somebody: a whole number or a text."""
    return type(value) is int or isinstance(value, str)


def is_rectangle(value: Any) -> bool:
    """Tell whether a JSON value is left, top, width and height, or any four coordinates."""
    if not (isinstance(value, list) and len(value) == 4 and _NUMBERS.issuperset(map(type, value))):
        return False
    first, second, third, fourth = map(abs, value)
    most = LARGEST_COORDINATE  # asked for each number, as NaN would slip through a `max`
    return bool(first <= most and second <= most and third <= most and fourth <= most)


def _is_id(value: Any) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_side(value: Any) -> bool:
    return is_number(value, 1, LARGEST_SIDE) and bool(value % 1 == 0)


class _Kind(NamedTuple):
    """What a field may hold: the check of a value, and what to give instead of a wrong one."""

    holds: Callable[[Any], bool]
    give: str
    optional: bool = False


_ID = _Kind(_is_id, "give a whole number of 64 bits")
_TEXT = _Kind(_is_text, "give a text without NUL")
_SIDE = _Kind(_is_side, f"give a whole number of pixels from 1 to {LARGEST_SIDE}")
_BOX = _Kind(
    is_rectangle,
    f"give left, top, width, height, the latter two above 0, all within ±{LARGEST_COORDINATE:g}",
)
_FLAG = _Kind(is_flag, "give 0 or 1")
_SHARE = _Kind(is_share, "give a number from 0 to 1")
_RAW_ID = _Kind(is_raw_id, "give a whole number or a text")

_Fields = dict[str, _Kind]
# What plain COCO has; a converter judges the rest of an annotation record by record.
_IMAGE: _Fields = {"id": _ID, "file_name": _TEXT, "width": _SIDE, "height": _SIDE}
_ANNOTATION: _Fields = {"image_id": _ID, "category_id": _ID}
_CATEGORY: _Fields = {"id": _ID, "name": _TEXT}
# What training needs beside it.
_FRAME: _Fields = {"frame_id": _ID, "video_id": _ID}
_LABEL: _Fields = {
    "bbox": _BOX,
    "track_id": _ID._replace(optional=True),
    "iscrowd": _FLAG._replace(optional=True),
    "visibility": _SHARE._replace(optional=True),
}
_VIDEO: _Fields = {"id": _ID}
# What this project's converters write beside it.
_LINKS: _Fields = {"prev_image_id": _ID, "next_image_id": _ID}
_WHO: _Fields = {"track_id": _ID, "iscrowd": _FLAG}
_IDENTITY: _Fields = {"track_id": _ID, "dataset": _TEXT, "sequence": _TEXT, "raw_id": _RAW_ID}

_MEND = "mend the record"
_CONVERT = "convert it with tools/convert_dataset.py coco"
_LEAVE_OUT = "tools/convert_dataset.py coco --on-error skip leaves such out"
_CONVERT_ANEW = "convert the data set anew"


def read_coco(path: Path, *, of_video: bool = True) -> Document:
    """Read and check a COCO JSON.

    Args:
        path: The file.
        of_video: Whether the images must say their frame and video, and the annotations must be
            whole; else boxes, tracks and videos are for the caller to judge.

    Returns:
        The document; `images`, `annotations` (maybe empty) and `categories` are lists whose records
        have COCO's fields.

    Raises:
        InputError: Naming the file, the record and the cure.
    """
    document = read_json(path)
    if not isinstance(document, dict):
        raise InputError(f"{path}: holds a {type(document).__name__}; a COCO file holds an object")
    document.setdefault("annotations", [])
    for name, fields in (
        ("images", _IMAGE),
        ("annotations", _ANNOTATION),
        ("categories", _CATEGORY),
    ):
        records = document.get(name)
        if not isinstance(records, list) or (not records and name != "annotations"):
            raise InputError(f"{path}: has no list of {name}; is it a COCO file?")
        _check_fields(path, name, records, fields, _MEND)
    if of_video:
        _check_fields(path, "images", document["images"], _FRAME, _CONVERT)
        _check_fields(path, "annotations", document["annotations"], _LABEL, _LEAVE_OUT)
        _check_sides(path, document["annotations"])
        if "videos" in document:
            _check_list(path, document, "videos", _VIDEO, _MEND)
    for name in ("images", "categories"):
        _check_unique(path, name, document[name], "id")
    return document


def read_converted(path: Path) -> Document:
    """Read what a converter of this project wrote, or somebody edited since.

    Raises:
        InputError: Naming the file, the record and the cure.
    """
    document = read_coco(path)
    if "identities" not in document:
        raise InputError(f"{path}: does not say who its track_ids are; {_CONVERT}")
    _check_list(path, document, "videos", _VIDEO, _CONVERT_ANEW)
    _check_list(path, document, "identities", _IDENTITY, _CONVERT_ANEW, key="track_id")
    _check_fields(path, "images", document["images"], _LINKS, _CONVERT_ANEW)
    _check_fields(path, "annotations", document["annotations"], _WHO, _CONVERT_ANEW)
    check_references(path, document)
    _check_known(path, "images", document["images"], "video_id", _ids(document, "videos"))
    known = _ids(document, "identities", "track_id") | {-1}
    _check_known(path, "annotations", document["annotations"], "track_id", known)
    return document


def check_references(path: Path, document: Document) -> None:
    """Check that each annotation has its image and its category.

    Raises:
        InputError: Naming the file, the record and the cure.
    """
    for field, name in (("image_id", "images"), ("category_id", "categories")):
        records = document["annotations"]
        _check_known(path, "annotations", records, field, _ids(document, name))


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
    if "\0" in root:
        raise InputError(f"{path}: info.image_root is {root!r}; give a text without NUL")
    return path.parent / root


def _ids(document: Document, name: str, field: str = "id") -> set[int]:
    return {record[field] for record in document[name]}


def _check_fields(path: Path, name: str, records: list[Any], fields: _Fields, cure: str) -> None:
    """Check field by field what the records hold: that is faster than record by record."""
    if set(map(type, records)) - {dict}:
        row = [isinstance(record, dict) for record in records].index(False)
        shown = reprlib.repr(records[row])
        raise InputError(f"{path}: {name}[{row}] is {shown}; give an object, or {cure}")
    for field, (holds, give, optional) in fields.items():
        for row, record in enumerate(records):
            value = record.get(field, _ABSENT)
            if value is _ABSENT and optional:
                continue
            if not holds(value):
                shown = reprlib.repr(value)
                fault = "missing;" if value is _ABSENT else f"{shown}; {give}, or"
                raise InputError(f"{path}: {name}[{row}].{field} is {fault} {cure}")


def _check_list(
    path: Path, document: Document, name: str, fields: _Fields, cure: str, key: str = "id"
) -> None:
    records = document.get(name)
    if not isinstance(records, list):
        found = "missing" if name not in document else reprlib.repr(records)
        raise InputError(f"{path}: {name} is {found}; give a list, or {cure}")
    _check_fields(path, name, records, fields, cure)
    _check_unique(path, name, records, key)


def _check_unique(path: Path, name: str, records: list[Record], field: str) -> None:
    seen = set()
    for record in records:
        if record[field] in seen:
            raise InputError(
                f"{path}: two {name} have the same {field}, {record[field]}; number them anew"
            )
        seen.add(record[field])


def _check_sides(path: Path, annotations: list[Record]) -> None:
    """Check that boxes have a size; crowds, which nothing is learned from, may have none."""
    for row, record in enumerate(annotations):
        left, top, width, height = record["bbox"]
        # Training has single precision, whose 24 bits must still tell the sides apart.
        right = width > abs(left) * 2**-22 and height > abs(top) * 2**-22
        if not right and not record.get("iscrowd", 0):
            raise InputError(
                f"{path}: annotations[{row}].bbox is {record['bbox']}; {_BOX.give}, or {_LEAVE_OUT}"
            )


def _check_known(path: Path, name: str, records: list[Record], field: str, known: set[int]) -> None:
    what = "identity" if field == "track_id" else field.removesuffix("_id")
    cure = _LEAVE_OUT if what in ("image", "category") else _CONVERT_ANEW
    for row, record in enumerate(records):
        if record[field] not in known:
            raise InputError(
                f"{path}: {name}[{row}].{field} is {record[field]}, which no {what} has; {cure}"
            )
