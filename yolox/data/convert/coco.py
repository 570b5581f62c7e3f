"""Any COCO JSON, with or without videos and identities: `annotations/<split>.json`.

Where there are `annotations/instances_<split>.json`, as in COCO itself, only those are read. The
images are where `info.image_root` says (relative to the JSON), or else in the first of these
folders that has any of them: `<split>`, `images/<split>`, `images`, the data set's own.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import image_size
from yolox.data.convert.records import four_numbers, member
from yolox.data.convert.video import Box, Image, Split, Video, checked_visibility
from yolox.formats.coco import Document, Record, image_root, is_flag, is_raw_id, read_coco
from yolox.structures import InputError


def splits(root: Path) -> list[Split]:
    """Find the JSONs and the images of each."""
    found = []
    folder = root / "annotations"
    for path in sorted(folder.glob("instances_*.json")) or sorted(folder.glob("*.json")):
        document = read_coco(path, of_video=False)
        categories = {record["id"]: record["name"] for record in document["categories"]}
        name = path.stem.removeprefix("instances_")
        images = _find_images(root, name, path, document)
        read = partial(_videos, path=path, document=document, images=images, root=root)
        found.append(Split(name, images, categories, read, source=path))
    return found


def _find_images(root: Path, name: str, path: Path, document: Document) -> Path:
    info = document.get("info")
    if isinstance(info, dict) and "image_root" in info:
        # Without `..`, so that the names of links on the way stay.
        return Path(os.path.normpath(image_root(path, document)))
    folders = [root / name, root / "images" / name, root / "images", root]
    for folder in folders:
        if any((folder / record["file_name"]).is_file() for record in document["images"]):
            return folder
    looked = ", ".join(map(str, folders))
    raise InputError(f"{path}: none of its images is in {looked}; put them there")


def _videos(
    conversion: Conversion, path: Path, document: Document, images: Path, root: Path
) -> Iterator[Video]:
    named = _named_videos(path, document.get("videos", []))
    by_video: dict[int | str | None, list[Record]] = defaultdict(list)
    for row, record in enumerate(document["images"]):
        video_id = record.get("video_id")
        if not (video_id is None or is_raw_id(video_id)):
            raise InputError(
                f"{path}: images[{row}].video_id is {video_id!r}; give a number or a text"
            )
        by_video[video_id].append(record)
    by_image: dict[int, list[tuple[str, Record]]] = defaultdict(list)
    for row, record in enumerate(document["annotations"]):
        by_image[record["image_id"]].append((f"{path}: annotations[{row}]", record))
    for image_id in by_image.keys() - {record["id"] for record in document["images"]}:
        for where, _ in by_image[image_id]:
            conversion.fault("box without image", f"{where}: there is no image {image_id}")
    known = {record["id"] for record in document["categories"]}
    names: set[str] = set()
    for video_id, records in by_video.items():
        about = named.get(video_id, {})
        # Of each file, as another one may number its videos from 1 as well.
        default = path.stem if video_id is None else f"{path.stem}-{video_id}"
        name = str(about.get("file_name") or about.get("name") or default)
        if name in names:
            raise InputError(f"{path}: two videos are called {name!r}; rename one")
        names.add(name)
        frame_rate = about.get("frame_rate", about.get("fps"))
        frames = _frames(path, name, records)
        listed = []
        boxes = []
        shown = conversion.progress(zip(frames, records, strict=True), name)
        for frame, record in shown:
            if size := _size(images, path, record, conversion):
                listed.append(Image(frame, record["file_name"], *size))
            for where, annotation in by_image[record["id"]]:
                box = _box(frame, annotation, where, known, conversion)
                if box is not None:
                    boxes.append(box)
        of_video = video_id is not None or any("frame_id" in record for record in records)
        yield Video(
            name,
            sorted(listed),
            boxes,
            length=max(frames),
            frame_rate=frame_rate if isinstance(frame_rate, (int, float)) else None,
            still=not of_video and all(box.person is None for box in boxes),
            # Another data set's video may have the same name.
            identity_scope=f"{root.resolve().name}/{name}",
        )


def _named_videos(path: Path, videos: Any) -> dict[int | str | None, Record]:
    if not isinstance(videos, list):
        raise InputError(f"{path}: videos is {videos!r}; give a list or nothing")
    named: dict[int | str | None, Record] = {}
    for row, record in enumerate(videos):
        video_id = member(record, "id")
        if not is_raw_id(video_id) or video_id in named:
            raise InputError(
                f"{path}: videos[{row}].id is {video_id!r}; give each a number or text of its own"
            )
        named[video_id] = record
    return named


def _frames(path: Path, name: str, records: list[Record]) -> list[int]:
    """Number a video's images from 1, by their `frame_id` if all have one, or in their order."""
    given = [record.get("frame_id") for record in records]
    if None in given:
        return list(range(1, len(records) + 1))
    numbers = [number for number in given if type(number) is int]
    if len(set(numbers)) < len(given):
        raise InputError(f"{path}: frame_id in video {name} is no whole number or stands twice")
    return [number - min(numbers) + 1 for number in numbers]


def _size(
    images: Path, path: Path, record: Record, conversion: Conversion
) -> tuple[int, int] | None:
    found = image_size(images / record["file_name"], conversion)
    given = record["width"], record["height"]
    if found is not None and found != given:
        conversion.mend(
            "wrong image size",
            f"{path}: image {record['id']} is {given[0]} × {given[1]} by the file, in truth "
            f"{found[0]} × {found[1]}; correct width and height",
        )
    return found


def _box(
    frame: int, annotation: Record, where: str, known: set[int], conversion: Conversion
) -> Box | None:
    tlwh = four_numbers(annotation.get("bbox"))
    category = annotation["category_id"]
    # MMTracking's name for it.
    identity = annotation.get("track_id", annotation.get("instance_id"))
    crowd = annotation.get("iscrowd", 0)
    visible = annotation.get("bbox_vis")
    if tlwh is None:
        wrong = f"bbox is {annotation.get('bbox')}; give left, top, width, height"
    elif category not in known:
        wrong = f"category_id is {category}, which is none of the file's"
    elif identity is not None and not is_raw_id(identity):
        wrong = f"track_id is {identity!r}; give a number or a text, or -1 for none"
    elif not is_flag(crowd):
        wrong = f"iscrowd is {crowd!r}; give 0 or 1"
    elif visible is not None and four_numbers(visible) is None:
        wrong = f"bbox_vis is {visible}; give left, top, width, height, or nothing"
    else:
        return Box(
            frame=frame,
            tlwh=tlwh,
            where=where,
            identity=identity,
            category=category,
            visibility=checked_visibility(annotation.get("visibility", 1.0), where, conversion),
            crowd=bool(crowd),
            visible=four_numbers(visible),
        )
    conversion.fault("wrong record", f"{where}: {wrong}")
    return None
